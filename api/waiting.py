"""Routes of what waits for a user, and of how much they may ask for themselves."""

from __future__ import annotations

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.bodies import reply
from api.openapi.operation import op
from api.schemas.quotas import QuotaDocument, quota_document
from api.schemas.waiting import BadgesDocument, WaitingDocument, waiting_document
from handlers.badges import count_badges
from handlers.quotas import get_quota
from handlers.waiting import list_waiting


@op(tags=("swaps",), ok=list[WaitingDocument])
async def get_waiting(request: web.Request) -> web.Response:
    """List what waits for you, the nearest end first.

    Only what you can still do: an expired request is not among it. The number is good for a badge.
    """
    deps, actor = await signed_in(request)
    return reply([waiting_document(one) for one in await list_waiting(deps, actor)])


@op(tags=("swaps",), ok=BadgesDocument)
async def get_badges(request: web.Request) -> web.Response:
    """Count what waits for you, and your unread conversations.

    The numbers of a navigation, in one small answer; ask again when a socket event says that something has changed.
    """
    deps, actor = await signed_in(request)
    badges = await count_badges(deps, actor)
    return reply(BadgesDocument(waiting=len(badges.waiting), unread=badges.unread))


@op(tags=("swaps",), ok=QuotaDocument)
async def get_own_quota(request: web.Request) -> web.Response:
    """Get how many requests you may still make.

    When all places are taken, `POST /api/swap` and `POST /api/circles` answer 429 with the same
    numbers in `quota`.
    """
    deps, actor = await signed_in(request)
    return reply(quota_document(await get_quota(deps, actor)))


def routes() -> list[web.RouteDef]:
    return [
        web.get("/api/waiting", get_waiting),
        web.get("/api/badges", get_badges),
        web.get("/api/quota", get_own_quota),
    ]
