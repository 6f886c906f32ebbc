"""Routes of what the organisers and one person write to each other."""

from __future__ import annotations

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.bodies import read_body, reply
from api.http.idempotency import once
from api.openapi.operation import op
from api.schemas.organisers import (
    CorrespondenceDocument,
    LetterBody,
    LettersDocument,
    correspondence_document,
    letters_document,
)
from handlers.correspondence import (
    answer_organisers,
    get_correspondence,
    get_own_correspondence,
    may_answer,
    write_as_organisers,
)


@op(tags=("people",), ok=LettersDocument, errors=())
async def get_letters(request: web.Request) -> web.Response:
    """Read what the organisers and you have written to each other.

    They write about you, or ask you something; which of the moderators wrote is not said.
    """
    deps, actor = await signed_in(request)
    known = await get_own_correspondence(deps, actor)
    return reply(letters_document(known, await may_answer(deps, actor)))


@op(tags=("people",), ok=LettersDocument, status=201, body=LetterBody, errors=(409,), is_repeatable=True)
async def post_answer(request: web.Request) -> web.Response:
    """Answer the organisers.

    Their last letter takes three answers; a warning or a suspension takes one. 409 when there is
    nothing to answer.
    """
    deps, actor = await signed_in(request)
    body = await read_body(request, LetterBody)

    async def respond() -> web.Response:
        known = await answer_organisers(deps, actor, body.text)
        return reply(letters_document(known, await may_answer(deps, actor)), status=201)

    return await once(request, deps, actor, body.model_dump_json().encode(), respond)


@op(tags=("moderation",), ok=CorrespondenceDocument, errors=(403, 404))
async def get_person_letters(request: web.Request) -> web.Response:
    """Read what the organisers and a user have written to each other.

    For moderators, who see which of them has written.
    """
    deps, actor = await signed_in(request)
    return reply(correspondence_document(await get_correspondence(deps, actor, request.match_info["id"])))


@op(tags=("moderation",), ok=CorrespondenceDocument, status=201, body=LetterBody, errors=(403, 404), is_repeatable=True)
async def post_letter(request: web.Request) -> web.Response:
    """Write to a user in the name of the organisers.

    For moderators. It is no strike; the user does not learn who wrote, and can answer three times.
    """
    deps, actor = await signed_in(request)
    body = await read_body(request, LetterBody)

    async def respond() -> web.Response:
        known = await write_as_organisers(deps, actor, request.match_info["id"], body.text)
        return reply(correspondence_document(known), status=201)

    return await once(request, deps, actor, body.model_dump_json().encode(), respond)


def routes() -> list[web.RouteDef]:
    return [
        web.get("/api/organisers/letters", get_letters),
        web.post("/api/organisers/letters", post_answer),
        web.get("/api/moderation/people/{id}/letters", get_person_letters),
        web.post("/api/moderation/people/{id}/letters", post_letter),
    ]
