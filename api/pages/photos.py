"""Photos in lists: an asset host makes them as small as they are shown; what the database keeps is served as it is."""

from __future__ import annotations

import re
from typing import Final

DENSE: Final = 2
"""Pixels of a screen for one of CSS, as phones have them."""
_CLOUDINARY: Final = re.compile(r"(https://[\w-]+\.cloudinary\.com/(?:[\w-]+/)?image/upload/)(v\d+/.+)")


def small_photo(url: str, side: int) -> str:
    """Return the address of a photo as a square of so many CSS pixels, cut from its middle."""
    found = _CLOUDINARY.fullmatch(url)
    if found is None:
        return url
    pixels = side * DENSE
    return f"{found[1]}c_fill,w_{pixels},h_{pixels},q_auto/{found[2]}"
