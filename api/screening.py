"""Routes of one's words that wait for a moderator's look."""

from __future__ import annotations

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.bodies import reply
from api.openapi.operation import op
from api.schemas.screening import ScreenedWordsDocument, screened_document
from handlers import screening


@op(tags=("chat",), ok=list[ScreenedWordsDocument])
async def list_screened(request: web.Request) -> web.Response:
    """List your words that wait for a moderator's look.

    A newcomer's first words with a link, an @name, a mail address or a phone number do, for twelve
    hours at most.
    """
    deps, actor = await signed_in(request)
    return reply([screened_document(words) for words in await screening.list_waiting_words(deps, actor)])


@op(tags=("chat",), ok=list[ScreenedWordsDocument], errors=(404,))
async def delete_screened(request: web.Request) -> web.Response:
    """Take words back before they are sent.

    Returns those that still wait. A request is withdrawn with `PUT /api/swap/{id}` instead.
    """
    deps, actor = await signed_in(request)
    await screening.take_back_waiting(deps, actor, request.match_info["id"])
    return reply([screened_document(words) for words in await screening.list_waiting_words(deps, actor)])


def routes() -> list[web.RouteDef]:
    path = "/api/screened"
    return [web.get(path, list_screened), web.delete(path + "/{id}", delete_screened)]
