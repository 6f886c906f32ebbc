"""Sessions of a circle through the bot: one leg at a time, and only its two are told."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from domain.planning import Meeting
from domain.stages import next_action
from domain.users import User
from handlers.circles import ask_circle, join_circle, list_circles
from handlers.sessions import agree_session, answer_session, list_upcoming, note_session, offer_session
from handlers.swaps import get_swap
from handlers.timeline import do_due_steps
from handlers.waiting import list_waiting
from tests.factories import list_possible
from tests.moved_clock import MoveClock

if TYPE_CHECKING:
    from tests.bot.stage import Stage

pytest_plugins = ["tests.bot.stage"]

ZONE = "Europe/Madrid"


async def closed_circle(stage: Stage) -> tuple[str, User, User, User]:
    """Return a circle in which Ana teaches Li, Li teaches Noor, and Noor teaches Ana."""
    ana = await stage.person("Ana", "Guitar", "Chinese", timezone=ZONE)
    li = await stage.person("Li", "Python", "Guitar", timezone=ZONE)
    noor = await stage.person("Noor", "Chinese", "Python", timezone=ZONE)
    (candidate,) = await list_possible(stage.deps, ana)
    view = await ask_circle(stage.deps, ana, candidate.id)
    view = await join_circle(stage.deps, li, view.id, version=view.version)
    await join_circle(stage.deps, noor, view.id, version=view.version)
    await stage.until_all_delivered()
    return view.id, ana, li, noor


async def test_the_card_of_a_circle_leads_to_a_session_for_one_leg(stage: Stage, move_clock: MoveClock) -> None:
    circle_id, ana, li, noor = await closed_circle(stage)
    listed = await stage.says(ana, "/circles", "running")
    card = await stage.presses(ana, listed, "Noor and Li · Chinese ⇄ Guitar", "The circle is closed")
    plan = await stage.presses(ana, card, "🗓 Sessions", "Your sessions with")
    legs = await stage.presses(ana, plan, "🗓 Pick a time", "Which of your lessons is it for?")
    assert stage.buttons(legs)[:2] == ["🤝 Guitar for Li", "🎓 Chinese from Noor"]
    pick = await stage.presses(ana, legs, "🤝 Guitar for Li", "When will you and Li meet?")
    first = next(label for label in stage.buttons(pick) if label.startswith("▫️"))
    pick = await stage.presses(ana, pick, first, lambda message: "📨 Offer this time" in stage.buttons(message))
    await stage.presses(ana, pick, "📨 Offer this time", "You suggested this to Li")
    offer = await stage.sees(li, "Ana suggests when to meet")
    assert "You learn: Guitar" in offer.words
    yes = next(label for label in stage.buttons(offer) if label.startswith("✅"))
    await stage.presses(li, offer, yes, "It is settled: you and Ana meet")
    await stage.sees(ana, "It is settled: you and Li meet")
    await stage.until_all_delivered()
    assert stage.received(noor, "suggests when to meet") == stage.received(noor, "It is settled") == []
    assert await list_upcoming(stage.deps, noor) == []
    assert "🗓" in stage.message(ana, card.id).words
    swap = await get_swap(stage.deps, ana, circle_id)
    (session,) = swap.plan.sessions
    assert [swap.legs[leg].skill for leg in session.legs] == ["Guitar"]

    assert session.starts_at is not None
    await move_clock(seconds=(session.starts_at + timedelta(hours=2) - stage.deps.now()).total_seconds())
    coming = await stage.says(li, "/swaps", "Circles of three")
    assert "Coming up" not in coming.words


async def test_a_lesson_of_a_circle_that_took_place_already_is_noted_for_its_leg(stage: Stage) -> None:
    _, ana, li, _ = await closed_circle(stage)
    (view,) = await list_circles(stage.deps, ana)
    listed = await stage.says(ana, "/circles", "running")
    card = await stage.presses(ana, listed, "Noor and Li · Chinese ⇄ Guitar", "The circle is closed")
    plan = await stage.presses(ana, card, "🗓 Sessions", "Nothing is planned yet")
    days_of = await stage.presses(ana, plan, "✅ We have met already", "Which of your lessons is it for?")
    days = await stage.presses(ana, days_of, "🎓 Chinese from Noor", "When did you and Noor meet?")
    await stage.presses(ana, days, "Yesterday", "I am asking Noor whether it is so")
    swap = await get_swap(stage.deps, ana, view.id)
    assert [session.noted_by for session in swap.plan.sessions] == [ana.id]
    assert stage.received(li, "noted that you two met") == []


async def test_a_missing_lesson_of_a_circle_is_asked_of_its_two_alone(stage: Stage, move_clock: MoveClock) -> None:
    circle_id, ana, li, noor = await closed_circle(stage)
    swap = await get_swap(stage.deps, ana, circle_id)
    for teacher, learner in ((ana, li), (noor, ana)):
        leg = next(number for number, one in enumerate(swap.legs) if one.teacher == teacher.id)
        start = (stage.deps.now() - timedelta(hours=3)).replace(second=0, microsecond=0)
        noted = await note_session(stage.deps, teacher, circle_id, Meeting((start,), (leg,)))
        await answer_session(stage.deps, learner, circle_id, noted.plan.sessions[-1].id, "yes")
    waiting = {person.name: [one.kind for one in await list_waiting(stage.deps, person)] for person in (ana, li, noor)}
    assert waiting == {"Ana": [], "Li": ["plan"], "Noor": ["plan"]}
    swap = await get_swap(stage.deps, ana, circle_id)
    for viewer in (ana, li, noor):
        action = next_action(swap, viewer.id, stage.deps.now())
        assert action is not None
        assert sorted(action.by) == sorted([li.id, noor.id])
    # the nudges of the second and of the seventh day, both by day
    for days in (3, 6):
        hour = (stage.deps.now() + timedelta(days=days)).astimezone(ZoneInfo(ZONE)).hour
        await move_clock(days=days, hours=(12 - hour) % 24)
        await do_due_steps(stage.deps)
        await stage.until_all_delivered()
    for person, partner in ((li, "Noor"), (noor, "Li")):
        asked = stage.received(person, "Which of your lessons is it for?")[-1]
        assert sum(partner in label for label in stage.buttons(asked)) == 1
        assert "Ana" not in " ".join(stage.buttons(asked))
        (later,) = stage.received(person, "have no date yet")
        assert (partner in later.words, "Ana" in later.words) == (True, False)
    assert stage.received(ana, "Which of your lessons") == stage.received(ana, "have no date yet") == []
    # with a session of the two ahead, the third has nothing to do either
    leg = next(number for number, one in enumerate(swap.legs) if one.teacher == li.id)
    start = (stage.deps.now() + timedelta(days=1)).replace(second=0, microsecond=0)
    swap = await offer_session(stage.deps, li, circle_id, Meeting((start,), (leg,)))
    action = next_action(swap, ana.id, stage.deps.now())
    assert action is not None
    assert (action.verb, action.by, action.session_id) == ("agree", (noor.id,), "")


async def test_the_third_of_a_circle_is_told_of_a_dispute_and_asked_for_nothing(
    stage: Stage, move_clock: MoveClock
) -> None:
    circle_id, ana, li, noor = await closed_circle(stage)
    swap = await get_swap(stage.deps, ana, circle_id)
    leg = next(number for number, one in enumerate(swap.legs) if one.teacher == ana.id)
    start = (stage.deps.now() + timedelta(days=1)).replace(second=0, microsecond=0)
    await offer_session(stage.deps, ana, circle_id, Meeting((start,), (leg,)))
    await agree_session(stage.deps, li, circle_id, "1", start)
    await move_clock(days=1, hours=3)
    await answer_session(stage.deps, ana, circle_id, "1", "yes")
    await answer_session(stage.deps, li, circle_id, "1", "no")
    await move_clock(hours=1)
    await answer_session(stage.deps, li, circle_id, "1", "no")
    theirs = await stage.sees(noor, "Two of your circle")
    assert "✍️ Tell your side" not in stage.buttons(theirs)
    mine = await stage.sees(ana, "remember your session")
    assert "✍️ Tell your side" in stage.buttons(mine)
    await stage.until_all_delivered()
    assert stage.received(noor, "This circle has ended")
    assert not stage.received(noor, "did not come about")
