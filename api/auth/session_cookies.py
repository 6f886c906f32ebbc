"""The session in the browser: NextAuth's cookie, in pieces when it is long."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from api.auth.tokens import COOKIE, SECURE_COOKIE, SESSION_COOKIE_NAME
from api.http.context import ApiContext

PIECE_LENGTH: Final = 3933
"""What a cookie of 4096 bytes holds beside its name and attributes, as NextAuth reckons."""


def set_session(context: ApiContext, request: web.Request, response: web.StreamResponse, token: str) -> None:
    """Give the browser this token, and take away pieces that an earlier, longer one has left."""
    name = SECURE_COOKIE if context.is_secure else COOKIE
    pieces = [token[start : start + PIECE_LENGTH] for start in range(0, len(token), PIECE_LENGTH)]
    given = {name: token} if len(pieces) == 1 else {f"{name}.{address}": piece for address, piece in enumerate(pieces)}
    clear_session(request, response, besides=set(given))
    for key, value in given.items():
        response.set_cookie(
            key,
            value,
            max_age=int(context.deps.sessions.max_age.total_seconds()),
            path="/",
            httponly=True,
            secure=context.is_secure,
            samesite="Lax",
        )


def clear_session(request: web.Request, response: web.StreamResponse, *, besides: set[str] | None = None) -> None:
    """Take away every session cookie that came, in pieces or whole."""
    for name in request.cookies:
        if SESSION_COOKIE_NAME.fullmatch(name) and name not in (
            besides or ()
        ):  # others cannot even be named in an answer
            secure = name.startswith("__Secure-")
            response.del_cookie(name, path="/", secure=secure, httponly=True, samesite="Lax")
