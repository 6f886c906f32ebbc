"""Counts of people in words: how many teach a skill, and what is between them and the viewer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from domain.decks import MAX_COUNTED, DeckAdvice, PeopleCount
from handlers.runtime.texts import AtLeast, Texts

MAX_KNOWN: Final = 3
"""Wishes of which an empty deck says why none of the teachers can be asked."""
MAX_NAMED: Final = 8
"""Skills that nobody teaches, named in one line."""


def counted(count: int, *, most: int = MAX_COUNTED) -> int:
    """Return a count for a text; one at which counting has stopped (`most`) is written "1,000+"."""
    return AtLeast(count) if count >= most else count


def classes_text(texts: Texts, count: PeopleCount) -> str:
    """Return in plain words what is between the viewer and those who cannot be asked now; "" for nothing."""
    classes = count.classes()
    if count.people == 1:
        return next((texts.plain(f"people.only.{name}") for name in classes), "")
    return texts.enumerate([texts.plain(f"people.{name}", n=n) for name, n in classes.items()]) if classes else ""


def advice_lines(texts: Texts, advice: DeckAdvice) -> list[str]:
    """Return the lines of advice for an empty deck, in HTML: skills that would bring the most matches, each only with a
    number behind it."""
    wanting = advice.wanting[:1]
    lines = [texts("match.advice.want", skill=most.skill, n=counted(most.can_ask)) for most in wanting if most.can_ask]
    nobody = [count.skill for count in advice.teaching if not count.people][:MAX_NAMED]
    if nobody:
        lines.append(texts("match.advice.nobody", skills=texts.enumerate(nobody)))
    lines += _teacher_lines(texts, advice.teaching)
    for key, counts in (("want_too", advice.want_too), ("teach_too", advice.teach_too)):
        lines += [texts(f"match.advice.{key}", skill=most.skill, n=most.people) for most in counts[:1]]
    return lines


def _teacher_lines(texts: Texts, teaching: Sequence[PeopleCount]) -> list[str]:
    """Return a line about the wish with the most teachers who can be asked, and lines about those with none."""
    some = [count for count in teaching if count.can_ask]
    lines = [
        texts("match.advice.teach", skill=most.skill, n=counted(most.can_ask))
        if most.can_ask == most.people
        else texts("match.advice.teach_some", skill=most.skill, n=counted(most.people), some=counted(most.can_ask))
        for most in some[-1:]
    ]
    known = [count for count in teaching if count.people and not count.can_ask][:MAX_KNOWN]
    return lines + [
        texts("match.advice.known", skill=count.skill, n=count.people, what=classes_text(texts, count))
        for count in known
    ]
