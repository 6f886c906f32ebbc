"""What stands when a circle closes: the limits, however many close at once, and the skills that were agreed to."""

from __future__ import annotations

from typing import Any

import pytest

from handlers.circle_search import find_circles
from handlers.circles import ask_circle, get_circle, leave_circle, list_circles, view_possible
from handlers.deps import Deps
from handlers.users import update_profile
from skillswap.domain.circle_views import DECLINED
from skillswap.domain.circles import MAX_RUNNING
from skillswap.domain.errors import Conflict
from skillswap.domain.rings import MAX_RANKED
from skillswap.domain.swaps import ACCEPTED, MAX_REQUESTS_PER_DAY, PROPOSED
from skillswap.domain.users import ProfileChanges, User
from tests.factories import MakeSwap, MakeUser
from tests.handlers.test_circles import Trio, ask, join, make_trio, outcomes, person


@pytest.fixture
async def trio(make_user: MakeUser) -> Trio:
    return await make_trio(make_user)


async def rivals(make_user: MakeUser, number: int) -> tuple[User, list[tuple[User, User]]]:
    """Somebody, and so many pairs of people each of whom would close a circle with them."""
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


async def test_however_many_circles_close_at_once_nobody_is_in_more_than_ten(
    deps: Deps, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    shared, pairs = await rivals(make_user, MAX_RUNNING + 6)
    other = await make_user(skills_offered=("Chess",), skills_wanted=("Guitar",))
    await make_swap(shared, other, status="accepted")
    circles = [await ask(deps, li) for li, _ in pairs]
    for circle in circles:
        await join(deps, shared, circle)
    await outcomes(*(join(deps, last, circle) for (_, last), circle in zip(pairs, circles, strict=True)))
    closed = [view for view in await list_circles(deps, shared) if view.status == ACCEPTED]
    assert len(closed) == MAX_RUNNING - 1  # and the swap
    await leave_circle(deps, shared, closed[0].id)
    assert len(await deps.store.circles.slots_taken([shared.id])) == 1
    assert len((await deps.store.circles.slots_taken([shared.id]))[shared.id]) == MAX_RUNNING - 2


async def test_however_many_are_asked_at_once_the_day_has_ten(deps: Deps, make_user: MakeUser) -> None:
    shared, _ = await rivals(make_user, MAX_REQUESTS_PER_DAY + 5)
    found = await find_circles(deps, shared, limit=MAX_RANKED)
    assert len(found) > MAX_REQUESTS_PER_DAY
    calls = [ask_circle(deps, shared, view_possible(deps, each).id) for each in found]
    done, problems = await outcomes(*calls)
    assert len(done) == MAX_REQUESTS_PER_DAY
    assert {problem.code for problem in problems} == {"swap.daily_limit"}


@pytest.mark.parametrize("change", [{"skills_offered": ("Chess",)}, {"skills_wanted": ("Chess",)}])
async def test_a_circle_does_not_close_on_a_skill_that_a_profile_has_no_more(
    deps: Deps, trio: Trio, change: dict[str, Any]
) -> None:
    circle = await ask(deps, trio.ana)
    await join(deps, trio.li, circle)
    await update_profile(deps, trio.li, ProfileChanges(**change))
    after = await join(deps, trio.noor, circle)
    assert (after.status, after.is_searching, after.has_joined) == (PROPOSED, True, True)
    assert (await get_circle(deps, trio.li, circle.id)).status == DECLINED


async def test_whoever_dropped_the_skill_themselves_is_told_and_may_put_it_back(deps: Deps, trio: Trio) -> None:
    circle = await ask(deps, trio.ana)
    await join(deps, trio.li, circle)
    noor = await update_profile(deps, trio.noor, ProfileChanges(skills_offered=("Chess",)))
    with pytest.raises(Conflict, match=r"circle\.you_changed"):
        await join(deps, noor, circle)
    noor = await update_profile(deps, noor, ProfileChanges(skills_offered=("Chess", "Chinese")))
    assert (await join(deps, noor, circle)).status == ACCEPTED
