"""Counts of people in words: how many teach a skill, and what is between them and the viewer."""

from __future__ import annotations

from domain.decks import MAX_COUNTED, PeopleCount
from handlers.runtime.texts import AtLeast, Texts


def counted(count: int, *, most: int = MAX_COUNTED) -> int:
    """Return a count for a text; one at which counting has stopped (`most`) is written "1,000+"."""
    return AtLeast(count) if count >= most else count


def classes_text(texts: Texts, count: PeopleCount) -> str:
    """Return in plain words what is between the viewer and those who cannot be asked now; "" for nothing."""
    classes = count.classes()
    if count.people == 1:
        return next((texts.plain(f"people.only.{name}") for name in classes), "")
    return texts.enumerate([texts.plain(f"people.{name}", n=n) for name, n in classes.items()]) if classes else ""
