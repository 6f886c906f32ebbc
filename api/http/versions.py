"""ETags from versions, and `If-Match`: conditional updates."""

from __future__ import annotations

import re
from typing import Final

from aiohttp import hdrs, web

from api.http.errors import Malformed
from domain.errors import Invalid

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
