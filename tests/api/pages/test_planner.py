"""The pages that plan: days that have times, on both clocks, several to tick, and those of one's own."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from domain.availability import local_time
from domain.swaps import ACCEPTED, Swap
from domain.timetable import MAX_SLOTS
from domain.users import ProfileChanges, User
from handlers.runtime.deps import Deps
from handlers.swaps import get_swap
from handlers.users import update_profile
from tests.api.conftest import Client
from tests.api.pages.conftest import Get, Post, values_of
from tests.factories import MakeSwap, MakeUser
from tests.moved_clock import MoveClock

Planned = tuple[User, User, Swap]


@pytest.fixture
async def far_apart(make_user: MakeUser, make_swap: MakeSwap) -> Planned:
    ada = await make_user("Ada", timezone="Europe/Madrid", availability="weekday evenings")
    ben = await make_user("Ben", timezone="Asia/Tokyo", availability="weekday mornings, weekend mornings")
    return ada, ben, await make_swap(ada, ben, status=ACCEPTED)


def times_of(page: str) -> list[datetime]:
    return [datetime.fromisoformat(value) for value in values_of(page, "slot")]


async def test_a_week_of_times_is_shown_by_days_that_have_any(
    read: Get, client: Client, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada = await make_user("Ada", timezone="Europe/Madrid", availability="weekday evenings")
    ben = await make_user("Ben", timezone="Europe/Madrid", availability="weekday evenings")
    swap = await make_swap(ada, ben, status=ACCEPTED)
    _, page = await read(ada, f"/swaps/{swap.id}/plan")
    days = {local_time(start, "Europe/Madrid").date() for start in times_of(page)}
    assert len(days) == page.count('<div class="day"') == 7
    assert all(day.weekday() < 5 for day in days)
    assert len(times_of(page)) > 3 * len(days)
    async with client(ada).get(f"/api/swap/{swap.id}/times") as answer:
        assert [datetime.fromisoformat(slot) for slot in (await answer.json())["slots"]] == times_of(page)


async def test_each_time_is_on_both_clocks_with_its_day_and_a_warning_at_night(read: Get, far_apart: Planned) -> None:
    ada, _, swap = far_apart
    _, page = await read(ada, f"/swaps/{swap.id}/plan")
    assert "Times are on the clock of Madrid (Spain). Ben is in Tokyo (Japan)." in page
    for start, label in zip(times_of(page), re.findall(r'<label class="choice">(.+?)</label>', page), strict=False):
        there = local_time(start, "Asia/Tokyo")
        assert f"{there.hour % 12 or 12}:00" in label
        is_night = there.hour >= 22 or there.hour < 4
        assert ("late for Ben" in label) == is_night, label


async def test_times_of_ones_own_are_offered_beside_suggested_ones(
    read: Get, send: Post, deps: Deps, far_apart: Planned
) -> None:
    ada, ben, swap = far_apart
    path = f"/swaps/{swap.id}/plan"
    _, page = await read(ada, path)
    assert len(re.findall('name="own"', page)) == MAX_SLOTS
    day = local_time(deps.now(), "Europe/Madrid").date() + timedelta(days=20)
    own = [("own", f"{day.isoformat()}T19:30"), ("own", "")]
    fields = [("slot", times_of(page)[0].isoformat()), *own, ("action", "offer")]
    assert (await send(ada, path, fields))[0] == 303
    (session,) = (await get_swap(deps, ben, swap.id)).plan.sessions
    assert times_of(page)[0] in session.slots
    assert any(local_time(slot, "Europe/Madrid").strftime("%H:%M") == "19:30" for slot in session.slots)


async def test_a_refused_plan_keeps_all_times_that_were_ticked_and_written(
    read: Get, send: Post, deps: Deps, far_apart: Planned
) -> None:
    ada, _, swap = far_apart
    path = f"/swaps/{swap.id}/plan"
    _, page = await read(ada, path)
    ticked = values_of(page, "slot")[:3]
    day = local_time(deps.now(), "Europe/Madrid").date()
    own = [f"{(day + timedelta(days=ahead)).isoformat()}T19:30" for ahead in (20, 21)]
    fields = [*(("slot", one) for one in ticked), *(("own", one) for one in own)]
    status, page = await send(ada, path, fields)
    assert (status, 'role="alert"' in page) == (422, True)
    assert all(f'value="{one}" checked' in page for one in ticked)
    assert all(f'value="{one}"' in page for one in own)


async def test_without_a_time_zone_the_planner_leads_to_the_setting(
    read: Get, deps: Deps, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    swap = await make_swap(ada, ben, status=ACCEPTED)
    await update_profile(deps, ada, ProfileChanges(timezone=""))
    _, page = await read(ada, f"/swaps/{swap.id}/plan")
    assert 'href="/me/edit/times"' in page
    assert (await read(ada, "/me/edit/times"))[0] == 200
    assert 'name="own"' not in page


async def test_across_a_change_to_summer_time_each_time_is_on_the_clocks_of_its_own_day(
    read: Get, deps: Deps, far_apart: Planned, move_clock: MoveClock
) -> None:
    ada, _, swap = far_apart
    now = deps.now()
    spring = datetime(now.year + 1, 3, 31, tzinfo=UTC)
    sunday = spring - timedelta(days=(spring.weekday() + 1) % 7)  # the last one in March, when Madrid's clocks change
    before = sunday - timedelta(days=3)
    await move_clock(seconds=(before - deps.now()).total_seconds())
    _, page = await read(ada, f"/swaps/{swap.id}/plan")
    apart = set()
    for mine, theirs in re.findall(r'<span class="time">(.+?)</span> <span class="quiet">(.+?) for Ben</span>', page):
        apart.add((hour_of(theirs) - hour_of(mine)) % 24)
    assert apart == {7, 8}  # Tokyo is eight hours ahead of Madrid in winter, seven in summer


def hour_of(said: str) -> int:
    """Return the hour of a time as English writes it: "Tue 1:00 AM"."""
    hour, half = re.findall(r"(\d+):00.([AP])M", said)[0]
    return int(hour) % 12 + 12 * (half == "P")


@pytest.mark.parametrize("beyond", ["0001-01-01T00:00+00:00", "0001-01-01T00:00+23:59", "9999-12-31T23:59+00:00"])
async def test_a_ticked_time_that_no_clock_shows_is_refused_on_the_page(
    send: Post, make_user: MakeUser, make_swap: MakeSwap, beyond: str
) -> None:
    ada, ben, cleo = await make_user(timezone="America/Lima"), await make_user(timezone="Asia/Tokyo"), await make_user()
    planned, asked = await make_swap(ada, ben, status=ACCEPTED), await make_swap(cleo, ben)
    forms = ((ada, f"/swaps/{planned.id}/plan"), (ben, f"/swaps/{asked.id}/counter"), (ada, f"/people/{cleo.id}/ask"))
    for actor, path in forms:
        fields = [("slot", beyond), ("offered_skill", "Python"), ("wanted_skill", "Guitar"), ("message", "Hello!")]
        status, page = await send(actor, path, fields)
        assert (status, 'role="alert"' in page) == (422, True), path
