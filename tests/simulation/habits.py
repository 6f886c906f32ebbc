"""Habits of made-up people: how soon they react, what they say, and whether they come."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Habit:
    """`reacts`: chance of a reaction to a message of the bot; `delay`: hours until it, at most. `accepts`, `comes`,
    `rates`: chances. `asks`: requests a week."""

    name: str
    share: float
    reacts: float
    delay: int
    accepts: float
    comes: float
    rates: float
    asks: float

    def delay_of(self, chance: random.Random) -> timedelta:
        return timedelta(hours=chance.uniform(0.1, self.delay))


HABITS = (
    Habit("reliable", 0.35, reacts=0.97, delay=8, accepts=0.8, comes=0.97, rates=0.85, asks=1.0),
    Habit("forgetful", 0.35, reacts=0.6, delay=48, accepts=0.7, comes=0.8, rates=0.4, asks=0.7),
    Habit("silent", 0.2, reacts=0.12, delay=72, accepts=0.6, comes=0.7, rates=0.1, asks=0.4),
    Habit("rude", 0.1, reacts=0.8, delay=24, accepts=0.5, comes=0.4, rates=0.5, asks=1.5),
)


def habit_of(chance: random.Random) -> Habit:
    return chance.choices(HABITS, [habit.share for habit in HABITS])[0]
