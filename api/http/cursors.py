"""Opaque pagination cursors: (rank, id) for lists sorted by rank, or an id alone."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from api.http.errors import Malformed

_ID: Final = re.compile(r"[0-9a-f]{24}")
_RANK_AND_ID: Final = re.compile(r"([0-9]{1,9}):([0-9a-f]{24})")


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
    text = _decode(cursor)
    if not _ID.fullmatch(text):
        raise Malformed("invalid_cursor")
    return text


def _decode(cursor: str) -> str:
    try:
        return base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)).decode("ascii")
    except (binascii.Error, UnicodeError, ValueError):
        raise Malformed("invalid_cursor") from None
