"""Closing of circles: the limits under concurrency, and the agreed skills."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.circle_candidates import MAX_RANKED
from domain.circle_views import DECLINED, CircleView
from domain.circles import MAX_OPEN_FOR_A_SKILL, MAX_RUNNING
from domain.errors import Conflict, NotFound
from domain.messages import WEB
from domain.planning import Meeting
from domain.quotas import FIRST_DAY, FIRST_PLACES, RAISES
from domain.swaps import ACCEPTED, CANCELLED, PROPOSED
from domain.timetable import RUNS_FOR
from domain.users import ProfileChanges, User
from handlers import circles
from handlers.blocks import block_user
from handlers.circle_search import find_circles
from handlers.circles import (
    ask_circle,
    decline_circle,
    get_circle,
    join_circle,
    leave_circle,
    list_circles,
    view_possible,
)
from handlers.messages import Draft, send_message
from handlers.runtime.deps import Deps
from handlers.sessions import agree_session, offer_session
from handlers.users import update_profile
from tests.factories import MakeSwap, MakeUser, later, list_possible
from tests.handlers.test_circles import Trio, ask, join, make_trio, outcomes, person


@pytest.fixture
async def trio(make_user: MakeUser) -> Trio:
    return await make_trio(make_user)


async def rivals(make_user: MakeUser, number: int) -> tuple[User, list[tuple[User, User]]]:
    """Return a user, and so many pairs of users each of whom would close a circle with them."""
    wants = tuple(f"Want {n}" for n in range(number))
    shared = await make_user("Ana", skills_offered=("Guitar",), skills_wanted=wants, telegram_id=True)
    pairs = [
        (
            await person(make_user, f"Li{n}", f"Middle {n}", "Guitar"),
            await person(make_user, f"No{n}", want, f"Middle {n}"),
        )
        for n, want in enumerate(wants)
    ]
    return shared, pairs


async def test_concurrent_closings_keep_the_limit_of_ten_circles(
    deps: Deps, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    shared, pairs = await rivals(make_user, MAX_RUNNING + 6)
    other = await make_user(skills_offered=("Chess",), skills_wanted=("Guitar",))
    await make_swap(shared, other, status="accepted")
    asked = [await ask(deps, li) for li, _ in pairs]
    for circle in asked:
        await join(deps, shared, circle)
    await outcomes(*(join(deps, last, circle) for (_, last), circle in zip(pairs, asked, strict=True)))
    closed = [view for view in await list_circles(deps, shared) if view.status == ACCEPTED]
    assert len(closed) == MAX_RUNNING - 1  # and the swap
    await leave_circle(deps, shared, closed[0].id)
    assert len(await deps.store.circles.slots_taken([shared.id])) == 1
    assert len((await deps.store.circles.slots_taken([shared.id]))[shared.id]) == MAX_RUNNING - 2


async def full_of(
    deps: Deps, make_user: MakeUser, make_swap: MakeSwap, shared: User, pairs: list[tuple[User, User]]
) -> list[tuple[User, str]]:
    """Fill the room of a user with circles of these pairs, and swaps; return one of the others and the id of each."""
    running = []
    for li, last in pairs:
        circle = await ask(deps, li)
        await join(deps, shared, circle)
        running.append((last, (await join(deps, last, circle)).id))
    for number in range(MAX_RUNNING - len(pairs)):
        other = await make_user(skills_offered=(f"Skill {number}",), skills_wanted=("Chess",))
        running.append((other, (await make_swap(shared, other, status="accepted", offered_skill="Guitar")).id))
    return running


@pytest.mark.parametrize("circles_of_them", [0, MAX_RUNNING - 1])
async def test_what_has_been_quiet_for_thirty_days_takes_no_room(
    deps: Deps, make_user: MakeUser, make_swap: MakeSwap, circles_of_them: int
) -> None:
    shared, pairs = await rivals(make_user, MAX_RUNNING + 1)
    quiet = await full_of(deps, make_user, make_swap, shared, pairs[:circles_of_them])
    then = later(deps, RUNS_FOR + timedelta(minutes=1))
    asked = [await ask(then, li) for li, _ in pairs[circles_of_them:]]
    for circle in asked:
        await join(then, shared, circle)
    calls = [join(then, last, circle) for (_, last), circle in zip(pairs[circles_of_them:], asked, strict=True)]
    done, _ = await outcomes(*calls)
    assert sum(view.status == ACCEPTED for view in done) == min(len(calls), MAX_RUNNING)
    slots = (await deps.store.circles.slots_taken([shared.id]))[shared.id]
    assert len(slots) == circles_of_them + min(len(calls), MAX_RUNNING)
    assert len(quiet) == MAX_RUNNING


@pytest.mark.parametrize("said", ["message", "session"])
async def test_an_old_swap_with_a_message_or_a_session_lately_takes_room(
    deps: Deps, make_user: MakeUser, make_swap: MakeSwap, said: str
) -> None:
    shared, pairs = await rivals(make_user, 1)
    then = later(deps, RUNS_FOR + timedelta(minutes=1))
    for other, swap_id in await full_of(deps, make_user, make_swap, shared, []):
        if said == "message":
            await send_message(then, other, Draft(swap_id, "Still there?", WEB))
        else:
            start = (deps.now() + timedelta(days=3)).replace(second=0, microsecond=0)
            await offer_session(deps, other, swap_id, Meeting((start,)))
            await agree_session(deps, shared, swap_id, "1", start)
    ((li, last),) = pairs
    circle = await ask(then, li)
    await join(then, shared, circle)
    assert (await join(then, last, circle)).is_searching


async def test_circles_asked_for_at_once_keep_to_the_quota(deps: Deps, make_user: MakeUser) -> None:
    places = FIRST_PLACES + RAISES[FIRST_DAY]
    shared, _ = await rivals(make_user, places + 5)
    found = await find_circles(deps, shared, limit=MAX_RANKED)
    assert len(found) > places
    calls = [ask_circle(deps, shared, view_possible(deps, each).id) for each in found]
    done, problems = await outcomes(*calls)
    assert len(done) == places
    assert {problem.code for problem in problems} == {"swap.daily_limit"}


@pytest.mark.parametrize("change", [{"skills_offered": ("Chess",)}, {"skills_wanted": ("Chess",)}])
async def test_circle_with_a_removed_skill_does_not_close(deps: Deps, trio: Trio, change: dict[str, Any]) -> None:
    circle = await ask(deps, trio.ana)
    await join(deps, trio.li, circle)
    await update_profile(deps, trio.li, ProfileChanges(**change))
    after = await join(deps, trio.noor, circle)
    assert (after.status, after.is_searching, after.has_joined) == (PROPOSED, True, True)
    assert (await get_circle(deps, trio.li, circle.id)).status == DECLINED


async def test_member_who_removed_the_skill_gets_an_error_and_can_restore_it(deps: Deps, trio: Trio) -> None:
    circle = await ask(deps, trio.ana)
    await join(deps, trio.li, circle)
    noor = await update_profile(deps, trio.noor, ProfileChanges(skills_offered=("Chess",)))
    with pytest.raises(Conflict, match=r"circle\.you_changed"):
        await join(deps, noor, circle)
    noor = await update_profile(deps, noor, ProfileChanges(skills_offered=("Chess", "Chinese")))
    assert (await join(deps, noor, circle)).status == ACCEPTED


async def test_concurrent_proposals_keep_the_limit_of_two_for_each_skill(deps: Deps, make_user: MakeUser) -> None:
    ana = await person(make_user, "Ana", "Guitar", "Chinese")
    for n in range(MAX_OPEN_FOR_A_SKILL + 4):
        await person(make_user, f"Li{n}", f"Python{n}", "Guitar")
        await person(make_user, f"Noor{n}", "Chinese", f"Python{n}")
    found = await find_circles(deps, ana, limit=MAX_RANKED)
    done, problems = await outcomes(*(ask_circle(deps, ana, view_possible(deps, each).id) for each in found))
    assert len(done) == len(await list_circles(deps, ana)) == MAX_OPEN_FOR_A_SKILL
    assert {problem.code for problem in problems} == {"circle.not_possible"}


async def test_concurrent_block_prevents_the_proposal(deps: Deps, trio: Trio, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = circles.insert_request

    async def is_slow(*given: Any) -> bool:
        await block_user(deps, trio.li, trio.noor.id)
        return await whole(*given)

    monkeypatch.setattr(circles, "insert_request", is_slow)
    with pytest.raises(NotFound, match=r"circle\.not_possible"):
        await ask(deps, trio.ana)
    for someone in (trio.li, trio.noor):
        (view,) = await list_circles(deps, someone)
        assert (view.status, view.can) == (CANCELLED, ())


async def test_member_of_a_closed_circle_is_asked_for_no_other(deps: Deps, trio: Trio, make_user: MakeUser) -> None:
    circle = await ask(deps, trio.ana)
    for other in (trio.li, trio.noor):
        await join(deps, other, circle)
    li = await person(make_user, "Li, too", "Rust", "Guitar")
    noor = await person(make_user, "Noor, too", "Chinese", "Rust")
    for someone in (trio.ana, li, noor):  # with Ana, who learns Chinese already
        assert await list_possible(deps, someone) == []
    await leave_circle(deps, trio.ana, circle.id)
    for someone in (trio.ana, li, noor):
        assert len(await list_possible(deps, someone)) == 1


async def test_former_member_joining_from_an_old_card_gets_the_current_state(deps: Deps, trio: Trio) -> None:
    circle = await ask(deps, trio.ana)
    await decline_circle(deps, trio.li, circle.id)
    with pytest.raises(Conflict, match=r"circle\.changed") as caught:
        await join_circle(deps, trio.li, circle.id, version=1)
    assert isinstance(caught.value.current, CircleView)
    assert caught.value.current.status == DECLINED
