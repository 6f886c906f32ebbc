"""ETags from versions, and `If-Match`: conditional updates."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Final

from aiohttp import hdrs, web

from api.http.errors import Malformed, Stale
from domain.errors import Conflict, Invalid

# A compressing proxy marks ETags as weak. Ours name a version, which compression does not change.
_ETAG: Final = re.compile(r'(?:W/)?"([0-9]{1,15})"')


def etag(version: int) -> str:
    """Return the ETag of a version."""
    return f'"{version}"'


def expected_version(request: web.Request, body_version: int | None = None) -> int | None:
    """Return the version that `If-Match`, or else the body, expects; None if any will do.

    Raises Malformed for an invalid header, Invalid when header and body name different versions.
    """
    header = request.headers.get(hdrs.IF_MATCH)
    if header is None or header.strip() == "*":
        return body_version
    match = _ETAG.fullmatch(header.strip())
    if match is None:
        raise Malformed("if_match")
    version = int(match[1])
    if body_version is not None and body_version != version:
        raise Invalid("invalid_field", errors=[{"field": "version", "message": "If-Match names another version"}])
    return version


@contextlib.contextmanager
def stale_as_412(request: web.Request, version: int | None) -> Iterator[None]:
    """Turn a conflict into 412 when the request has `If-Match` with a version that is not the present one."""
    try:
        yield
    except Conflict as conflict:
        if hdrs.IF_MATCH in request.headers and conflict.current is not None and conflict.current.version != version:
            raise Stale(conflict.code, current=conflict.current, **conflict.params) from None
        raise
