"""Swaps: asking, answering, listing."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlencode

from aiohttp import hdrs, web

from api.auth.current_user import signed_in
from api.http.bodies import read_body, read_query, reply
from api.http.errors import Malformed, Stale
from api.http.idempotency import once
from api.http.versions import etag, expected_version
from api.openapi.operation import op
from api.schemas.swaps import AnswerBody, ProposalBody, SwapDocument, SwapsQuery, swap_document
from domain.errors import Conflict
from domain.swaps import Swap
from domain.users import User
from handlers import swaps
from handlers.swaps import Proposal

MAX_PAGE: Final = 100

_ID: Final = re.compile(r"[0-9a-f]{24}")


@op(tags=("swaps",), ok=SwapDocument, status=201, body=ProposalBody, errors=(404, 409), is_repeatable=True)
async def post_swap(request: web.Request) -> web.Response:
    """Ask somebody for a swap.

    `offered_skill` is one that you teach, `wanted_skill` one that they teach. 409 when the two of you have this swap
    open already; `current` is that swap. At most ten requests a day.
    """
    deps, actor = await signed_in(request)
    body = await read_body(request, ProposalBody)

    async def respond() -> web.Response:
        proposal = Proposal(body.to_user_id, body.offered_skill, body.wanted_skill, body.message)
        swap = await swaps.propose_swap(deps, actor, proposal)
        headers = {"Location": f"/api/swap/{swap.id}", "ETag": etag(swap.version)}
        return reply(swap_document(swap, actor.id), status=201, headers=headers)

    return await once(request, deps, actor, body.model_dump_json().encode(), respond)


@op(tags=("swaps",), ok=list[SwapDocument], query=SwapsQuery, errors=(400,))
async def list_swaps(request: web.Request) -> web.Response:
    """List your own swaps, newest first.

    `before` is the `_id` of the last swap already seen. When there are more, the `Link` header names the next page.
    """
    deps, actor = await signed_in(request)
    query = read_query(request, SwapsQuery)
    if query.before is not None and not _ID.fullmatch(query.before):
        raise Malformed("invalid_cursor")
    limit = min(query.limit or MAX_PAGE, MAX_PAGE)
    statuses = [query.status] if query.status else None
    found = await swaps.list_swaps(deps, actor, statuses=statuses, before=query.before, limit=limit + 1)
    headers = {"Link": _next_link(query, found[limit - 1].id, limit)} if len(found) > limit else None
    return reply([swap_document(swap, actor.id) for swap in found[:limit]], headers=headers)


def _next_link(query: SwapsQuery, last_id: str, limit: int) -> str:
    following = {"before": last_id, "limit": str(limit), **({"status": query.status} if query.status else {})}
    return f'</api/swap?{urlencode(following)}>; rel="next"'


@op(tags=("swaps",), ok=SwapDocument, errors=(404,))
async def get_swap(request: web.Request) -> web.Response:
    """Read one of your own swaps.

    The `ETag` header is its version, for `If-Match`.
    """
    deps, actor = await signed_in(request)
    return _current(await swaps.get_swap(deps, actor, request.match_info["id"]), actor)


@op(tags=("swaps",), ok=SwapDocument, body=AnswerBody, errors=(404, 409), is_conditional=True)
async def put_swap(request: web.Request) -> web.Response:
    """Accept, reject or cancel a swap.

    The person who was asked accepts or rejects; the person who asked cancels; either can end a running swap. Repeating
    your own answer changes nothing. 409 when somebody was faster; `current` is the swap as it stands. With `If-Match`
    (the ETag of the swap that you have seen) it is 412; `version` in the body means the same and keeps 409.
    """
    deps, actor = await signed_in(request)
    body = await read_body(request, AnswerBody)
    version = expected_version(request, body.version)
    try:
        swap = await swaps.answer_swap(deps, actor, request.match_info["id"], body.status, version=version)
    except Conflict as conflict:
        if hdrs.IF_MATCH in request.headers and conflict.current is not None and conflict.current.version != version:
            raise Stale(conflict.code, current=conflict.current, **conflict.params) from None
        raise
    return _current(swap, actor)


def _current(swap: Swap, actor: User) -> web.Response:
    return reply(swap_document(swap, actor.id), headers={"ETag": etag(swap.version)})


def routes() -> list[web.RouteDef]:
    return [
        web.post("/api/swap", post_swap),
        web.get("/api/swap", list_swaps),
        web.get("/api/swap/{id}", get_swap),
        web.put("/api/swap/{id}", put_swap),
    ]
