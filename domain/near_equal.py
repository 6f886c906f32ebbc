"""Notes that say nearly the same: one written text, sent to one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from domain.folding import fold

MIN_LENGTH: Final = 30
"""Characters from which notes are compared: "Hi, shall we swap?" is nobody's invention."""
NEAR: Final = 85
"""Likeness from which two notes are nearly the same, 0 to 100: one changed word of many is about 91."""
TOO_MANY: Final = 6
"""Nearly equal notes in COUNTED_WITHIN that a moderator looks at."""
COMPARED: Final = 20
"""The last so many notes of the same person are compared."""
COUNTED_WITHIN: Final = timedelta(days=1)


def near_equal(note: str, others: Sequence[str]) -> list[str]:
    """Return those of the other notes that say nearly the same."""
    plain = _plain(note)
    if len(plain) < MIN_LENGTH:
        return []
    from rapidfuzz import fuzz  # loaded late to keep start-up fast

    return [other for other in others if fuzz.ratio(plain, _plain(other), score_cutoff=NEAR)]


def are_too_many(note: str, last: Sequence[str]) -> bool:
    """Return whether the last notes, this one among them, say nearly the same too often."""
    return len(near_equal(note, last)) >= TOO_MANY


def most_alike(notes: Sequence[str]) -> list[str]:
    """Return the most notes among these that say nearly the same."""
    return max((near_equal(note, notes) for note in notes), key=len, default=[])


def _plain(note: str) -> str:
    return " ".join(fold(note).split())
