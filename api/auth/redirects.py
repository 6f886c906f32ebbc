"""Where a browser may be sent after signing in or out: our own pages and those of CORS_ORIGINS, and nowhere else."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote, urlsplit

from api.http.context import ApiContext

MAX_ADDRESS_LENGTH: Final = 2048

_ABSOLUTE: Final = re.compile(r"(https?)://([^/?#]*)([/?#].*)?", re.IGNORECASE | re.DOTALL)
_KEPT: Final = "!#$%&'()*+,/:;=?@[]~-._"


def safe_address(context: ApiContext, wanted: str | None) -> str:
    """An absolute address to redirect to: the one that is wanted if it is allowed, else our home page.

    What browsers read in more than one way is not allowed: backslashes, spaces, control characters, a user name.
    """
    base = context.deps.public_url
    if not wanted or len(wanted) > MAX_ADDRESS_LENGTH or not wanted.isprintable() or re.search(r"[\\\s]", wanted):
        return base
    try:
        encoded = quote(wanted, safe=_KEPT)
    except UnicodeEncodeError:  # half a surrogate pair
        return base
    if wanted.startswith("/"):  # behind our own origin even `//elsewhere` is a path of ours
        return f"{origin_of(base)}{encoded}"
    parts = _ABSOLUTE.fullmatch(wanted)
    if parts is None:
        return base
    origin = f"{parts[1]}://{parts[2]}".lower()
    return encoded if origin == origin_of(base) or origin in context.origins else base


def origin_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}".lower()
