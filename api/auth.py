"""Who is asking; the session as NextAuth tells it; the sign-in link from Telegram."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl

from aiohttp import hdrs, web

from api import pages
from api.bodies import read_bytes, read_query, reply
from api.context import ACTOR_ID, Door, door_of
from api.errors import Unsupported
from api.nextauth_requests import read_auth
from api.openapi import op
from api.schemas.accounts import LinkQuery, Session
from api.schemas.values import iso
from api.session_cookies import clear_session, set_session
from api.tokens import bearer_token, cookie_token
from domain.errors import Forbidden, Invalid, Unauthenticated
from domain.users import User
from handlers.auth import authentication, login_links, sessions
from handlers.runtime.deps import Deps
from handlers.runtime.rate_limits import Rate

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
REQUESTS: Final = Rate(burst=200, seconds=0.02)
"""Of one person: no page comes near it, a runaway loop is held to 50 a second."""


async def signed_in(request: web.Request) -> tuple[Deps, User]:
    """The operations and the person who asks. Raises Unauthenticated, Forbidden (from another site), TooMany."""
    door = door_of(request)
    token = cookie_token(door, request)
    if token is None:
        token = bearer_token(request)
    elif request.method not in SAFE_METHODS:
        refuse_foreign(door, request)
    deps = door.deps
    user = await authentication.authenticate(deps, token)
    request[ACTOR_ID] = user.id
    deps.rates.take("api", user.id, REQUESTS, at=deps.now())
    return deps, user


def refuse_foreign(door: Door, request: web.Request) -> None:
    """A browser sends the cookie from any page: what changes something must come from a page of ours."""
    origin = request.headers.get(hdrs.ORIGIN)
    if origin is None:
        is_foreign = request.headers.get("Sec-Fetch-Site") == "cross-site"
    else:
        is_foreign = not door.is_trusted(origin, request.host)
    if is_foreign:
        raise Forbidden("auth.cross_site")


async def current_user(request: web.Request) -> User | None:
    """Who is signed in in this browser, if anybody."""
    door = door_of(request)
    try:
        return await authentication.authenticate(door.deps, cookie_token(door, request))
    except Unauthenticated:
        return None


@op(tags=("session",), ok=Session, is_public=True)
async def get_session(request: web.Request) -> web.Response:
    """Tell who is signed in, as NextAuth does.

    `{}` when nobody is. A session in a cookie is renewed each time.
    """
    return await _tell_session(request)


async def update_session(request: web.Request) -> web.Response:
    """What NextAuth's `update()` asks for: the session as the profile is now. `data` changes nothing here."""
    found = await read_auth(request)
    refuse_foreign(found.door, request)
    if not found.is_verified:
        return reply({}, status=400)
    return await _tell_session(request)


async def _tell_session(request: web.Request) -> web.Response:
    door = door_of(request)
    token = cookie_token(door, request)
    from_cookie = token is not None
    token = token if from_cookie else bearer_token(request)
    try:
        user = await authentication.authenticate(door.deps, token)
    except Unauthenticated:
        nobody = reply({})
        clear_session(request, nobody)
        return nobody
    expires = door.deps.now() + door.deps.sessions.max_age
    session: Session = {
        "user": {"name": user.name, "email": user.email, "image": user.photo_url, "id": user.id},
        "expires": iso(expires),
    }
    response = reply(session)
    if from_cookie:
        renewed = sessions.issue_session(door.deps, user, authentication.session_id_of(door.deps, token))
        set_session(door, request, response, renewed)
    return response


async def confirm_link(request: web.Request) -> web.Response:
    """The page behind a sign-in link. Looking does not use the link up: previews and mail scanners look too."""
    token = read_query(request, LinkQuery).token
    if not await login_links.check_login_link(door_of(request).deps, token):
        return pages.page(pages.link_expired(), status=410 if token else 400)
    return pages.page(pages.confirm_link(token))


async def redeem_link(request: web.Request) -> web.Response:
    """Use the link up: a session cookie, and on to the home page."""
    door = door_of(request)
    refuse_foreign(door, request)
    if request.content_type != "application/x-www-form-urlencoded":
        raise Unsupported("unsupported_media_type", expected="application/x-www-form-urlencoded")
    form = dict(parse_qsl((await read_bytes(request)).decode("ascii", "replace")))
    try:
        _, session = await login_links.redeem_login_link(
            door.deps, form.get("token", ""), user_agent=request.headers.get(hdrs.USER_AGENT, "")
        )
    except Invalid:
        return pages.page(pages.link_expired(), status=410)
    response = web.Response(status=303, headers={"Location": "/", "Cache-Control": "no-store"})
    set_session(door, request, response, session)
    return response


def routes() -> list[web.RouteDef]:
    link = "/api/auth/callback/telegram-link"
    return [
        web.get("/api/auth/session", get_session),
        web.post("/api/auth/session", update_session),
        web.get(link, confirm_link),
        web.post(link, redeem_link),
    ]
