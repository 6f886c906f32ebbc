"""The user who makes a request, by session cookie or bearer token."""

from __future__ import annotations

import contextlib
from typing import Final

from aiohttp import hdrs, web

from api.auth.named_account import refuse_other_account
from api.auth.tokens import bearer_token, cookie_token
from api.http.context import ACTOR_ID, ApiContext, context_of
from api.http.language import set_reader, texts_of
from api.http.origins import foreign_origin
from api.http.rights import right_of_route
from domain.errors import Unauthenticated, Unavailable
from domain.users import User
from handlers.auth import authentication
from handlers.runtime.deps import DATABASE_ERRORS, Deps
from handlers.runtime.rate_limits import Rate
from handlers.runtime.texts import Texts
from handlers.standing import require_right

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


USER_RATE: Final = Rate(burst=200, seconds=0.02)
"""Requests of one user. No web page comes near it; a runaway loop is limited to 50 a second."""


async def signed_in(request: web.Request) -> tuple[Deps, User]:
    """Return the dependencies and the signed-in user.

    Raises Unauthenticated, Forbidden (a changing request from another site; a standing that does not allow the route),
    Conflict (the request names another account) or TooMany.
    """
    context = context_of(request)
    token = cookie_token(context, request)
    if token is None:
        token = bearer_token(request)
    elif request.method not in SAFE_METHODS:
        refuse_cross_site(context, request)
    deps = context.deps
    user = await authentication.authenticate(deps, token)
    request[ACTOR_ID] = user.id
    set_reader(request, user)
    refuse_other_account(request, user)
    deps.rates.take("api", user.id, USER_RATE, at=deps.now())
    await require_right(deps, user, right_of_route(request))
    return deps, user


def refuse_cross_site(context: ApiContext, request: web.Request) -> None:
    """Raise Forbidden if the request comes from another site.

    A browser sends the cookie with requests from any page, so the origin of a changing
    request must be trusted.
    """
    origin = request.headers.get(hdrs.ORIGIN)
    if origin is None:
        is_foreign = request.headers.get("Sec-Fetch-Site") == "cross-site"
    else:
        is_foreign = not context.is_trusted(origin, request.host)
    if is_foreign:
        raise foreign_origin(context, request)


async def current_user(request: web.Request) -> User | None:
    """Return the user signed in with the session cookie or, as a Mini App is, with a bearer token; else None."""
    context = context_of(request)
    try:
        token = cookie_token(context, request) or bearer_token(request)
        user = await authentication.authenticate(context.deps, token)
    except Unauthenticated:
        return None
    set_reader(request, user)
    return user


async def reader_texts(request: web.Request) -> Texts:
    """Return the texts for a page that nobody needs to be signed in for, in the language of its reader.

    While the database does not answer, the language is the one that the browser asks for.
    """
    with contextlib.suppress(Unavailable, *DATABASE_ERRORS):
        await current_user(request)
    return texts_of(request)
