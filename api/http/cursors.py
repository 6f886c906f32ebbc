"""Opaque cursors: where a list goes on that is sorted by rank and id, or that has an order of its own."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from api.http.errors import Malformed

_ID: Final = re.compile(r"[0-9a-f]{24}")
_PLACE: Final = re.compile(r"([0-9]{1,9}):([0-9a-f]{24})")


def write_cursor(rank: int, last_id: str) -> str:
    return base64.urlsafe_b64encode(f"{rank}:{last_id}".encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[int, str]:
    """The (rank, id) of the last one already seen. Raises Malformed."""
    found = _PLACE.fullmatch(_text_of(cursor))
    if found is None:
        raise Malformed("invalid_cursor")
    return int(found[1]), found[2]


def write_position(last_id: str) -> str:
    return base64.urlsafe_b64encode(last_id.encode()).decode().rstrip("=")


def read_position(cursor: str) -> str:
    """The id of the last one already seen. Raises Malformed."""
    text = _text_of(cursor)
    if not _ID.fullmatch(text):
        raise Malformed("invalid_cursor")
    return text


def _text_of(cursor: str) -> str:
    try:
        return base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)).decode("ascii")
    except (binascii.Error, UnicodeError, ValueError):
        raise Malformed("invalid_cursor") from None
