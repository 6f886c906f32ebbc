"""Routes of swaps: request, answer, list."""

from __future__ import annotations

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.bodies import read_body, read_query, reply, reply_json
from api.http.context import context_of
from api.http.cursors import next_page, require_id
from api.http.idempotency import once
from api.http.language import texts_of
from api.http.times import read_times
from api.http.versions import etag, expected_version, stale_as_412
from api.openapi.operation import op
from api.schemas.swaps import NEW_STATUS, AnswerBody, CounterBody, ProposalBody, SwapDocument, SwapsQuery, swap_document
from domain.swaps import ACCEPTED, MAX_PAGE, Swap
from domain.users import User
from handlers import swaps
from handlers.counter_offers import CounterOffer, counter_swap
from handlers.repeated_requests import ask_again
from handlers.runtime.deps import Deps
from handlers.swaps import Proposal


@op(
    tags=("swaps",),
    ok=SwapDocument,
    status=201,
    body=ProposalBody,
    errors=(404, 409),
    also={200: SwapDocument},
    is_repeatable=True,
    is_contract=True,
)
async def post_swap(request: web.Request) -> web.Response:
    """Request a swap.

    `offered_skill` is one that you teach, `wanted_skill` one that the other user teaches. 409 if
    the two of you have this swap open already; `current` is that swap. If the other user has asked
    you for the same, nothing new is made: that request is accepted, with your message, and the
    status is 200. How many may be open at a time: `GET /api/quota`.
    """
    deps, actor = await signed_in(request)
    body = await read_body(request, ProposalBody)
    body.require_same({"from_user_id": actor.id} | NEW_STATUS)

    async def respond() -> web.Response:
        slots = await read_times(body.slots or (), body.timezone or actor.timezone, "slots")
        proposal = Proposal(
            body.to_user_id,
            body.offered_skill,
            body.wanted_skill,
            body.message,
            slots=slots,
            minutes=body.length,
        )
        swap = await swaps.propose_swap(deps, actor, proposal)
        headers = {"Location": f"/api/swap/{swap.id}", "ETag": etag(swap.version)}
        status = 200 if swap.status == ACCEPTED else 201
        return reply(swap_document(swap, actor.id, deps.now(), texts_of(request)), status=status, headers=headers)

    return await once(request, deps, actor, body.model_dump_json().encode(), respond)


@op(tags=("swaps",), ok=list[SwapDocument], query=SwapsQuery, errors=(400,), is_contract=True)
async def list_swaps(request: web.Request) -> web.Response:
    """List your swaps, newest first.

    `before` is the `_id` of the last swap seen. When there are more, the `Link` header
    names the next page.
    """
    deps, actor = await signed_in(request)
    query = read_query(request, SwapsQuery)
    before = require_id(query.before) if query.before is not None else None
    limit = min(query.limit or MAX_PAGE, MAX_PAGE)
    statuses = [query.status] if query.status else None
    page = await swaps.list_recent_swaps(deps, actor, statuses=statuses, before=before, limit=limit + 1)
    headers = None
    if len(page) > limit:
        headers = next_page("/api/swap", before=page[limit - 1].id, limit=limit, status=query.status)
    at, texts = deps.now(), texts_of(request)
    if statuses is None and before is None and limit == MAX_PAGE:
        return reply_json(context_of(request).swap_pages.body(page, limit, actor.id, at, texts), headers=headers)
    return reply([swap_document(swap, actor.id, at, texts) for swap in page[:limit]], headers=headers)


@op(tags=("swaps",), ok=SwapDocument, errors=(404,))
async def get_swap(request: web.Request) -> web.Response:
    """Get one of your swaps.

    The `ETag` header is its version, for `If-Match`.
    """
    deps, actor = await signed_in(request)
    return swap_response(request, deps, await swaps.get_swap(deps, actor, request.match_info["id"]), actor)


