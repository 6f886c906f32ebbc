"""People as cards of pages: what the two could teach each other, reasons and caveats, facts; plain values for
templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.matches import MAX_REASONS, Match
from domain.users import User
from domain.week import words_beside_slots
from handlers.request_facts import factor_text, facts_line, slot_names, unsaid_reasons
from handlers.runtime.texts import Texts

OF_DISTANCE: Final = frozenset(("near", "very_near", "far"))
"""Factors that say the distance, so that it does not stand beside the place too."""


@dataclass(frozen=True, slots=True)
class PersonCard:
    """A user as another one sees them. `where` is place, distance and language, `free` when they are
    free; `wants` what they want to learn when the viewer teaches none of it."""

    id: str
    name: str
    initial: str
    photo_url: str | None
    where: str
    teaches_you: tuple[str, ...]
    you_teach: tuple[str, ...]
    also_teaches: tuple[str, ...]
    wants: tuple[str, ...]
    reasons: tuple[str, ...]
    caveats: tuple[str, ...]
    facts: str
    free: str
    ratings: int


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A user as a line of a list."""

    id: str
    name: str
    initial: str
    photo_url: str | None
    what: str


def person_card(texts: Texts, match: Match, at: datetime) -> PersonCard:
    """Return the card of a match for the viewer of these texts."""
    person = match.user
    taught = _by_skill(person.skills_offered, person.offered_keys, person.offered_levels)
    wanted = _by_skill(person.skills_wanted, person.wanted_keys, person.wanted_levels)
    others = tuple(skill for skill in person.skills_offered if skill not in match.teaches_you)
    wants = person.skills_wanted if not match.you_teach else ()
    reasons = [factor_text(texts, one, "reason") for one in unsaid_reasons(match.reasons, match.shared_slots)]
    if match.shared_slots:
        times = slot_names(texts, match.shared_slots)
        reasons.insert(0, texts.plain("page.discover.both_free", times=times))
    return PersonCard(
        id=person.id,
        name=name_of(texts, person),
        initial=initial_of(person),
        photo_url=person.photo_url,
        where=_where(texts, match),
        teaches_you=_written(texts, match.teaches_you, taught),
        you_teach=_written(texts, match.you_teach, {}),
        also_teaches=_written(texts, others, taught),
        wants=_written(texts, wants, wanted),
        reasons=tuple(reasons[:MAX_REASONS]),
        caveats=tuple(factor_text(texts, one, "caveat") for one in match.caveats),
        facts=facts_line(texts, person, at),
        free=_free(texts, person),
        ratings=person.record.ratings,
    )


def person_line(texts: Texts, match: Match) -> PersonLine:
    """Return a match as a line: what the two could teach each other, or where the other one is."""
    person = match.user
    pair = [texts.enumerate([texts.skill_name(skill) for skill in skills]) for skills in _both(match) if skills]
    what = " ⇄ ".join(pair) or person.location
    return PersonLine(person.id, name_of(texts, person), initial_of(person), person.photo_url, what)


def _both(match: Match) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return match.teaches_you or match.user.skills_offered[:1], match.you_teach


def name_of(texts: Texts, person: User) -> str:
    return person.name or texts.plain("swap.somebody")


def initial_of(person: User) -> str:
    """Return what stands in the place of a photo."""
    return person.name[:1].upper()


def _by_skill(skills: Sequence[str], keys: Sequence[str], levels: Mapping[str, str]) -> dict[str, str]:
    return {skill: levels[key] for skill, key in zip(skills, keys, strict=True) if key in levels}


def _written(texts: Texts, skills: Sequence[str], levels: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(texts.skill(skill, level=levels.get(skill)) for skill in skills)


def _free(texts: Texts, person: User) -> str:
    said = (slot_names(texts, person.slots), words_beside_slots(person.availability))
    return texts.enumerate([times for times in said if times])


def _where(texts: Texts, match: Match) -> str:
    said = {factor.key for factor in (*match.reasons, *match.caveats)}
    parts = [match.user.location]
    if match.distance_km and said.isdisjoint(OF_DISTANCE):
        parts.append(texts.distance(match.distance_km))
    parts.append(texts.language_name(match.user.locale))
    return " · ".join(part for part in parts if part)
