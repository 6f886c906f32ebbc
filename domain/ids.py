"""The form of ids."""

from __future__ import annotations

import re
from typing import Final

ID_PATTERN: Final = "[0-9a-f]{24}"
"""Ids of users, swaps, messages and photos: an ObjectId in hexadecimal."""

_ID: Final = re.compile(ID_PATTERN)


def is_id(text: str) -> bool:
    """Return whether a text has the form of an id."""
    return _ID.fullmatch(text) is not None
