"""Opaque cursors: where a list that is sorted by rank and id goes on."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from api.errors import Malformed

_PLACE: Final = re.compile(r"([0-9]{1,9}):([0-9a-f]{24})")


def write_cursor(rank: int, last_id: str) -> str:
    return base64.urlsafe_b64encode(f"{rank}:{last_id}".encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[int, str]:
    """The (rank, id) of the last one already seen. Raises Malformed."""
    try:
        text = base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)).decode("ascii")
    except (binascii.Error, UnicodeError, ValueError):
        raise Malformed("invalid_cursor") from None
    found = _PLACE.fullmatch(text)
    if found is None:
        raise Malformed("invalid_cursor")
    return int(found[1]), found[2]
