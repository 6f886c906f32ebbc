"""ETags by version, and `If-Match`: a change is made only to what its sender has seen."""

from __future__ import annotations

import re
from typing import Final

from aiohttp import hdrs, web

from api.http.errors import Malformed
from domain.errors import Invalid

# A gateway that compresses marks ETags as weak; ours stand for a version, which compressing does not change.
_ETAG: Final = re.compile(r'(?:W/)?"([0-9]{1,15})"')


def etag(version: int) -> str:
    return f'"{version}"'


def wanted_version(request: web.Request, in_body: int | None = None) -> int | None:
    """The version that a change is about: of `If-Match`, or else of the body. None when any will do.

    Raises Malformed, and Invalid when the two name different versions.
    """
    given = request.headers.get(hdrs.IF_MATCH)
    if given is None or given.strip() == "*":
        return in_body
    found = _ETAG.fullmatch(given.strip())
    if found is None:
        raise Malformed("if_match")
    version = int(found[1])
    if in_body is not None and in_body != version:
        raise Invalid("invalid_field", errors=[{"field": "version", "message": "If-Match names another version"}])
    return version
