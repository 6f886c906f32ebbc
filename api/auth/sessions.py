"""Web sessions of a user: listed, and ended one by one or all at once."""

from __future__ import annotations

from aiohttp import web

from api.auth.current_user import signed_in
from api.auth.session_cookies import clear_session
from api.auth.tokens import bearer_token, cookie_token
from api.http.bodies import reply
from api.http.context import context_of
from api.openapi.operation import op
from api.schemas.accounts import SessionDocument, session_document
from domain.users import User
from handlers.auth import authentication, sessions
from handlers.runtime.deps import Deps


@op(tags=("session",), ok=list[SessionDocument])
async def list_sessions(request: web.Request) -> web.Response:
    """List your sessions, last used first.

    `seen_at` is exact to the hour. Sessions that a front end issued by itself are not listed;
    signing out everywhere ends those, too.
    """
    deps, actor = await signed_in(request)
    return reply(await _documents(request, deps, actor))


@op(tags=("session",), ok=list[SessionDocument], errors=(403, 404))
async def delete_session(request: web.Request) -> web.Response:
    """End a session.

    Its sockets are closed. Returns the remaining sessions.
    """
    deps, actor = await signed_in(request)
    await sessions.end_session(deps, actor, request.match_info["id"])
    response = reply(await _documents(request, deps, actor))
    if request.match_info["id"] == current_session_id(request, deps):
        clear_session(request, response)
    return response


@op(tags=("session",), ok=list[SessionDocument], errors=(403,))
async def delete_sessions(request: web.Request) -> web.Response:
    """Sign out everywhere.

    Ends all sessions, this one included. Earlier tokens are no longer valid.
    """
    deps, actor = await signed_in(request)
    await sessions.end_all_sessions(deps, actor)
    response = reply([])
    clear_session(request, response)
    return response


async def _documents(request: web.Request, deps: Deps, actor: User) -> list[SessionDocument]:
    current = current_session_id(request, deps)
    records = await sessions.list_sessions(deps, actor)
    return [session_document(record, is_current=record.id == current) for record in records]


def current_session_id(request: web.Request, deps: Deps) -> str | None:
    """Return the id of the session that a request came with."""
    token = cookie_token(context_of(request), request)
    return authentication.session_id_of(deps, bearer_token(request) if token is None else token)


def routes() -> list[web.RouteDef]:
    return [
        web.get("/api/sessions", list_sessions),
        web.delete("/api/sessions", delete_sessions),
        web.delete("/api/sessions/{id}", delete_session),
    ]
