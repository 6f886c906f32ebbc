"""Sequences of acts in one swap, written by a Hypothesis state machine that follows the sequential table.

A script has a list of acts for each round; between two rounds time passes, the same for all scripts.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from tests.faults.session_table import Table

PASSING = (1, 3, 3, 24, 24, 26, 30, 50, 50, 80, 170)
"""Hours that can pass between two rounds; after the last one so many pass that everything has come to its end."""
AT_LAST = 800
MOST_ACTS = 5
EACH_OF = 12
"""Scripts that are written for each that is played: those with the most different things in them."""
STEPS = 40

Act = tuple[str, int, int]
"""Name of the act, who does it, and how many hours ahead."""

person = st.integers(0, 1)
ahead = st.integers(2, 60)


@dataclass(frozen=True)
class Script:
    """`seen` are the acts with what came of them, and everything that happened and was told."""

    rounds: tuple[tuple[Act, ...], ...]
    seen: frozenset[str]


def hours_between(rounds: int, seed: int) -> list[int]:
    return [*random.Random(seed).choices(PASSING, k=rounds - 1), AT_LAST]


def write_scripts(count: int, hours: Sequence[int], seed: int) -> list[Script]:
    """Return the scripts in which most happens, of many that the machine has come up with."""
    written: list[Script] = []
    budget = settings(
        max_examples=count * EACH_OF,
        stateful_step_count=STEPS,
        deadline=None,
        phases=[Phase.generate],
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(seeded(seed)(_writer(hours, written)), settings=budget)
    left, chosen = list({script.rounds: script for script in written}.values()), list[Script]()
    times: Counter[str] = Counter()
    while left and len(chosen) < count:
        best = max(left, key=lambda script: sum(1 / (1 + times[one]) for one in script.seen))
        left.remove(best)
        chosen.append(best)
        times.update(best.seen)
    return chosen


def _writer(hours: Sequence[int], written: list[Script]) -> type[RuleBasedStateMachine]:
    class Writer(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.table = Table()
            self.rounds: list[list[Act]] = [[]]
            self.seen: set[str] = set()

        def _act(self, name: str, by: int, value: int = 0) -> None:
            if len(self.rounds[-1]) < MOST_ACTS:
                self.rounds[-1].append((name, by, value))
                result = self.table.act(name, by, value)
                self.seen |= {f"{name} {result}", *self.table.events, *(event for event, _ in self.table.told)}

        def _is(self, *statuses: str) -> bool:
            return self.table.session is not None and self.table.session.status in statuses

        @precondition(lambda self: not self._is("offered", "agreed"))
        @rule(by=person, hours=ahead)
        def offer(self, by: int, hours: int) -> None:
            self._act("offer", by, hours)

        @precondition(lambda self: self._is("offered", "agreed"))
        @rule(is_other=st.sampled_from([True, True, True, False]))
        def agree(self, is_other: bool) -> None:
            session = self.table.session
            assert session is not None
            self._act("agree", 1 - session.by if is_other else session.by)

        @precondition(lambda self: self._is("offered", "agreed") and not self.table.sessions[-1].answers)
        @rule(by=person, hours=ahead)
        def move(self, by: int, hours: int) -> None:
            self._act("move", by, hours)

        @precondition(lambda self: bool(self.table.sessions))
        @rule(name=st.sampled_from(["confirm", "confirm", "confirm", "call_off"]), by=person)
        def before_it(self, name: str, by: int) -> None:
            self._act(name, by)

        @precondition(lambda self: bool(self.table.sessions))
        @rule(said=st.sampled_from(["yes", "yes", "no"]), by=person)
        def answer(self, said: str, by: int) -> None:
            self._act(said, by)

        @precondition(lambda self: self._is("agreed") and self.table.sessions[-1].starts < self.table.hour)
        @rule(words=st.lists(st.sampled_from(["yes", "no"]), min_size=1, max_size=3), first=person)
        def answer_about_what_is_over(self, words: list[str], first: int) -> None:
            for number, said in enumerate(words):
                self._act(said, (first + number) % 2)

        @precondition(lambda self: self._is("agreed", "held"))
        @rule(by=person)
        def finish(self, by: int) -> None:
            self._act("finish", by)

        @precondition(lambda self: self.table.has_held and self.table.status == "accepted")
        @rule(by=person)
        def stop(self, by: int) -> None:
            self._act("stop", by)

        @precondition(lambda self: self.table.status in ("completed", "disputed"))
        @rule(name=st.sampled_from(["rate", "rate", "state"]), by=person)
        def afterwards(self, name: str, by: int) -> None:
            self._act(name, by)

        @precondition(lambda self: len(self.rounds) < len(hours))
        @rule(times=st.integers(1, 2))
        def pass_time(self, times: int) -> None:
            for _ in range(times):
                if len(self.rounds) < len(hours):
                    self.table.pass_time(hours[len(self.rounds) - 1])
                    self.rounds.append([])

        def teardown(self) -> None:
            rounds: list[tuple[Act, ...]] = [tuple(acts) for acts in self.rounds]
            written.append(Script((*rounds, *[()] * (len(hours) - len(rounds))), frozenset(self.seen)))

    return Writer


def expected(script: Script, hours: Sequence[int], until: int) -> Table:
    """Return the table after this number of rounds, each with the time that follows it."""
    table = Table()
    for acts, passing in list(zip(script.rounds, hours, strict=True))[:until]:
        for act in acts:
            table.act(*act)
        table.pass_time(passing)
    return table


def varieties(scripts: Sequence[Script], hours: Sequence[int]) -> dict[str, Any]:
    """Return how often each event and each notification comes in these scripts."""
    tables = [expected(script, hours, len(hours)) for script in scripts]
    events = {event for table in tables for event in table.events}
    told = {event for table in tables for event, _ in table.told}
    return {"acts": sum(len(acts) for script in scripts for acts in script.rounds), "events": events, "told": told}
