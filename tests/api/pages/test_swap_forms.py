"""Forms of a request and of its sessions that work without JavaScript: another offer, a place, "I'll be there", "not
yet"; and lists that are turned page by page."""

from __future__ import annotations

import re

import pytest

from domain.planning import Meeting
from domain.swaps import ACCEPTED, PENDING, Swap
from domain.users import ProfileChanges, User
from handlers import sessions
from handlers.runtime.deps import Deps
from handlers.swaps import Proposal, cancel_swap, get_swap, propose_swap
from handlers.users import update_profile
from tests.api.pages.test_swap_pages import DAY, Get, Pair, Post, get, in_days, pair, post, values_of
from tests.factories import MakeSwap, MakeUser
from tests.moved_clock import MoveClock

__all__ = ["get", "pair", "post"]  # fixtures


@pytest.fixture
async def asked(deps: Deps, make_user: MakeUser) -> tuple[User, User, Swap]:
    ada = await make_user("Ada", skills_offered=("Python",), skills_wanted=("Guitar",), timezone="Europe/Madrid")
    ben = await make_user(
        "Ben", skills_offered=("Guitar", "Chess"), skills_wanted=("Python",), timezone="Europe/Madrid"
    )
    return ada, ben, await propose_swap(deps, ada, Proposal(ben.id, "Python", "Guitar", "Shall we?"))


async def agreed(deps: Deps, swap: Swap, one: User, two: User, *, days: float) -> None:
    start = in_days(deps, days)
    await sessions.offer_session(deps, one, swap.id, Meeting((start,)))
    await sessions.agree_session(deps, two, swap.id, "1", start)


async def test_a_request_is_answered_with_another_offer(
    get: Get, post: Post, deps: Deps, asked: tuple[User, User, Swap]
) -> None:
    ada, ben, swap = asked
    _, page = await get(ben, f"/swaps/{swap.id}")
    assert f"/swaps/{swap.id}/counter" in page
    status, page = await get(ben, f"/swaps/{swap.id}/counter")
    assert (status, "What would you rather swap with Ada?" in page) == (200, True)
    slot = in_days(deps, 3)
    fields = [
        ("version", values_of(page, "version")[0]),
        ("wanted_skill", "Python"),
        ("offered_skill", "Chess"),
        ("slot", slot.isoformat()),
        ("message", "Rather <b>chess</b>?"),
    ]
    assert await post(ben, f"/swaps/{swap.id}/counter", fields) == (303, f"/swaps/{swap.id}")
    after = await get_swap(deps, ada, swap.id)
    assert (after.status, after.answerer, after.wanted_skill, after.offered_skill) == (
        PENDING,
        ada.id,
        "Chess",
        "Python",
    )
    assert (after.message, after.plan.slots) == ("Rather <b>chess</b>?", (slot,))
    # it is Ada's turn now: Ben cannot change it, and is led to how it stands
    assert (await get(ben, f"/swaps/{swap.id}/counter"))[0] == 303


async def test_an_offer_to_a_request_that_has_changed_is_kept_beside_how_it_stands_now(
    get: Get, post: Post, deps: Deps, asked: tuple[User, User, Swap]
) -> None:
    ada, ben, swap = asked
    _, page = await get(ben, f"/swaps/{swap.id}/counter")
    version = values_of(page, "version")[0]
    fields = [("version", version), ("wanted_skill", "Python"), ("offered_skill", "Guitar"), ("message", "As it is")]
    status, page = await post(ben, f"/swaps/{swap.id}/counter", fields)
    assert (status, "As it is</textarea>" in page, 'role="alert"' in page) == (422, True, True)  # it changes nothing
    fields[2] = ("offered_skill", "Chess")
    stale = [("version", "0"), *fields[1:]]
    status, page = await post(ben, f"/swaps/{swap.id}/counter", stale)
    assert (status, "As it is</textarea>" in page, values_of(page, "version")) == (409, True, [version])
    assert '<option value="Chess" selected>' in page
    await cancel_swap(deps, ada, swap.id)
    status, page = await post(ben, f"/swaps/{swap.id}/counter", fields)
    assert (status, "As it is</textarea>" in page, "Suggest this" in page) == (409, True, False)
    assert (await get_swap(deps, ada, swap.id)).status == "cancelled"


