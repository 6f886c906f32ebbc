"""Made-up people for demonstrations and benchmarks: plausible, and the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from domain.week import SLOTS

FIRST_NAMES = (
    "Ana", "Li", "Noor", "Mateo", "Ines", "Kofi", "Yuki", "Lena", "Omar", "Sofia", "Tomas", "Amara", "Jonas", "Priya",
    "Elif", "Diego", "Freya", "Samir", "Nadia", "Hugo", "Marta", "Ravi", "Zoe", "Emil", "Lucia", "Tariq", "Greta",
    "Bruno", "Aisha", "Leo", "Carmen", "Idris", "Maja", "Felix", "Rosa", "Anton", "Leila", "Pablo", "Nina", "Cyrus",
    "Vera", "Malik", "Clara", "Ivo", "Selma", "Javier", "Runa", "Mikael", "Dalia", "Otto",
)  # fmt: skip
LAST_INITIALS = "ABCDEFGHIKLMNOPRSTVWZ"
PLACES = (
    "Lavapiés", "Gràcia", "Kreuzberg", "Old Town", "Harbour side", "University quarter", "North bank", "Mill lane",
    "Station district", "Riverside", "Hilltop", "Online",
)  # fmt: skip
SKILLS = (
    "Guitar", "Python", "Spanish", "Cooking", "Photography", "English", "Piano", "Yoga", "Drawing", "Excel",
    "Sewing", "Bike repair", "Chess", "Singing", "Public speaking", "JavaScript", "Gardening", "German", "Watercolour",
    "Video editing", "Bread baking", "Swimming", "Salsa", "Calligraphy", "Woodworking", "French", "Juggling",
    "Knitting", "Ukulele", "Statistics", "Climbing", "Creative writing", "Arabic", "Pottery", "Web design",
    "Meditation", "Drums", "Sign language", "3D printing", "Massage", "Chinese", "C++", "Sourdough", "Beekeeping",
    "Origami", "Bookkeeping", "Mandolin", "Soldering",
)  # fmt: skip
ZIPF = 0.8
"""Exponent of the distribution of wanted skills: a few are wanted by many, most by few."""


@dataclass(frozen=True, slots=True)
class Character:
    """The profile of one made-up person."""

    name: str
    location: str
    skills_offered: tuple[str, ...]
    skills_wanted: tuple[str, ...]
    slots: tuple[str, ...]
    locale: str
    is_public: bool


def make_people(count: int, *, seed: int) -> Iterator[Character]:
    """Yield `count` people, the same ones in the same order for the same seed."""
    rng = random.Random(seed)
    weights = [1 / (rank + 1) ** ZIPF for rank in range(len(SKILLS))]
    for number in range(count):
        offered = _pick(rng, weights, rng.randint(1, 4), besides=())
        wanted = _pick(rng, weights, rng.randint(1, 4), besides=offered)
        first = FIRST_NAMES[number % len(FIRST_NAMES)]
        yield Character(
            name=f"{first} {rng.choice(LAST_INITIALS)}.",
            location=rng.choice(PLACES) if rng.random() < 0.85 else "",
            skills_offered=offered,
            skills_wanted=wanted,
            slots=tuple(slot for slot in SLOTS if rng.random() < 0.4),
            locale="es" if rng.random() < 0.2 else "en",
            is_public=rng.random() < 0.95,
        )


def _pick(rng: random.Random, weights: list[float], count: int, *, besides: tuple[str, ...]) -> tuple[str, ...]:
    picked: list[str] = []
    while len(picked) < count:
        skill = rng.choices(SKILLS, weights)[0]
        if skill not in picked and skill not in besides:
            picked.append(skill)
    return tuple(picked)
