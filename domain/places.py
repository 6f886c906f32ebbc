"""Places as people type them: when two of them are the same."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from domain.folding import place_key

_PARTS: Final = re.compile(r"[,;()/|\n،，、·–—]+")


def is_same_place(one: str, other: str) -> bool:
    """Return whether two typed places are one: "Lavapiés" and "Lavapies, Madrid" are, "Madrid" and "Lavapiés, Madrid"
    are not, nor are "Valencia, Spain" and "Valencia, Venezuela". Empty ones are no places."""
    ours, theirs = _parts(one), _parts(other)
    if not ours or not theirs:
        return False
    if " ".join(ours) == " ".join(theirs):  # "Lavapiés Madrid", "Lavapiés, Madrid"
        return True
    shared = min(len(ours), len(theirs))
    return ours[:shared] == theirs[:shared]


@lru_cache(maxsize=4096)
def _parts(place: str) -> tuple[str, ...]:
    """Return the keys of the parts between commas or brackets, from the narrowest on."""
    return tuple(key for part in _PARTS.split(place) if (key := place_key(part)))