async def test_it_is_said_where_a_session_is(
    get: Get, post: Post, deps: Deps, make_swap: MakeSwap, pair: Pair, move_clock: MoveClock
) -> None:
    ada, ben = pair
    swap = await make_swap(ada, ben, status=ACCEPTED)
    await agreed(deps, swap, ada, ben, days=3)
    path = f"/swaps/{swap.id}/place/1"
    assert path in (await get(ada, f"/swaps/{swap.id}"))[1]
    status, page = await get(ada, path)
    assert (status, "Where do you and Ben meet?" in page) == (200, True)
    version = values_of(page, "version")[0]
    status, page = await post(ada, path, [("version", version), ("mode", "online"), ("link", "http://example.org")])
    assert (status, 'value="http://example.org"' in page) == (422, True)
    fields = [("version", version), ("mode", "online"), ("place", "Café <Central>")]
    assert (await post(ada, path, fields))[0] == 303
    (session,) = (await get_swap(deps, ben, swap.id)).plan.sessions
    assert (session.mode, session.place, session.status) == ("in_person", "Café <Central>", "agreed")
    status, page = await post(ben, path, [("version", version), ("place", "Library")])
    assert (status, 'value="Library"' in page) == (409, True)
    assert values_of(page, "version") == [str(int(version) + 1)]
    await move_clock(days=4)
    assert path not in (await get(ada, f"/swaps/{swap.id}"))[1]
    status, page = await post(ada, path, [("place", "Library")])
    assert (status, 'value="Library"' in page, "Save</button>" in page) == (409, True, False)


async def test_whoever_will_be_there_says_so_and_the_other_one_reads_it(
    get: Get, post: Post, deps: Deps, make_swap: MakeSwap, pair: Pair
) -> None:
    ada, ben = pair
    swap = await make_swap(ada, ben, status=ACCEPTED)
    await agreed(deps, swap, ada, ben, days=0.5)
    _, page = await get(ben, f"/swaps/{swap.id}")
    assert "I’ll be there" in page
    version = values_of(page, "version")[0]
    fields = [("action", "confirm"), ("session", "1")]
    status, page = await post(ben, f"/swaps/{swap.id}", [("version", "1"), *fields])
    assert (status, 'role="alert"' in page) == (409, True)
    assert (await post(ben, f"/swaps/{swap.id}", [("version", version), *fields]))[0] == 303
    assert "I’ll be there" not in (await get(ben, f"/swaps/{swap.id}"))[1]
    assert "Ben will be there" in (await get(ada, f"/swaps/{swap.id}"))[1]


async def test_two_who_arrange_it_themselves_can_say_not_yet(
    get: Get, post: Post, deps: Deps, make_swap: MakeSwap, pair: Pair, move_clock: MoveClock
) -> None:
    ada, ben = pair
    swap = await make_swap(ada, ben, status=ACCEPTED)
    assert "Not yet" not in (await get(ada, f"/swaps/{swap.id}"))[1]
    await sessions.arrange_sessions(deps, ben, swap.id)
    await move_clock(days=14)
    _, page = await get(ada, f"/swaps/{swap.id}")
    assert "Have you and Ben met?" in page
    fields = [("action", "not_yet"), ("version", values_of(page, "version")[0])]
    assert (await post(ada, f"/swaps/{swap.id}", fields))[0] == 303
    after = await get_swap(deps, ada, swap.id)
    assert after.plan.idle_since is not None
    assert deps.now() - after.plan.idle_since < DAY
    assert (await post(ada, f"/swaps/{swap.id}", fields))[0] == 409  # the version is an old one


async def test_long_lists_of_swaps_are_turned_page_by_page(
    get: Get, make_user: MakeUser, make_swap: MakeSwap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.pages.swap_list.SHOWN", 2)
    monkeypatch.setattr("api.pages.swap_list.OVER_SHOWN", 2)
    ada = await make_user("Ada", skills_offered=("Python",))
    expected: dict[str, list[str]] = {"cancelled": [], "accepted": []}
    for number in range(5):
        other = await make_user(f"Partner {number}", skills_offered=(f"Skill {number}",))
        for status, ids in expected.items():
            ids.append((await make_swap(other, ada, status=status)).id)
    for status, field in (("accepted", "open_before"), ("cancelled", "over_before")):
        seen, path = list[str](), "/swaps"
        for _ in range(3):
            code, page = await get(ada, path)
            assert code == 200
            here = [one for one in re.findall(r'href="/swaps/([0-9a-f]{24})"', page) if one in expected[status]]
            assert len(here) <= 2 + (path == "/swaps") * 5  # what waits for Ada is on the first page, too
            seen += here
            following = re.findall(rf'href="(/swaps\?{field}=[0-9a-f]+)"', page)
            path = following[0] if following else ""
        assert path == ""
        assert set(seen) == set(expected[status])
    assert (await get(ada, "/swaps?over_before=nonsense"))[0] == 200


async def test_a_page_of_times_says_how_to_set_a_time_zone(
    get: Get, deps: Deps, make_swap: MakeSwap, pair: Pair
) -> None:
    ada, ben = pair
    await update_profile(deps, ada, ProfileChanges(timezone=""))
    swap = await make_swap(ada, ben, status=ACCEPTED)
    _, page = await get(ada, f"/swaps/{swap.id}/plan")
    assert "your profile has no time zone yet" in page
    assert 'href="/me/edit/times"' in page
