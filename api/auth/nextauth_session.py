"""The session as NextAuth's client reads it."""

from __future__ import annotations

from aiohttp import web

from api.auth.current_user import refuse_cross_site
from api.auth.requests import read_auth
from api.auth.session_cookies import clear_session, set_session
from api.auth.tokens import bearer_token, cookie_token
from api.http.bodies import reply
from api.http.context import context_of
from api.openapi.operation import op
from api.schemas.accounts import Session
from api.schemas.values import iso
from domain.errors import Unauthenticated
from handlers.auth import authentication, sessions


@op(tags=("session",), ok=Session, is_public=True, is_contract=True)
async def get_session(request: web.Request) -> web.Response:
    """Get the session, as NextAuth returns it.

    `{}` when nobody is signed in. A session in a cookie is renewed by each request.
    """
    return await _session_response(request)


async def update_session(request: web.Request) -> web.Response:
    """Return the session with the present profile, for NextAuth's `update()`.

    The `data` of the request is ignored.
    """
    auth = await read_auth(request)
    refuse_cross_site(auth.context, request)
    if not auth.is_verified:
        return reply({}, status=400)
    return await _session_response(request)


async def _session_response(request: web.Request) -> web.Response:
    context = context_of(request)
    token = cookie_token(context, request)
    from_cookie = token is not None
    token = token if from_cookie else bearer_token(request)
    try:
        user = await authentication.authenticate(context.deps, token)
    except Unauthenticated:
        response = reply({})
        clear_session(request, response)
        return response
    expires = context.deps.real_now() + context.deps.session_tokens.max_age
    session: Session = {
        "user": {"name": user.name, "email": user.email, "image": user.photo_url, "id": user.id},
        "expires": iso(expires),
    }
    response = reply(session)
    if from_cookie:
        renewed = sessions.issue_session(context.deps, user, authentication.session_id_of(context.deps, token))
        set_session(context, request, response, renewed)
    return response


def routes() -> list[web.RouteDef]:
    return [
        web.get("/api/auth/session", get_session),
        web.post("/api/auth/session", update_session),
    ]