@op(tags=("swaps",), ok=SwapDocument, body=AnswerBody, errors=(404, 409), is_conditional=True, is_contract=True)
async def put_swap(request: web.Request) -> web.Response:
    """Accept, reject or cancel a swap.

    The user whose turn it is accepts or rejects the request, the other one cancels it; either can
    end a running swap. Repeating your answer changes nothing. 409 if the swap has changed meanwhile;
    `current` is the swap as it is now. With `If-Match` (the ETag that you have read) the status is
    412 instead; `version` in the body has the same effect with 409. The whole swap may be sent
    back with its new status; with the status that it has, nothing changes. A no may have a
    `reason`, in the same request or within a day: the other user reads a kind sentence, never
    the reason.
    """
    deps, actor = await signed_in(request)
    body = await read_body(request, AnswerBody)
    version = expected_version(request, body.version)
    if body.names_read_only:
        stored = await swaps.get_swap(deps, actor, request.match_info["id"])
        body.require_same(swap_document(stored, actor.id, deps.now(), texts_of(request)))
    said = [body.starts_at] if body.starts_at is not None else []
    start = await read_times(said, body.timezone or actor.timezone, "starts_at")
    with stale_as_412(request, version):
        swap = await swaps.answer_swap(
            deps,
            actor,
            request.match_info["id"],
            body.status,
            version=version,
            reason=body.reason or "",
            starts_at=start[0] if start else None,
        )
    return swap_response(request, deps, swap, actor)


@op(tags=("swaps",), ok=SwapDocument, body=CounterBody, errors=(404, 409), is_repeatable=True, is_conditional=True)
async def post_counter(request: web.Request) -> web.Response:
    """Answer a request with a counter-offer.

    Only the user whose turn it is can: `offered_skill` is one that you teach, `wanted_skill` one
    that the other user teaches. The request stays pending and the other one has to answer; only you
    have agreed to the new offer. The first counter-offer starts the five days anew, later ones do
    not. At most five offers, the request included. Repeating your offer changes nothing. 409 and
    412 as for the answer.
    """
    deps, actor = await signed_in(request)
    body = await read_body(request, CounterBody)
    version = expected_version(request, body.version)

    async def respond() -> web.Response:
        slots = await read_times(body.slots, body.timezone or actor.timezone, "slots")
        offer = CounterOffer(body.offered_skill, body.wanted_skill, body.message, slots=slots, minutes=body.length)
        with stale_as_412(request, version):
            swap = await counter_swap(deps, actor, request.match_info["id"], offer, version=version)
        return swap_response(request, deps, swap, actor)

    return await once(request, deps, actor, body.model_dump_json().encode(), respond)


@op(tags=("swaps",), ok=SwapDocument, status=201, errors=(404, 409), also={200: SwapDocument}, is_repeatable=True)
async def post_again(request: web.Request) -> web.Response:
    """Ask for the same swap again.

    Makes a new request for the two skills of one that has expired, whichever of the two you are; of
    one that was declined only if it was you who declined it. `can` has `again` for 14 days. The
    author of the last offer repeats its message, and those of its `slots` that are still to come.
    Otherwise as `POST /api/swap`.
    """
    deps, actor = await signed_in(request)

    async def respond() -> web.Response:
        swap = await ask_again(deps, actor, request.match_info["id"])
        headers = {"Location": f"/api/swap/{swap.id}", "ETag": etag(swap.version)}
        document = swap_document(swap, actor.id, deps.now(), texts_of(request))
        return reply(document, status=200 if swap.status == ACCEPTED else 201, headers=headers)

    return await once(request, deps, actor, b"", respond)


def swap_response(request: web.Request, deps: Deps, swap: Swap, actor: User) -> web.Response:
    return reply(swap_document(swap, actor.id, deps.now(), texts_of(request)), headers={"ETag": etag(swap.version)})


def routes() -> list[web.RouteDef]:
    return [
        web.post("/api/swap", post_swap),
        web.get("/api/swap", list_swaps),
        web.get("/api/swap/{id}", get_swap),
        web.put("/api/swap/{id}", put_swap),
        web.post("/api/swap/{id}/counter", post_counter),
        web.post("/api/swap/{id}/again", post_again),
    ]
