"""Requests and sessions that others waited for in vain: a note, then a pause that one tap ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from domain.planning import Meeting
from domain.swaps import ACCEPTED
from handlers import sessions
from handlers.records import resume
from handlers.runtime.deps import Deps
from handlers.swaps import expire_due_swaps
from storage.mongodb.database import Database
from tests.api.conftest import Client
from tests.factories import MakeSwap, MakeUser, later, recipients_of

DAY = timedelta(days=1)


async def test_a_person_who_often_lets_requests_lapse_is_told_and_paused_and_may_return(
    client: Client, deps: Deps, database: Database, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    silent = await make_user("Sam", telegram_id=True, skills_offered=("Python",), skills_wanted=("Guitar",))
    told = []
    for number in range(1, 5):
        asker = await make_user(skills_offered=("Guitar",), skills_wanted=("Python",))
        swap = await make_swap(asker, silent, offered_skill="Guitar", wanted_skill="Python")
        await expire_due_swaps(later(deps, 5 * DAY + timedelta(minutes=number)))
        told.append(len(await recipients_of(database, swap.id, "user.unreliable")))
    assert told == [0, 1, 0, 1]
    paused = await deps.store.users.find(silent.id)
    assert paused is not None
    assert (paused.status, paused.is_listed) == ("paused", False)
    async with client(silent).post("/api/user/resume") as answer:
        assert (answer.status, (await answer.json())["status"]) == (200, "active")
    assert not await resume(deps, replace(paused))
    async with client(silent).post("/api/user/resume") as answer:
        assert (answer.status, (await answer.json())["status"]) == (200, "active")
    back = await deps.store.users.find(silent.id)
    assert back is not None
    assert back.is_listed


async def test_a_jump_over_the_second_lapse_is_noted_too_and_one_note_is_enough_for_a_month(
    client: Client, deps: Deps, database: Database, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    silent = await make_user("Sam", telegram_id=True, skills_offered=("Python",), skills_wanted=("Guitar",))
    told: list[int] = []

    async def expire(*, at: timedelta) -> None:
        asker = await make_user(skills_offered=("Guitar",), skills_wanted=("Python",))
        swap = await make_swap(asker, silent, offered_skill="Guitar", wanted_skill="Python")
        await expire_due_swaps(later(deps, at))
        told.append(len(await recipients_of(database, swap.id, "user.unreliable")))

    await expire(at=6 * DAY)
    # a second person's claim makes the first one's count as well: from one lapse to three
    for number in range(2):
        learner = await make_user(skills_offered=("Guitar",), skills_wanted=("Python",))
        swap = await make_swap(learner, silent, status=ACCEPTED, offered_skill="Guitar", wanted_skill="Python")
        start = (deps.now() + timedelta(days=1 + number)).replace(second=0, microsecond=0)
        await sessions.offer_session(deps, learner, swap.id, Meeting((start,)))
        await sessions.agree_session(deps, silent, swap.id, "1", start)
        over = later(deps, 4 * DAY)
        await sessions.answer_session(over, learner, swap.id, "1", "no", reason="they_did_not_come")
        await sessions.answer_session(over, silent, swap.id, "1", "no", reason="could_not")
        told.append(len(await recipients_of(database, swap.id, "user.unreliable")))
    assert told == [0, 0, 1]
