"""Stage of a swap and next action: the same answer for every reader, from the swap and the time alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from domain import outcomes, planning
from domain.planning import Meeting
from domain.sessions import NO, YES, Answer
from domain.stages import can_in_session, next_action, stage
from domain.swaps import ANSWER_WITHIN, Swap, propose
from domain.timetable import CLOSE_AFTER, LAPSE_AFTER, RATE_WITHIN, STATEMENT_WITHIN

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
START = NOW + 3 * DAY


def asked() -> Swap:
    return propose(
        swap_id="1", from_id="ada", to_id="ben", offered_skill="Python", wanted_skill="Guitar", message="", at=NOW
    )


def running() -> Swap:
    return asked().accept(by="ben", at=NOW)


def agreed() -> Swap:
    offered = planning.offer(running(), Meeting((START,)), by="ada", at=NOW)
    return planning.agree(offered, "1", START, by="ben", at=NOW)


def said(swap: Swap, at: datetime, viewer: str = "ada") -> tuple[str, set[str], datetime | None] | None:
    action = next_action(swap, viewer, at)
    return (action.verb, set(action.by), action.until) if action else None


def test_a_request_waits_for_whoever_has_to_answer() -> None:
    assert (stage(asked(), "ada", NOW), said(asked(), NOW)) == (None, ("answer", {"ben"}, NOW + ANSWER_WITHIN))
    assert said(asked().reject(by="ben", at=NOW), NOW) is None


def test_a_running_swap_goes_from_talking_to_planned_to_asking() -> None:
    both = {"ada", "ben"}
    swap = running()
    assert (stage(swap, "ada", NOW), said(swap, NOW)) == ("talking", ("plan", both, NOW + LAPSE_AFTER))
    offered = planning.offer(swap, Meeting((START, START + DAY)), by="ada", at=NOW)
    assert (stage(offered, "ben", NOW), said(offered, NOW)) == ("talking", ("agree", {"ben"}, START + DAY))
    assert can_in_session(offered, offered.plan.sessions[0], "ben", NOW) == ("agree", "move", "call_off")
    assert can_in_session(offered, offered.plan.sessions[0], "ada", NOW) == ("move", "call_off")
    swap = agreed()
    assert (stage(swap, "ben", NOW), said(swap, NOW)) == ("planned", ("meet", both, START))
    assert can_in_session(swap, swap.plan.sessions[0], "ben", NOW) == ("move", "call_off")
    over = START + 2 * HOUR
    assert (stage(swap, "ben", over), said(swap, over)) == ("asking", ("answer_session", both, over + CLOSE_AFTER))
    assert can_in_session(swap, swap.plan.sessions[0], "ben", over) == ("answer", "move")


def test_the_silent_one_is_to_answer_and_the_rated_are_both() -> None:
    over = START + 2 * HOUR
    first = outcomes.answer(agreed(), "1", Answer("ada", YES, over, legs=(0, 1)))
    assert said(first, over) == ("answer_session", {"ben"}, over + CLOSE_AFTER)
    held = outcomes.answer(first, "1", Answer("ben", YES, over, legs=(0, 1)))
    assert said(held, over) == ("done", {"ada", "ben"}, over + LAPSE_AFTER)
    half = outcomes.done(held, by="ada", at=over)
    assert said(half, over)[:2] == ("done", {"ben"})  # type: ignore[index]
    whole = outcomes.done(half, by="ben", at=over)
    assert said(whole, over) == ("rate", {"ada", "ben"}, over + RATE_WITHIN)
    assert said(whole, over + RATE_WITHIN) is None


def test_a_dispute_waits_for_statements() -> None:
    over = START + 2 * HOUR
    swap = outcomes.answer(agreed(), "1", Answer("ada", YES, over, legs=(0, 1)))
    swap = outcomes.answer(swap, "1", Answer("ben", NO, over))
    assert said(swap, over) == ("answer_session", {"ben"}, over + CLOSE_AFTER)
    swap = outcomes.answer(swap, "1", Answer("ben", NO, over + HOUR))
    assert swap.status == "disputed"
    ends = over + HOUR + STATEMENT_WITHIN
    assert said(swap, over + HOUR) == ("state", {"ada", "ben"}, ends)
    swap = outcomes.state(swap, "We met", by="ada", at=over + HOUR)
    assert said(swap, over + HOUR) == ("state", {"ben"}, ends)
    assert said(replace(swap, plan=replace(swap.plan, decision="settled")), over + HOUR) is None
