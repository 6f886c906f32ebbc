"""Synchronisation after an absence: `POST /api/chat/sync` and the event `chat:sync`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.bodies import read_body, reply
from api.http.errors import Malformed
from api.openapi.operation import op
from api.realtime.sockets import Socket
from api.schemas.swaps import swap_document
from api.schemas.sync import NewsDocument, SyncBody, missed_document
from api.schemas.users import own_user
from domain.errors import NotFound
from domain.languages import locale_or_default
from domain.sync import SyncCursor
from domain.users import User
from handlers import sync
from handlers.runtime.deps import Deps

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@op(tags=("chat",), ok=NewsDocument, body=SyncBody)
async def post_sync(request: web.Request) -> web.Response:
    """Get everything that you missed.

    For each conversation: the messages after `after`, and those edited or deleted since `changes`;
    send the returned `changes` with the next sync. With `since` (the `cursor` of the last sync)
    also the swaps that have changed, and your profile. With `resync_required` your position is too
    old: load the data anew.
    """
    deps, actor = await signed_in(request)
    return reply(await _news(deps, actor, await read_body(request, SyncBody)))


async def on_sync(deps: Deps, socket: Socket, data: Any) -> dict[str, Any]:
    """Handle `chat:sync`, for one conversation (`swap_id`) or several (`chats`)."""
    body = SyncBody.model_validate(data)
    if body.swap_id is None:
        return dict(await _news(deps, socket.user, body))
    news = await sync.catch_up(deps, socket.user, [SyncCursor(body.swap_id, body.after, body.changes)])
    (missed,) = news.conversations
    if missed.is_absent:
        raise NotFound("swap.not_found")
    return dict(missed_document(missed))


async def _news(deps: Deps, actor: User, body: SyncBody) -> NewsDocument:
    since = _read_cursor(body.since) if body.since is not None else None
    cursors = [SyncCursor(cursor.swap_id, cursor.after, cursor.changes) for cursor in body.chats]
    if body.swap_id is not None:
        cursors.append(SyncCursor(body.swap_id, body.after, body.changes))
    news = await sync.catch_up(deps, actor, cursors, since=since)
    texts = deps.texts[locale_or_default(actor.locale)]
    return {
        "chats": [missed_document(missed) for missed in news.conversations],
        "swaps": [swap_document(swap, actor.id, deps.now(), texts) for swap in news.swaps],
        "user": own_user(actor) if since is not None else None,
        "cursor": str((news.at - _EPOCH) // timedelta(milliseconds=1)),
        "resync_required": news.is_lost,
    }


def _read_cursor(cursor: str) -> datetime:
    if not (cursor.isascii() and cursor.isdecimal()) or len(cursor) > len("9999999999999"):
        raise Malformed("invalid_cursor")
    return _EPOCH + timedelta(milliseconds=int(cursor))


def routes() -> list[web.RouteDef]:
    return [web.post("/api/chat/sync", post_sync)]
