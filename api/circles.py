"""Routes of circles of three: list, ask, join, decline, leave."""

from __future__ import annotations

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.bodies import read_body, read_query, reply
from api.http.cursors import TOTAL_COUNT, next_page
from api.http.idempotency import once
from api.http.language import texts_of
from api.http.versions import etag
from api.openapi.operation import op
from api.schemas.circles import (
    CircleAnswerBody,
    CircleBody,
    CircleDocument,
    PossibleCircleDocument,
    PossibleQuery,
    circle_document,
    possible_document,
)
from domain.circle_candidates import MAX_RANKED, MAX_SHOWN
from domain.circle_views import CircleView
from domain.errors import Invalid
from handlers import circles
from handlers.runtime.deps import Deps


@op(tags=("circles",), ok=list[PossibleCircleDocument], query=PossibleQuery)
async def list_possible(request: web.Request) -> web.Response:
    """List the circles that you could ask for.

    Those for a skill that nobody could teach you in a direct swap come first, then the best ones.
    You teach the first member, the first teaches the second, the second teaches you. No two of you
    could swap directly. The others are not notified before you ask. When there are more, the `Link`
    header names the next page; `X-Total-Count` counts the circles of all pages.
    """
    deps, actor = await signed_in(request)
    query = read_query(request, PossibleQuery)
    limit = min(query.limit or MAX_SHOWN, MAX_RANKED)
    page = await circles.browse_possible(deps, actor, after=query.cursor, limit=limit)
    headers = {TOTAL_COUNT: str(page.total)}
    if page.following is not None:
        headers |= next_page("/api/circles/possible", limit=limit, cursor=page.following)
    texts = texts_of(request)
    return reply([possible_document(view, texts.skill) for view in page.views], headers=headers)


@op(tags=("circles",), ok=list[CircleDocument])
async def list_circles(request: web.Request) -> web.Response:
    """List your circles, newest first.

    Until all three have joined, members are shown by first name, without ids.
    """
    deps, actor = await signed_in(request)
    return reply([circle_document(view, deps.now()) for view in await circles.list_circles(deps, actor)])


@op(tags=("circles",), ok=CircleDocument, status=201, body=CircleBody, errors=(404, 409), is_repeatable=True)
async def post_circle(request: web.Request) -> web.Response:
    """Ask the members of a possible circle.

    `key` is from the list of possible circles. The others have 72 hours to join. Counts towards
    your daily limit of requests.
    """
    deps, actor = await signed_in(request)
    body = await read_body(request, CircleBody)

    async def respond() -> web.Response:
        view = await circles.ask_circle(deps, actor, body.key)
        headers = {"Location": f"/api/circles/{view.id}", "ETag": etag(view.version)}
        return reply(circle_document(view, deps.now()), status=201, headers=headers)

    return await once(request, deps, actor, body.model_dump_json().encode(), respond)


@op(tags=("circles",), ok=CircleDocument, errors=(404,))
async def get_circle(request: web.Request) -> web.Response:
    """Get one of your circles.

    Until all three have joined you get first names and no user ids.
    """
    deps, actor = await signed_in(request)
    return _circle_response(deps, await circles.get_circle(deps, actor, request.match_info["id"]))


@op(tags=("circles",), ok=CircleDocument, body=CircleAnswerBody, errors=(404, 409))
async def put_circle(request: web.Request) -> web.Response:
    """Join, decline or leave a circle.

    A join refers to a `version`; with the last join the circle is accepted. Until then a member can
    decline: the joins of the others stay, and a replacement is searched for once, for 48 hours.
    Leaving an accepted circle ends it for all three. Repeating your answer changes nothing. 409
    includes the circle as it is now in `current`.
    """
    deps, actor = await signed_in(request)
    body = await read_body(request, CircleAnswerBody)
    circle_id = request.match_info["id"]
    if body.answer == "decline":
        return _circle_response(deps, await circles.decline_circle(deps, actor, circle_id))
    if body.answer == "leave":
        return _circle_response(deps, await circles.leave_circle(deps, actor, circle_id))
    if body.version is None:
        raise Invalid("circle.version_missing", field="version")
    return _circle_response(deps, await circles.join_circle(deps, actor, circle_id, version=body.version))


def _circle_response(deps: Deps, view: CircleView) -> web.Response:
    return reply(circle_document(view, deps.now()), headers={"ETag": etag(view.version)})


def routes() -> list[web.RouteDef]:
    return [
        web.get("/api/circles/possible", list_possible),
        web.get("/api/circles", list_circles),
        web.post("/api/circles", post_circle),
        web.get("/api/circles/{id}", get_circle),
        web.put("/api/circles/{id}", put_circle),
    ]
