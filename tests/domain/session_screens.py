"""Every screen that the bot has about sessions, nudges, endings and disputes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.views.dispute_cards import dispute_screen, ending_screen, reason_screen, statement_screen
from bot.views.reports import safety_rows
from bot.views.screens import Screen
from bot.views.session_cards import (
    SessionView,
    confirm_off_screen,
    legs_screen,
    question_screen,
    reasons_screen,
    reminder_screen,
    session_screen,
    where_screen,
)
from bot.views.session_planning import (
    Planning,
    days_screen,
    hours_screen,
    legs_to_plan_screen,
    length_screen,
    met_screen,
    nudge_screen,
    pick_screen,
    plan_screen,
)
from bot.views.swap_cards import swap_card
from bot.views.time_choices import choice_of
from domain import outcomes, planning
from domain.events import SWAP_UNDECIDED, status_of_event
from domain.planning import Meeting
from domain.sessions import Answer, Session
from domain.swaps import Swap
from domain.users import User
from handlers.runtime.texts import Texts
from tests.domain.event_swaps import ADA, AT, BEN, NOOR, PEOPLE, answered, closed_circle


def running(swap: Swap | None = None) -> Swap:
    return swap or answered("accepted")


def with_sessions(swap: Swap) -> list[tuple[Swap, User, datetime]]:
    """A swap whose session has gone every way, with one who sees it and when."""
    later, over = AT + timedelta(days=2), AT + timedelta(days=2, hours=2)
    slots = (later, later + timedelta(days=1))
    leg = (0,) if swap.circle is not None else ()
    ben = next(PEOPLE[person] for person in planning.people_of(swap, offered_one(swap, leg)) if person != ADA.id)
    offered = planning.offer(swap, Meeting(slots, leg), by=ADA.id, at=AT)
    again = planning.move(offered, "1", Meeting(slots), by=ben.id, at=AT)
    agreed = planning.agree(again, "1", later, by=ADA.id, at=AT)
    moved = planning.move(agreed, "1", Meeting(slots), by=ADA.id, at=AT)
    late = planning.move(agreed, "1", Meeting(slots[1:]), by=ADA.id, at=later - timedelta(hours=1))
    placed = planning.place(agreed, "1", Meeting((), link="https://meet.example.org/a"), by=ADA.id, at=AT)
    inside = planning.place(agreed, "1", Meeting((), mode="in_person", place="<Café>"), by=ADA.id, at=AT)
    off = planning.call_off(agreed, "1", by=ADA.id, at=AT)
    off_late = planning.call_off(agreed, "1", by=ADA.id, at=later - timedelta(hours=1))
    passed = planning.passed_offers(offered, at=later + timedelta(days=2))
    noted = planning.note_met(swap, Meeting((), leg), by=ADA.id, at=AT)
    not_noted = outcomes.answer(noted, "1", Answer(ben.id, "no", AT))
    said = outcomes.answer(agreed, "1", Answer(ADA.id, "no", over, reason="could_not"))
    denied = outcomes.answer(said, "1", Answer(ben.id, "yes", over))
    missed = outcomes.answer(said, "1", Answer(ben.id, "no", over))
    by_hand = outcomes.answer(agreed, "1", Answer(ADA.id, "moved", over))
    held = outcomes.answer(outcomes.answer(agreed, "1", Answer(ADA.id, "yes", over)), "1", Answer(ben.id, "yes", over))
    unknown = outcomes.close_session(agreed, "1", at=over + timedelta(days=5))
    seen_now = (offered, again, agreed, moved, late, placed, inside, off, off_late, passed, noted, not_noted)
    seen_after = (agreed, said, denied, missed, by_hand, held, unknown)
    return [(one, person, AT) for one in seen_now for person in (ADA, ben)] + [
        (one, person, over) for one in seen_after for person in (ADA, ben)
    ]


def offered_one(swap: Swap, leg: tuple[int, ...]) -> Session:
    return planning.offer(swap, Meeting((AT + timedelta(days=2),), leg), by=ADA.id, at=AT).plan.sessions[-1]


def views(texts: Texts) -> list[SessionView]:
    return [
        SessionView(texts, swap, swap.plan.sessions[0], person, "Ben & <Co>", at)
        for sort in (running(), closed_circle())
        for swap, person, at in with_sessions(sort)
    ]


def session_screens(texts: Texts, event: str) -> list[Screen]:
    return [session_screen(view) for view in views(texts)]


def reminders(texts: Texts, event: str) -> list[Screen]:
    agreed = [view for view in views(texts) if view.session.status == "agreed" and not view.session.noted_by]
    return [reminder_screen(view, is_day_before=is_so) for view in agreed for is_so in (True, False)]


def questions(texts: Texts, event: str) -> list[Screen]:
    due = [view for view in views(texts) if view.is_answer_due]
    asked = [ask(view) for view in due for ask in (question_screen, legs_screen, reasons_screen)]
    return [*asked, *(ask(view) for view in views(texts) for ask in (confirm_off_screen, where_screen))]


def nudges(texts: Texts, event: str) -> list[Screen]:
    swap, names = running(), {BEN.id: "Ben", NOOR.id: "Noor"}
    plan = Planning(texts, swap, "a", ADA, "Ben", AT)
    choice = choice_of([AT + timedelta(days=days) for days in (1, 2, 9)])
    ticked = choice.toggled(choice.times[0]).toggled(choice.times[2])
    blocks = safety_rows(texts, swap, [BEN])
    return [
        *(nudge_screen(texts, swap, "Ben", is_probe=is_so, blocks=blocks) for is_so in (True, False)),
        *(pick_screen(plan, one) for one in (choice, ticked, ticked.toggled(choice.times[1]))),
        days_screen(plan, ticked, AT.date()),
        hours_screen(plan, ticked, AT.date()),
        length_screen(plan, ticked),
        met_screen(plan),
        legs_to_plan_screen(texts, closed_circle(), ADA, names, "s"),
        plan_screen(texts, swap, ADA, names, at=AT),
        *(plan_screen(texts, one, person, names, at=at) for one, person, at in with_sessions(closed_circle())),
        Screen(texts("session.nudge.suggest", name="Ben")),
        *(Screen(texts(f"session.plan.said_{verb}", name="Ben")) for verb in ("arrange", "notyet", "done")),
    ]


def disputed() -> Swap:
    over = AT + timedelta(days=2, hours=2)
    agreed = planning.agree(
        planning.offer(running(), Meeting((AT + timedelta(days=2),)), by=ADA.id, at=AT),
        "1",
        AT + timedelta(days=2),
        by=BEN.id,
        at=AT,
    )
    swap = outcomes.answer(agreed, "1", Answer(ADA.id, "no", over, reason="they_did_not_come"))
    swap = outcomes.answer(swap, "1", Answer(BEN.id, "yes", over))
    swap = outcomes.answer(swap, "1", Answer(ADA.id, "no", over + timedelta(hours=1), reason="they_did_not_come"))
    return outcomes.state(swap, "<b>I waited</b>", by=ADA.id, at=over + timedelta(hours=2))


def undecided(texts: Texts) -> list[Screen]:
    """The end of a dispute that nobody has decided in time, for the two, and for the third of a circle."""
    swap = outcomes.leave_undecided(disputed(), at=AT + timedelta(days=40))
    circle = replace(closed_circle(), status=swap.status, plan=replace(swap.plan, sessions=()))
    shown = [ending_screen(texts, one, ADA, "Ben", "") for one in (swap, circle)]
    return [*shown, swap_card(texts, swap, ADA, BEN, at=AT)]


def endings(texts: Texts, event: str) -> list[Screen]:
    """The end of a swap as it is told, decided by moderators or not; and the card after it."""
    if event == SWAP_UNDECIDED:
        return undecided(texts)
    swap = replace(running(), status=status_of_event(event))
    one_way = replace(swap, plan=replace(swap.plan, one_way=True))
    ended = [swap, one_way]
    screens = [ending_screen(texts, one, person, "Ben", "Ben") for one in ended for person in (ADA, BEN)]
    return [*screens, *(swap_card(texts, one, ADA, BEN, at=AT) for one in ended), *decided(texts)]


def decided(texts: Texts) -> list[Screen]:
    swaps = [outcomes.decide(disputed(), one, "Both agree now.", by="f" * 24, at=AT) for one in outcomes.DECISIONS]
    return [
        screen
        for swap in swaps
        for screen in (ending_screen(texts, swap, ADA, "Ben", "Ben"), swap_card(texts, swap, ADA, BEN))
    ]


def dispute_screens(texts: Texts, event: str) -> list[Screen]:
    screens = [dispute_screen(texts, disputed(), NOOR.timezone, {ADA.id: "Ada"}), statement_screen(texts, "Ben")]
    return [*screens, *(reason_screen(texts, decision) for decision in outcomes.DECISIONS)]
