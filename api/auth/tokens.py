"""Session token of a request."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

from aiohttp import hdrs, web

from api.http.context import ApiContext
from domain.errors import Unauthenticated

COOKIE: Final = "next-auth.session-token"
SECURE_COOKIE: Final = "__Secure-next-auth.session-token"
MAX_CHUNKS: Final = 4
MAX_AUTHORIZATION: Final = 16_384

_NAME: Final = rf"(?:__Secure-)?{re.escape(COOKIE)}(?:\.\d)?"
SESSION_COOKIE_NAME: Final = re.compile(_NAME)
_SESSION_COOKIE: Final = re.compile(rf'(?:^|;)\s*({_NAME})="?([^;\s"]+)')


def cookie_token(context: ApiContext, request: web.Request) -> str | None:
    """Return the session token of the cookie, joined from the chunks `.0`, `.1` … if
    NextAuth has split it.
    """
    header = request.headers.get(hdrs.COOKIE)
    if header is None:
        return None
    chunks: dict[str, str] = {}
    for name, value in _SESSION_COOKIE.findall(header):  # cheaper than parsing all cookies
        chunks.setdefault(name, value)
    # Over https only the __Secure- cookie counts: a page over plain http cannot set it.
    for name in (SECURE_COOKIE,) if context.is_secure else (SECURE_COOKIE, COOKIE):
        if token := chunks.get(name):
            return token
        if f"{name}.0" in chunks:
            return "".join(chunks.get(f"{name}.{number}", "") for number in range(MAX_CHUNKS))
    return None


def bearer_token(request: web.Request) -> str | None:
    """Return the token of `Authorization: Bearer`, which NextAuth's clients URL-encode. Raises
    Unauthenticated.
    """
    scheme, _, value = request.headers.get(hdrs.AUTHORIZATION, "")[:MAX_AUTHORIZATION].partition(" ")
    if scheme.lower() != "bearer" or not value:
        return None
    try:
        return unquote(value.strip(), errors="strict")
    except UnicodeDecodeError:
        raise Unauthenticated("unauthenticated") from None
