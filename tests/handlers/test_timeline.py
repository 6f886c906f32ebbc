"""The sweep: every step of a running swap is told once, at a time that suits, and ends come by themselves."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import Conflict
from domain.planning import Meeting
from domain.swaps import ACCEPTED, COMPLETED, LAPSED, Swap
from domain.timetable import ASK_AFTER, CLOSE_AFTER, LAPSE_AFTER, MAX_NUDGES
from domain.users import User
from handlers import sessions
from handlers.messages import Draft, send_message
from handlers.runtime.deps import Deps
from handlers.swaps import accept_swap
from handlers.timeline import do_due_steps, next_step_at
from storage.mongodb.database import Database
from tests.factories import MakeSwap, MakeUser, at_time, insert_swap, later, recipients_of

DAY = timedelta(days=1)


@pytest.fixture
async def pair(make_user: MakeUser) -> tuple[User, User]:
    return await make_user(telegram_id=True), await make_user(telegram_id=True)


@pytest.fixture
async def running(deps: Deps, pair: tuple[User, User], make_swap: MakeSwap) -> Swap:
    asker, partner = pair
    swap = await make_swap(asker, partner)
    return await accept_swap(deps, partner, swap.id)


async def agreed(deps: Deps, swap: Swap, pair: tuple[User, User], *, after: timedelta) -> Swap:
    start = (deps.now() + after).replace(second=0, microsecond=0)
    await sessions.offer_session(deps, pair[0], swap.id, Meeting((start,)))
    return await sessions.agree_session(deps, pair[1], swap.id, "1", start)


async def stored(deps: Deps, swap: Swap) -> Swap:
    found = await deps.store.swaps.find(swap.id)
    assert found is not None
    return found


async def test_each_reminder_of_a_session_is_told_once_whoever_sweeps(
    deps: Deps, database: Database, pair: tuple[User, User], running: Swap
) -> None:
    swap = await agreed(deps, running, pair, after=3 * DAY)
    start = swap.plan.sessions[0].starts_at
    assert start is not None
    assert await next_step_at(deps) == start - DAY
    for moment, event, count in (
        (start - DAY, "session.soon", 2),
        (start - timedelta(hours=1), "session.soon", 4),
        (start + timedelta(hours=1) + ASK_AFTER, "session.asked", 2),
    ):
        then = at_time(deps, moment)
        await asyncio.gather(*(do_due_steps(then) for _ in range(4)))
        assert await do_due_steps(then) == 0
        assert len(await recipients_of(database, swap.id, event)) == count
    assert (await stored(deps, swap)).version == swap.version  # a reminder makes no button out of date


async def test_an_outage_over_a_reminder_skips_it(
    deps: Deps, database: Database, pair: tuple[User, User], running: Swap
) -> None:
    swap = await agreed(deps, running, pair, after=3 * DAY)
    await do_due_steps(later(deps, 2 * DAY + timedelta(hours=23, minutes=30)))
    assert len(await recipients_of(database, swap.id, "session.soon")) == 2
    await do_due_steps(later(deps, 5 * DAY))
    assert len(await recipients_of(database, swap.id, "session.soon")) == 2


async def test_nobody_is_nudged_more_than_three_times_and_what_is_forgotten_lapses(
    deps: Deps, database: Database, pair: tuple[User, User], running: Swap
) -> None:
    for hours in range(0, 24 * 22, 6):
        await do_due_steps(later(deps, timedelta(hours=hours)))
    swap = await stored(deps, running)
    assert swap.status == LAPSED
    assert swap.nudges == {person.id: 2 for person in pair}
    assert max(swap.nudges.values()) <= MAX_NUDGES
    assert sorted(await recipients_of(database, swap.id, "swap.lapsed")) == sorted(person.id for person in pair)


async def test_no_nudge_comes_within_a_day_of_a_message(
    deps: Deps, database: Database, pair: tuple[User, User], running: Swap
) -> None:
    two_days = later(deps, 2 * DAY - timedelta(hours=1))
    await send_message(two_days, pair[0], Draft(running.id, "How about Tuesday?", "web"))
    await do_due_steps(later(deps, 2 * DAY + timedelta(hours=1)))
    assert await recipients_of(database, running.id, "swap.unplanned") == []
    await do_due_steps(later(deps, 3 * DAY))
    assert len(await recipients_of(database, running.id, "swap.unplanned")) == 2


async def test_a_nudge_waits_for_the_morning_of_both(deps: Deps, database: Database, make_user: MakeUser) -> None:
    night = at_time(deps, datetime(2026, 5, 4, 21, 30, tzinfo=UTC))  # 23:30 in Madrid, 17:30 in New York
    ada = await make_user(telegram_id=True, timezone="Europe/Madrid")
    ben = await make_user(telegram_id=True, timezone="America/New_York")
    swap = await accept_swap(night, ben, (await insert_swap(night, ada, ben)).id)
    await do_due_steps(later(night, 2 * DAY))
    assert await recipients_of(database, swap.id, "swap.unplanned") == []
    assert await next_step_at(deps) == datetime(2026, 5, 7, 12, tzinfo=UTC)  # eight in New York, fourteen in Madrid
    await do_due_steps(at_time(deps, datetime(2026, 5, 7, 12, tzinfo=UTC)))
    assert len(await recipients_of(database, swap.id, "swap.unplanned")) == 2


async def test_one_yes_and_silence_is_held_after_three_days(
    deps: Deps, database: Database, pair: tuple[User, User], running: Swap
) -> None:
    swap = await agreed(deps, running, pair, after=DAY)
    asked = later(deps, DAY + timedelta(hours=3))
    await sessions.answer_session(asked, pair[0], swap.id, "1", "yes")
    await do_due_steps(later(deps, DAY + timedelta(hours=3) + CLOSE_AFTER))
    session = (await stored(deps, swap)).plan.sessions[0]
    assert (session.status, session.is_auto, session.held_legs) == ("held", True, (0, 1))
    await do_due_steps(later(deps, 5 * DAY + LAPSE_AFTER))
    done = await stored(deps, swap)
    assert (done.status, done.plan.one_way) == (COMPLETED, False)


async def test_of_two_who_agree_and_move_at_once_one_wins(deps: Deps, pair: tuple[User, User], running: Swap) -> None:
    start = (deps.now() + 3 * DAY).replace(second=0, microsecond=0)
    other = start + DAY
    await sessions.offer_session(deps, pair[0], running.id, Meeting((start, other)))
    done = await asyncio.gather(
        sessions.agree_session(deps, pair[1], running.id, "1", start),
        sessions.agree_session(deps, pair[1], running.id, "1", other),
        sessions.move_session(deps, pair[0], running.id, "1", Meeting((other + DAY,))),
        return_exceptions=True,
    )
    assert any(not isinstance(result, BaseException) for result in done)
    swap = await stored(deps, running)
    assert (swap.status, len(swap.history)) == (ACCEPTED, swap.version)
    for result in done:
        if isinstance(result, BaseException):
            assert getattr(result, "code", "").startswith("session."), result


async def test_a_change_to_an_older_version_is_refused(deps: Deps, pair: tuple[User, User], running: Swap) -> None:
    start = (deps.now() + DAY).replace(second=0, microsecond=0)
    await sessions.offer_session(deps, pair[0], running.id, Meeting((start,)))
    with pytest.raises(Conflict, match=r"swap\.changed"):
        await sessions.agree_session(deps, pair[1], running.id, "1", start, version=running.version)


async def test_a_reminder_that_waits_for_the_morning_holds_back_no_other(
    deps: Deps, database: Database, make_user: MakeUser
) -> None:
    evening = at_time(deps, datetime(2026, 5, 4, 12, tzinfo=UTC))
    people = [await make_user(telegram_id=True, timezone="Europe/Madrid") for _ in range(2)]
    swap = await accept_swap(evening, people[1], (await insert_swap(evening, *people)).id)
    night = datetime(2026, 5, 6, 4, tzinfo=UTC)  # six in Madrid: its reminder of a day before waits until eight
    early = datetime(2026, 5, 5, 5, 30, tzinfo=UTC)  # half past seven there
    for number, start in enumerate((night, early), start=1):
        await sessions.offer_session(evening, people[0], swap.id, Meeting((start,)))
        await sessions.agree_session(evening, people[1], swap.id, str(number), start)
    doc = database.collection("swaps")
    for moment in (datetime(2026, 5, 5, 4, tzinfo=UTC), datetime(2026, 5, 5, 4, 30, tzinfo=UTC)):
        await do_due_steps(at_time(deps, moment))
    found = await doc.find_one({})
    assert found is not None
    assert {line["about"] for line in found["outbox"] if line["event"] == "session.soon"} == {"2"}
    await do_due_steps(at_time(deps, datetime(2026, 5, 5, 6, tzinfo=UTC)))
    found = await doc.find_one({})
    assert found is not None
    assert {line["about"] for line in found["outbox"] if line["event"] == "session.soon"} == {"1", "2"}


async def test_a_denial_is_asked_about_at_once_by_day_and_in_the_morning_after_a_night(
    deps: Deps, database: Database, make_user: MakeUser
) -> None:
    noon = at_time(deps, datetime(2026, 5, 4, 12, tzinfo=UTC))
    for answered_at, asked_at in (
        (datetime(2026, 5, 6, 9, tzinfo=UTC), datetime(2026, 5, 6, 9, tzinfo=UTC)),
        (datetime(2026, 5, 6, 23, tzinfo=UTC), datetime(2026, 5, 7, 6, tzinfo=UTC)),  # eight in Madrid
    ):
        people = [await make_user(telegram_id=True, timezone="Europe/Madrid") for _ in range(2)]
        swap = await accept_swap(noon, people[1], (await insert_swap(noon, *people)).id)
        start = datetime(2026, 5, 5, 10, tzinfo=UTC)
        await sessions.offer_session(noon, people[0], swap.id, Meeting((start,)))
        await sessions.agree_session(noon, people[1], swap.id, "1", start)
        await do_due_steps(at_time(deps, start + timedelta(hours=3)))
        then = at_time(deps, answered_at)
        await sessions.answer_session(then, people[0], swap.id, "1", "no")
        await sessions.answer_session(then, people[1], swap.id, "1", "yes")
        asked = [await recipients_of(database, swap.id, "session.asked")]
        await do_due_steps(at_time(deps, asked_at))
        asked.append(await recipients_of(database, swap.id, "session.asked"))
        assert [names.count(people[0].id) for names in asked] == [2 if answered_at == asked_at else 1, 2]
