"""Routes of disputes, for moderators: the list of open ones, and a decision."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.bodies import read_body, read_query, reply
from api.http.cursors import next_page
from api.openapi.operation import op
from api.schemas.disputes import DisputeDecisionBody, DisputeDocument, DisputesQuery, dispute_document
from handlers import disputes

MAX_LISTED: Final = 50


@op(tags=("moderation",), ok=list[DisputeDocument], query=DisputesQuery, errors=(403,))
async def list_disputes(request: web.Request) -> web.Response:
    """List the open disputes.

    For moderators: swaps whose two remember a session differently, oldest first. Those that you take
    part in are not among them. When there are more, the `Link` header names the next page.
    """
    deps, actor = await signed_in(request)
    query = read_query(request, DisputesQuery)
    limit = min(query.limit or MAX_LISTED, MAX_LISTED)
    page = await disputes.list_disputes(deps, actor, after=query.after, limit=limit)
    headers = next_page("/api/disputes", after=page[-1].id, limit=limit) if len(page) == limit else None
    return reply([dispute_document(swap) for swap in page], headers=headers)


@op(tags=("moderation",), ok=DisputeDocument, body=DisputeDecisionBody, errors=(403, 404, 409))
async def put_dispute(request: web.Request) -> web.Response:
    """Decide a dispute.

    For moderators without a part in it. Both are told, with the reason. Of two decisions at the same
    time one gets 409.
    """
    deps, actor = await signed_in(request)
    body = await read_body(request, DisputeDecisionBody)
    swap = await disputes.decide_dispute(deps, actor, request.match_info["id"], body.decision, body.reason)
    return reply(dispute_document(swap))


def routes() -> list[web.RouteDef]:
    return [web.get("/api/disputes", list_disputes), web.put("/api/disputes/{id}", put_dispute)]
