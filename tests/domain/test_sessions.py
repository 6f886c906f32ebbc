"""Sessions of a swap: planning them, what the two say about them, and what becomes of the swap."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain import outcomes, planning
from domain.circles import Part, join, propose_circle
from domain.errors import Conflict, Forbidden, Invalid, NotFound
from domain.outcomes import no_show_claims
from domain.planning import Meeting
from domain.sessions import AGREED, CALLED_OFF, HELD, MISSED, OFFERED, UNKNOWN, Answer, Session
from domain.swaps import ACCEPTED, CANCELLED, COMPLETED, DISPUTED, LAPSED, NOT_HAPPENED, Swap, propose
from domain.timeline import Step, due_steps, next_step, steps
from domain.timetable import ASK_AFTER, CLOSE_AFTER, LAPSE_AFTER, MAX_SESSIONS, MAX_UPCOMING

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
ADA, BEN, NOOR, STRANGER = "a" * 24, "b" * 24, "c" * 24, "f" * 24
SOON = AT + timedelta(days=3)
ADA_TEACHES, BEN_TEACHES = 0, 1


def running() -> Swap:
    request = propose(
        swap_id="d" * 24, from_id=ADA, to_id=BEN, offered_skill="Python", wanted_skill="Guitar", message="", at=AT
    )
    return request.accept(by=BEN, at=AT)


def agreed(swap: Swap | None = None, *, legs: tuple[int, ...] = (), start: datetime = SOON) -> Swap:
    offered = planning.offer(swap or running(), Meeting((start,), legs), by=ADA, at=AT)
    return planning.agree(offered, offered.plan.sessions[-1].id, start, by=BEN, at=AT)


def over(swap: Swap, session_id: str = "1") -> datetime:
    ends_at = session(swap, session_id).ends_at
    assert ends_at is not None
    return ends_at + ASK_AFTER


def session(swap: Swap, session_id: str = "1") -> Session:
    found = swap.plan.find(session_id)
    assert found is not None
    return found


def said(swap: Swap, by: str, word: str, *, reason: str = "", legs: tuple[int, ...] = (), after: int = 0) -> Swap:
    at = over(swap) + timedelta(minutes=after)
    return outcomes.answer(swap, "1", Answer(by, word, at, legs=legs, reason=reason))


def due_step(swap: Swap, at: datetime) -> tuple[Step | None, tuple[Step, ...]]:
    """Return the first step to be done at this time, and the steps that it replaces."""
    return next(due_steps(swap, at), (None, ()))


def test_of_the_offered_times_the_other_one_agrees_to_one() -> None:
    later = SOON + timedelta(days=1)
    swap = planning.offer(running(), Meeting((later, SOON), minutes=90), by=ADA, at=AT)
    assert (session(swap).status, session(swap).slots) == (OFFERED, (SOON, later))
    with pytest.raises(Forbidden, match=r"session\.own_offer"):
        planning.agree(swap, "1", SOON, by=ADA, at=AT)
    with pytest.raises(Invalid, match=r"session\.no_such_slot"):
        planning.agree(swap, "1", SOON + timedelta(hours=1), by=BEN, at=AT)
    with pytest.raises(NotFound):
        planning.agree(swap, "1", SOON, by=STRANGER, at=AT)
    swap = planning.agree(swap, "1", later, by=BEN, at=AT)
    assert (session(swap).status, session(swap).starts_at) == (AGREED, later)
    assert planning.agree(swap, "1", later, by=BEN, at=AT) is swap
    with pytest.raises(Conflict, match=r"session\.not_offered"):
        planning.agree(swap, "1", SOON, by=BEN, at=AT)


@pytest.mark.parametrize(
    ("meeting", "code"),
    [
        (Meeting(()), "session.slots"),
        (Meeting(tuple(SOON + timedelta(hours=n) for n in range(4))), "session.slots"),
        (Meeting((AT - timedelta(minutes=1),)), "session.past"),
        (Meeting((AT + timedelta(days=181),)), "session.too_far_ahead"),
        (Meeting((SOON,), minutes=14), "session.minutes"),
        (Meeting((SOON,), minutes=241), "session.minutes"),
        (Meeting((SOON,), mode="by pigeon"), "session.mode"),
        (Meeting((SOON,), link="http://example.org"), "session.link"),
        (Meeting((SOON,), link="https://ana:secret@example.org"), "session.link"),
        (Meeting((SOON,), link="javascript:alert(1)"), "session.link"),
        (Meeting((SOON,), mode="in_person", place="x" * 121), "text.too_long"),
        (Meeting((SOON,), legs=(2,)), "session.legs"),
    ],
)
def test_a_session_that_cannot_be_is_refused(meeting: Meeting, code: str) -> None:
    with pytest.raises(Invalid, match=code.replace(".", r"\.")):
        planning.offer(running(), meeting, by=ADA, at=AT)


def test_a_swap_has_few_sessions_at_once_and_a_bound_of_all() -> None:
    swap = running()
    for _ in range(MAX_UPCOMING):
        swap = planning.offer(swap, Meeting((SOON,)), by=ADA, at=AT)
    with pytest.raises(Conflict, match=r"session\.too_many_upcoming"):
        planning.offer(swap, Meeting((SOON,)), by=BEN, at=AT)
    for number in range(1, MAX_SESSIONS + 1):
        if swap.plan.find(str(number)) is None:
            swap = planning.offer(swap, Meeting((SOON,)), by=ADA, at=AT)
        swap = planning.call_off(swap, str(number), by=ADA, at=AT)
    with pytest.raises(Conflict, match=r"session\.too_many"):
        planning.offer(swap, Meeting((SOON,)), by=ADA, at=AT)


def test_an_agreed_session_is_moved_twice_and_late_moves_are_marked() -> None:
    swap = agreed()
    for number in (1, 2):
        start = SOON + timedelta(days=number)
        swap = planning.move(swap, "1", Meeting((start,)), by=BEN, at=AT)
        assert (session(swap).status, session(swap).starts_at, session(swap).moves) == (OFFERED, None, number)
        swap = planning.agree(swap, "1", start, by=ADA, at=AT)
        assert not session(swap).is_late
    with pytest.raises(Conflict, match=r"session\.moved_enough"):
        planning.move(swap, "1", Meeting((SOON,)), by=BEN, at=AT)
    late = planning.move(agreed(), "1", Meeting((SOON + timedelta(days=1),)), by=BEN, at=SOON - timedelta(hours=2))
    assert session(late).is_late


def test_a_session_is_called_off_until_it_begins() -> None:
    off = planning.call_off(agreed(), "1", by=BEN, at=SOON - timedelta(hours=4))
    assert (session(off).status, session(off).is_late, session(off).sequence) == (CALLED_OFF, False, 2)
    assert planning.call_off(off, "1", by=BEN, at=SOON) is off
    with pytest.raises(Conflict, match=r"session\.has_begun"):
        planning.call_off(agreed(), "1", by=BEN, at=SOON)


def test_an_answer_before_the_end_is_refused() -> None:
    swap = agreed()
    with pytest.raises(Conflict, match=r"session\.still_to_come"):
        outcomes.answer(swap, "1", Answer(ADA, "yes", SOON))


def test_both_say_yes_and_each_learner_decides_about_their_own_leg() -> None:
    swap = said(said(agreed(), ADA, "yes"), BEN, "yes")
    assert (session(swap).status, session(swap).held_legs) == (HELD, (0, 1))
    partly = said(said(agreed(), ADA, "yes", legs=(BEN_TEACHES,)), BEN, "yes", legs=(BEN_TEACHES,))
    assert session(partly).held_legs == (BEN_TEACHES,)


def test_the_yes_of_the_learner_counts_at_once_and_the_teachers_after_silence() -> None:
    one_way = agreed(legs=(BEN_TEACHES,))
    assert session(said(one_way, ADA, "yes")).status == HELD
    waiting = said(one_way, BEN, "yes")
    assert session(waiting).status == AGREED
    closed = outcomes.close_session(waiting, "1", at=over(waiting) + CLOSE_AFTER)
    assert (session(closed).status, session(closed).is_auto) == (HELD, True)


def test_silence_is_unknown_and_two_nos_are_missed() -> None:
    silent = outcomes.close_session(agreed(), "1", at=over(agreed()) + CLOSE_AFTER)
    assert session(silent).status == UNKNOWN
    missed = said(said(agreed(), ADA, "no"), BEN, "no")
    assert (session(missed).status, missed.status) == (MISSED, ACCEPTED)
    with pytest.raises(Conflict, match=r"session\.answered"):
        said(missed, ADA, "yes")
    with pytest.raises(Conflict, match=r"swap\.not_due"):
        outcomes.close_session(agreed(), "1", at=over(agreed()) + CLOSE_AFTER - timedelta(seconds=1))


def test_a_denial_is_asked_about_once_more_before_it_is_disputed() -> None:
    denied = said(said(agreed(), ADA, "yes"), BEN, "no")
    assert (session(denied).status, session(denied).denied_by) == (AGREED, BEN)
    assert session(said(denied, BEN, "yes", after=5)).status == HELD
    disputed = said(denied, BEN, "no", after=5)
    assert disputed.status == DISPUTED
    stated = outcomes.state(disputed, "They were there.", by=ADA, at=over(denied))
    assert stated.plan.statements == {ADA: "They were there."}
    for decision in (COMPLETED, NOT_HAPPENED, CANCELLED):
        decided = outcomes.decide(stated, decision, "Both wrote so.", by=STRANGER, at=over(denied))
        assert (decided.status, decided.plan.decision) == (decision, "Both wrote so.")
        with pytest.raises(Conflict):
            outcomes.decide(decided, COMPLETED, "Again.", by=STRANGER, at=over(denied))


def test_a_swap_is_complete_when_both_are_done() -> None:
    with pytest.raises(Conflict, match=r"swap\.nothing_held"):
        outcomes.done(running(), by=ADA, at=AT)
    held = said(said(agreed(), ADA, "yes"), BEN, "yes")
    one = outcomes.done(held, by=ADA, at=AT)
    assert (one.status, outcomes.done(one, by=ADA, at=AT)) == (ACCEPTED, one)
    both = outcomes.done(one, by=BEN, at=AT)
    assert (both.status, both.plan.one_way, both.plan.completed_at) == (COMPLETED, False, AT)


def test_ending_a_swap_says_what_became_of_it() -> None:
    assert outcomes.end(running(), by=ADA, at=AT).status == CANCELLED
    held = said(agreed(legs=(BEN_TEACHES,)), ADA, "yes")
    ended = outcomes.end(held, by=BEN, at=AT)
    assert (ended.status, ended.plan.one_way) == (COMPLETED, True)
    missed = said(said(agreed(), ADA, "no"), BEN, "no")
    assert outcomes.end(missed, by=BEN, at=AT).status == NOT_HAPPENED
    planned = outcomes.end(agreed(), by=ADA, at=AT)
    assert session(planned).status == CALLED_OFF


def test_what_is_forgotten_lapses() -> None:
    swap = running()
    step, dropped = due_step(swap, AT + LAPSE_AFTER)
    assert step is not None
    assert (step.kind, [each.kind for each in dropped]) == ("lapse", ["suggest", "ask_for_plan"])
    assert outcomes.lapse(swap, at=AT).status == LAPSED


def test_only_the_latest_reminder_of_a_session_is_sent_after_an_outage() -> None:
    swap = agreed()
    first = next_step(swap)
    assert first is not None
    assert (first.kind, first.at) == ("remind_day", SOON - timedelta(days=1))
    step, dropped = due_step(swap, SOON - timedelta(minutes=30))
    assert step is not None
    assert (step.kind, [each.kind for each in dropped]) == ("remind_hour", ["remind_day"])
    step, _ = due_step(swap, SOON + timedelta(minutes=5))
    assert step is None
    step, _ = due_step(swap, over(swap) + timedelta(hours=30))
    assert step is not None
    assert step.kind == "ask_again"


def test_a_session_agreed_an_hour_before_has_no_reminders_that_lie_in_the_past() -> None:
    swap = agreed(start=AT + timedelta(minutes=40))
    first = next_step(swap)
    assert first is not None
    assert first.kind == "ask"


def test_nobody_came_is_a_claim_unless_the_other_says_that_they_agreed_not_to() -> None:
    missed = said(said(agreed(), ADA, "no", reason="they_did_not_come"), BEN, "no", reason="could_not")
    assert [(claim.about, claim.by) for claim in no_show_claims(missed)] == [(BEN, ADA)]
    agreed_not = said(said(agreed(), ADA, "no", reason="they_did_not_come"), BEN, "no", reason="agreed_not")
    assert not no_show_claims(agreed_not)
    with pytest.raises(Invalid, match=r"session\.reason"):
        said(agreed(), ADA, "yes", reason="could_not")


def test_a_session_noted_afterwards_waits_for_the_other_one() -> None:
    noted = planning.note_met(running(), Meeting(()), by=ADA, at=AT)
    assert session(noted).status == AGREED
    with pytest.raises(Forbidden, match=r"session\.own_note"):
        outcomes.answer(noted, "1", Answer(ADA, "yes", AT, legs=(0,)))
    confirmed = outcomes.answer(noted, "1", Answer(BEN, "yes", AT))
    assert session(confirmed).status == HELD
    denied = outcomes.answer(noted, "1", Answer(BEN, "no", AT))
    assert (session(denied).status, denied.status) == (CALLED_OFF, ACCEPTED)
    unconfirmed = outcomes.close_session(noted, "1", at=AT + timedelta(days=7))
    assert session(unconfirmed).status == UNKNOWN


def test_a_session_that_is_not_over_cannot_be_noted() -> None:
    with pytest.raises(Invalid, match=r"session\.still_to_come"):
        planning.note_met(running(), Meeting((AT - timedelta(minutes=59),)), by=ADA, at=AT)
    noted = planning.note_met(running(), Meeting((AT - timedelta(minutes=60),)), by=ADA, at=AT)
    assert session(outcomes.answer(noted, "1", Answer(BEN, "yes", AT))).status == HELD


def test_a_moved_session_is_at_one_place_or_online() -> None:
    here = Meeting((SOON,), mode="in_person", place="The library", link="https://meet.example.org/a")
    moved = planning.move(agreed(), "1", here, by=BEN, at=AT)
    assert (session(moved).place, session(moved).link) == ("The library", "")
    with pytest.raises(Invalid, match=r"session\.mode"):
        planning.move(agreed(), "1", Meeting((SOON,), mode="by pigeon"), by=BEN, at=AT)


def test_moderators_who_find_that_two_have_met_count_the_legs_that_were_named() -> None:
    named = said(agreed(), ADA, "yes", legs=(ADA_TEACHES,))
    disputed = said(said(named, BEN, "no", after=1), BEN, "no", after=2)
    decided = outcomes.decide(disputed, COMPLETED, "They met.", by=STRANGER, at=over(disputed))
    assert (session(decided).held_legs, decided.plan.one_way) == ((ADA_TEACHES,), True)


def test_a_session_of_a_circle_is_for_one_leg_of_two_of_its_people() -> None:
    parts = (Part(ADA, "Python", "python"), Part(BEN, "Guitar", "guitar"), Part(NOOR, "Chinese", "chinese"))
    circle = propose_circle(circle_id="e" * 24, parts=parts, at=AT)
    for person in (BEN, NOOR):
        circle = join(circle, by=person, version=circle.version, at=AT)
    with pytest.raises(Invalid, match=r"session\.legs"):
        planning.offer(circle, Meeting((SOON,)), by=ADA, at=AT)
    offered = planning.offer(circle, Meeting((SOON,), legs=(0,)), by=ADA, at=AT)
    with pytest.raises(NotFound):
        planning.agree(offered, "1", SOON, by=NOOR, at=AT)
    held = said(planning.agree(offered, "1", SOON, by=BEN, at=AT), BEN, "yes")
    assert held.plan.held_legs == {0}
    for person in (ADA, BEN):
        held = outcomes.done(held, by=person, at=AT)
    assert held.status == ACCEPTED
    assert outcomes.done(held, by=NOOR, at=AT).plan.one_way


def test_an_offer_of_which_all_times_have_passed_is_off() -> None:
    swap = planning.offer(running(), Meeting((SOON,)), by=ADA, at=AT)
    with pytest.raises(Conflict):
        planning.passed_offers(swap, at=SOON - timedelta(minutes=1))
    step, _ = due_step(swap, SOON)
    assert step is not None
    assert step.kind == "pass_offers"
    assert session(planning.passed_offers(swap, at=SOON)).status == CALLED_OFF


def test_told_steps_are_not_due_again() -> None:
    swap = running()
    first = next_step(swap)
    assert first is not None
    told = replace(swap, told={first.key: AT})
    after = next_step(told)
    assert after is not None
    assert after.at > first.at


def test_a_place_is_set_without_offering_anew_and_repeats_no_reminder() -> None:
    swap = agreed(start=AT + timedelta(days=3))
    reminders = {step.key for step in steps(swap)}
    placed = planning.place(
        swap, "1", Meeting((), mode="in_person", place=" Café  Sol ", link="ignored"), by=BEN, at=AT
    )
    (now,) = placed.plan.sessions
    assert (now.status, now.mode, now.place, now.link) == (AGREED, "in_person", "Café Sol", "")
    assert now.sequence == swap.plan.sessions[0].sequence + 1  # calendars take it for the newer one
    assert {step.key for step in steps(placed)} == reminders
    assert planning.place(placed, "1", Meeting((), mode="in_person", place="Café Sol"), by=BEN, at=AT) is placed


def test_a_place_that_cannot_be_used_or_comes_too_late_changes_nothing() -> None:
    swap = agreed(start=AT + timedelta(days=1))
    for meeting in (
        Meeting((), link="http://a.example"),
        Meeting((), mode="by letter"),
        Meeting((), link="https:///x"),
    ):
        with pytest.raises(Invalid):
            planning.place(swap, "1", meeting, by=BEN, at=AT)
    with pytest.raises(Conflict, match=r"session\.over"):
        planning.place(swap, "1", Meeting((), link="https://a.example"), by=BEN, at=AT + timedelta(days=2))
    with pytest.raises(NotFound):
        planning.place(swap, "7", Meeting((), link="https://a.example"), by=BEN, at=AT)
