"""Transitions of a swap: every state, every user, every verb."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.counter_offers import counter
from domain.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from domain.swaps import (
    ACCEPTED,
    ANSWER_WITHIN,
    CANCELLED,
    EXPIRED,
    MAX_HISTORY,
    OPEN,
    OVER,
    PENDING,
    PROPOSED,
    REJECTED,
    STATUSES,
    Swap,
    propose,
    same_answer,
)

AT = datetime(2024, 5, 1, 12, tzinfo=UTC)
ASKER, PARTNER, STRANGER = "a" * 24, "b" * 24, "c" * 24
PEOPLE = {"asker": ASKER, "partner": PARTNER, "stranger": STRANGER}


def request(
    asker: str = ASKER, partner: str = PARTNER, *, offered: str = "Python", wanted: str = "Guitar", at: datetime = AT
) -> Swap:
    return propose(
        swap_id="d" * 24, from_id=asker, to_id=partner, offered_skill=offered, wanted_skill=wanted, message="", at=at
    )


def swap_in(status: str) -> Swap:
    swap = request()
    match status:
        case "accepted":
            return swap.accept(by=PARTNER, at=AT)
        case "rejected":
            return swap.reject(by=PARTNER, at=AT)
        case "cancelled":
            return swap.cancel(by=ASKER, at=AT)
        case "expired":
            return swap.expire(at=AT + ANSWER_WITHIN)
        case "proposed":  # of circles only, whose moves are their own: these verbs do nothing there
            return replace(swap, status=PROPOSED)
        case "completed" | "not_happened" | "disputed" | "lapsed":
            return swap.accept(by=PARTNER, at=AT).moved(status, status, by="", at=AT)
    return swap


OF_SESSIONS = ("plan", "met", "arrange", "done", "state")
"""Verbs of a running swap's sessions: see test_sessions.py."""

VERBS: dict[str, Callable[[Swap, str], Swap]] = {
    "accept": lambda swap, by: swap.accept(by=by, at=AT),
    "reject": lambda swap, by: swap.reject(by=by, at=AT),
    "cancel": lambda swap, by: swap.cancel(by=by, at=AT),
    "counter": lambda swap, by: counter(
        swap, by=by, offered_skill=f"Skill {swap.rounds}", wanted_skill="Chess", message="", at=AT
    ),
}

# (state, person, verb) -> the state after; everything that is not here is refused.
ALLOWED = {
    (PENDING, "partner", "accept"): ACCEPTED,
    (PENDING, "partner", "reject"): REJECTED,
    (PENDING, "partner", "counter"): PENDING,
    (PENDING, "asker", "cancel"): CANCELLED,
    (ACCEPTED, "asker", "cancel"): CANCELLED,
    (ACCEPTED, "partner", "cancel"): CANCELLED,
}


def refusal(status: str, person: str, verb: str) -> type[Problem]:
    if person == "stranger":
        return NotFound
    if (verb in ("accept", "reject", "counter") and person == "asker") or (status == PENDING and verb == "cancel"):
        return Forbidden
    return Conflict


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("status", STATUSES)
def test_the_table_of_transitions(status: str, person: str, verb: str) -> None:
    before = swap_in(status)
    after = ALLOWED.get((status, person, verb))
    if after is None:
        with pytest.raises(refusal(status, person, verb)):
            VERBS[verb](before, PEOPLE[person])
        return
    moved = VERBS[verb](before, PEOPLE[person])
    assert (moved.status, moved.version) == (after, before.version + 1)
    assert (moved.due_at is None) == (after != PENDING)
    assert moved.history[:-1] == before.history
    assert (moved.history[-1].status, moved.history[-1].by) == (after, PEOPLE[person])
    assert after == PENDING or same_answer(moved, after, PEOPLE[person])
    assert before == swap_in(status)  # a rule changes nothing, it makes a new swap


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("status", STATUSES)
def test_offered_actions_are_the_allowed_ones(status: str, person: str) -> None:
    offered = set(swap_in(status).can(PEOPLE[person])) - {"chat", "join", "leave", *OF_SESSIONS}
    assert offered == {verb for verb in VERBS if (status, person, verb) in ALLOWED}


@given(st.lists(st.tuples(st.sampled_from(sorted(VERBS)), st.sampled_from(sorted(PEOPLE))), max_size=12))
def test_final_states_are_never_left(steps: list[tuple[str, str]]) -> None:
    swap = request()
    for verb, person in steps:
        try:
            after = VERBS[verb](swap, PEOPLE[person])
        except Problem:
            continue
        assert swap.status in OPEN
        assert after.version == swap.version + 1
        swap = after
    assert swap.version == len(swap.history)
    assert swap.history[-1].status == swap.status
    assert len(swap.history) <= MAX_HISTORY


def test_only_unanswered_requests_expire() -> None:
    assert request().expire(at=AT + ANSWER_WITHIN).status == EXPIRED
    with pytest.raises(Conflict):
        request().expire(at=AT + ANSWER_WITHIN - timedelta(milliseconds=1))
    for status in (ACCEPTED, *OVER):
        with pytest.raises(Conflict):
            swap_in(status).expire(at=AT + 2 * ANSWER_WITHIN)


@pytest.mark.parametrize("verb", ["accept", "reject"])
def test_answer_after_the_due_time_is_refused(verb: str) -> None:
    late = request(at=AT - ANSWER_WITHIN)
    with pytest.raises(Conflict, match=r"swap\.expired"):
        VERBS[verb](late, PARTNER)
    assert late.cancel(by=ASKER, at=AT).status == CANCELLED


def test_open_key_is_independent_of_the_asker() -> None:
    crossing = request(PARTNER, ASKER, offered="guitar", wanted=" PYTHON")
    assert request().open_key == crossing.open_key
    assert request(wanted="Bass guitar").open_key != request().open_key
    assert request(partner=STRANGER).open_key != request().open_key
    for status in STATUSES:
        assert (swap_in(status).open_key is not None) == (status in OPEN)


def test_swap_with_oneself_or_of_equal_skills_is_refused() -> None:
    with pytest.raises(Invalid, match=r"swap\.with_yourself"):
        request(partner=ASKER)
    with pytest.raises(Invalid, match=r"swap\.same_skill"):
        request(offered="Café", wanted="cafe")
