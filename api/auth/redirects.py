"""Redirect targets after signing in or out: our own pages and those of CORS_ORIGINS only."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote, urlsplit

from api.http.context import ApiContext
from api.http.origins import note_origin

MAX_ADDRESS_LENGTH: Final = 2048

_ABSOLUTE: Final = re.compile(r"(https?)://([^/?#]*)([/?#].*)?", re.IGNORECASE | re.DOTALL)
_UNESCAPED: Final = "!#$%&'()*+,/:;=?@[]~-._"


def safe_address(context: ApiContext, address: str | None) -> str:
    """Return `address` as an absolute URL if it is allowed, else the home page.

    Text that browsers parse in different ways is not allowed: backslashes, spaces,
    control characters, user names.
    """
    base = context.deps.public_url
    if not address or len(address) > MAX_ADDRESS_LENGTH or not address.isprintable() or re.search(r"[\\\s]", address):
        return base
    try:
        encoded = quote(address, safe=_UNESCAPED)
    except UnicodeEncodeError:  # a lone surrogate
        return base
    if address.startswith("/"):  # after our own origin even `//elsewhere` is only a path
        return f"{origin_of(base)}{encoded}"
    parts = _ABSOLUTE.fullmatch(address)
    if parts is None:
        return base
    origin = f"{parts[1]}://{parts[2]}".lower()
    if origin == origin_of(base) or origin in context.origins:
        return encoded
    note_origin(context, origin)
    return base


def origin_of(address: str) -> str:
    """Return the origin (scheme://host:port) of a URL, in lower case."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}".lower()
