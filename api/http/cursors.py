"""Pagination: the link to the next page, and opaque cursors: (rank, id) for lists sorted by rank, or an id alone."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final
from urllib.parse import urlencode

from api.http.errors import Malformed
from domain.ids import ID_PATTERN, is_id

TOTAL_COUNT: Final = "X-Total-Count"
"""Header with the number of items on all pages of a list."""

_PAGE: Final = re.compile(r"p([0-9]{1,4})")
_RANK_AND_ID: Final = re.compile(rf"([0-9]{{1,9}}):({ID_PATTERN})")


def write_cursor(rank: int, last_id: str) -> str:
    """Encode the rank and id of the last item of a page."""
    return base64.urlsafe_b64encode(f"{rank}:{last_id}".encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[int, str]:
    """Return the (rank, id) of the last item seen. Raises Malformed."""
    match = _RANK_AND_ID.fullmatch(_decode(cursor))
    if match is None:
        raise Malformed("invalid_cursor")
    return int(match[1]), match[2]


def write_position(last_id: str) -> str:
    """Encode the id of the last item of a page."""
    return base64.urlsafe_b64encode(last_id.encode()).decode().rstrip("=")


def read_position(cursor: str) -> str:
    """Return the id of the last item seen. Raises Malformed."""
    return require_id(_decode(cursor))


def write_page(number: int) -> str:
    """Encode the number of a page."""
    return base64.urlsafe_b64encode(f"p{number}".encode()).decode().rstrip("=")


def read_page(cursor: str) -> int:
    """Return the number of a page. Raises Malformed."""
    match = _PAGE.fullmatch(_decode(cursor))
    if match is None:
        raise Malformed("invalid_cursor")
    return int(match[1])


def require_id(cursor: str) -> str:
    """Return a cursor that is an id as it stands. Raises Malformed."""
    if not is_id(cursor):
        raise Malformed("invalid_cursor")
    return cursor


def next_page(path: str, **query: object) -> dict[str, str]:
    """Return the `Link` header (RFC 8288) to the next page of a list; parameters that are None are left out."""
    given = {name: value for name, value in query.items() if value is not None}
    return {"Link": f'<{path}?{urlencode(given)}>; rel="next"'}


def _decode(cursor: str) -> str:
    try:
        return base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)).decode("ascii")
    except (binascii.Error, UnicodeError, ValueError):
        raise Malformed("invalid_cursor") from None
