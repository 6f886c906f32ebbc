"""The session cookie, in NextAuth's format: split into chunks when the token is long."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from api.auth.tokens import COOKIE, SECURE_COOKIE, SESSION_COOKIE_NAME
from api.http.context import ApiContext

CHUNK_LENGTH: Final = 3933
"""Value length that fits a cookie of 4096 bytes with its name and attributes, as in NextAuth."""


def set_session(context: ApiContext, request: web.Request, response: web.StreamResponse, token: str) -> None:
    """Set the session cookie and delete chunks of an earlier, longer one."""
    name = SECURE_COOKIE if context.is_secure else COOKIE
    chunks = [token[start : start + CHUNK_LENGTH] for start in range(0, len(token), CHUNK_LENGTH)]
    cookies = {name: token} if len(chunks) == 1 else {f"{name}.{index}": chunk for index, chunk in enumerate(chunks)}
    clear_session(request, response, keep=set(cookies))
    for key, value in cookies.items():
        response.set_cookie(
            key,
            value,
            max_age=int(context.deps.session_tokens.max_age.total_seconds()),
            path="/",
            httponly=True,
            secure=context.is_secure,
            samesite="Lax",
        )


def clear_session(request: web.Request, response: web.StreamResponse, *, keep: set[str] | None = None) -> None:
    """Delete the session cookies of the request, whole or in chunks, except those in `keep`."""
    for name in request.cookies:
        if SESSION_COOKIE_NAME.fullmatch(name) and name not in (keep or ()):
            secure = name.startswith("__Secure-")
            response.del_cookie(name, path="/", secure=secure, httponly=True, samesite="Lax")
