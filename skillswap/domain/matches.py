"""Who suits whom, and why. The store finds the candidates by one index; the rules here say what they mean."""

from __future__ import annotations

from dataclasses import dataclass

from skillswap.domain.skills import shared_skills
from skillswap.domain.users import User


@dataclass(frozen=True, slots=True)
class Match:
    """`user` teaches the viewer one of `teaches_you`; the viewer teaches them one of `you_teach` ."""

    user: User
    teaches_you: tuple[str, ...]
    you_teach: tuple[str, ...]
    shared_slots: tuple[str, ...]

    @property
    def is_two_sided(self) -> bool:
        return bool(self.teaches_you and self.you_teach)


@dataclass(frozen=True, slots=True)
class DeckAdvice:
    """Why a deck is empty, in numbers: how many others want what I teach, teach what I want, or wait unseen."""

    want_what_you_teach: int
    teach_what_you_want: int
    skipped: int


def match_between(viewer: User, other: User) -> Match:
    """How `other` looks to `viewer`."""
    return Match(
        user=other,
        teaches_you=shared_skills(other.skills_offered, other.offered_keys, viewer.wanted_keys),
        you_teach=shared_skills(viewer.skills_offered, viewer.offered_keys, other.wanted_keys),
        shared_slots=tuple(slot for slot in viewer.slots if slot in other.slots),
    )
