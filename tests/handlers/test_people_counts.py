"""Counts of people: every visible user in one class, and what is counted as askable is what the deck then shows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from domain.decks import DECIDED_FOR, MAX_OPEN_REQUESTS, TEACHERS, PeopleCount
from domain.users import ProfileChanges, User
from handlers.blocks import block_user
from handlers.circles import ask_circle, join_circle
from handlers.matches import advise_on_deck, list_matches, pass_match, reconsider_skipped, skip_match
from handlers.people_counts import WANTING, count_people
from handlers.runtime.deps import Deps
from handlers.skills import complete_skill
from handlers.swaps import cancel_swap
from handlers.users import delete_account, update_profile
from tests.factories import MakeSwap, MakeUser, later, list_possible

ME: dict[str, Any] = {"skills_offered": ("Chess",), "skills_wanted": ("Go",)}
GO: dict[str, Any] = {"skills_offered": ("Go",), "skills_wanted": ("Piano",)}


async def count(deps: Deps, viewer: User) -> PeopleCount:
    return (await count_people(deps, viewer, ["go"]))["go"]


async def test_every_visible_teacher_is_in_one_class(deps: Deps, make_user: MakeUser, make_swap: MakeSwap) -> None:
    me = await make_user("Me", skills_offered=("Chess", "Go"), skills_wanted=("Go",))
    free, partner, asked, asking, before, passed, declined, blocked, blocking, full = [
        await make_user(**GO) for _ in range(10)
    ]
    await make_user(is_public=False, **GO)
    await make_swap(me, partner, status="accepted")
    await make_swap(me, asked)
    await make_swap(asking, me, wanted_skill="Chess")
    await cancel_swap(deps, me, (await make_swap(me, before)).id)
    await skip_match(deps, me, passed.id)
    await make_swap(declined, me, status="rejected", wanted_skill="Chess")
    await block_user(deps, me, blocked.id)
    await block_user(deps, blocking, me.id)
    for _ in range(MAX_OPEN_REQUESTS):
        await make_swap(await make_user(skills_offered=("Judo",)), full)
    assert await count(deps, me) == PeopleCount(
        "Go", 8, can_ask=1, partners=1, asked=1, asking=1, asked_before=1, passed=2, busy=1
    )
    deck = (await list_matches(deps, me, kind=TEACHERS)).matches
    assert [match.user.id for match in deck] == [free.id]


async def test_a_lapsed_decision_and_a_changed_profile_count_as_askable(deps: Deps, make_user: MakeUser) -> None:
    me, old, changed = await make_user("Me", **ME), await make_user(**GO), await make_user(**GO)
    for user in (old, changed):
        await pass_match(deps, me, user.id)
    assert (await count(deps, me)).passed == 2
    await update_profile(deps, changed, ProfileChanges(skills_wanted=("Chess",)))
    assert (await count(deps, me)) == PeopleCount("Go", 2, can_ask=1, passed=1)
    much_later = later(deps, DECIDED_FOR + timedelta(days=1))
    assert (await count(much_later, me)) == PeopleCount("Go", 2, can_ask=2)


async def test_a_partner_of_a_closed_circle_counts_as_a_partner_and_of_an_open_one_does_not(
    deps: Deps, make_user: MakeUser
) -> None:
    me = await make_user("Me", **ME)
    li = await make_user("Li", skills_offered=("Judo",), skills_wanted=("Chess",))
    noor = await make_user("Noor", skills_offered=("Go",), skills_wanted=("Judo",))
    (possible,) = await list_possible(deps, me)
    circle = await ask_circle(deps, me, possible.id)
    assert await count(deps, me) == PeopleCount("Go", 1, can_ask=1)  # nobody learns who is in an open circle
    for person in (li, noor):
        await join_circle(deps, person, circle.id, version=1)
    assert await count(deps, me) == PeopleCount("Go", 1, partners=1)


async def test_skipped_users_who_have_gone_are_not_counted(deps: Deps, make_user: MakeUser) -> None:
    me = await make_user("Me", **ME)
    stays, leaves, hides, blocks = [await make_user(**GO) for _ in range(4)]
    for user in (stays, leaves, hides, blocks):
        await skip_match(deps, me, user.id)
    await delete_account(deps, leaves)
    await update_profile(deps, hides, ProfileChanges(is_public=False))
    await block_user(deps, blocks, me.id)
    assert (await advise_on_deck(deps, me)).skipped == 1
    assert await reconsider_skipped(deps, me) == 1
    assert [match.user.id for match in (await list_matches(deps, me, kind=TEACHERS)).matches] == [stays.id]


async def test_completions_count_neither_oneself_nor_blocked_users(deps: Deps, make_user: MakeUser) -> None:
    me = await make_user("Me", skills_offered=("Go",), skills_wanted=("Xyzzy",))
    await make_user(**GO)
    blocked = await make_user(skills_offered=("Go", "Xyzzying"), skills_wanted=("Piano",))
    await block_user(deps, me, blocked.id)
    (go, *_) = await complete_skill(deps, me, "go", limit=5)
    assert (go.key, go.teachers) == ("go", 1)
    assert await complete_skill(deps, me, "xyzzy", limit=5) == []
    assert (await count_people(deps, me, ["go"], side=WANTING))["go"].people == 0
