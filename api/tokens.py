"""Where a request carries its session token."""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote

from aiohttp import hdrs, web

from api.context import Door
from skillswap.domain.errors import Unauthenticated

COOKIE: Final = "next-auth.session-token"
SECURE_COOKIE: Final = "__Secure-next-auth.session-token"
MAX_CHUNKS: Final = 4
MAX_AUTHORIZATION: Final = 16_384


def cookie_token(door: Door, request: web.Request) -> str | None:
    """The session token in the cookie, put together when NextAuth has cut it into `.0`, `.1` …"""
    if hdrs.COOKIE not in request.headers:
        return None
    cookies = request.cookies
    # Over https only the cookie that a plain-http page cannot have planted counts.
    for name in (SECURE_COOKIE,) if door.is_secure else (SECURE_COOKIE, COOKIE):
        if token := cookies.get(name):
            return token
        chunks = [cookies.get(f"{name}.{number}") for number in range(MAX_CHUNKS)]
        if chunks[0]:
            return "".join(chunk for chunk in chunks if chunk)
    return None


def bearer_token(request: web.Request) -> str | None:
    """The token of `Authorization: Bearer`, URL-encoded as NextAuth's clients send it."""
    scheme, _, value = request.headers.get(hdrs.AUTHORIZATION, "")[:MAX_AUTHORIZATION].partition(" ")
    if scheme.lower() != "bearer" or not value:
        return None
    try:
        return unquote(value.strip(), errors="strict")
    except UnicodeDecodeError:
        raise Unauthenticated("unauthenticated") from None
