"""Circle news through the operations: a changed profile that makes a circle possible is notified once, and once a
day."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId

from domain.circle_news import QUIET
from domain.users import MODERATOR, PAUSED, ProfileChanges, User
from handlers.auth.accounts import accept_merge, offer_merge
from handlers.blocks import block_user, unblock_user
from handlers.circle_news import load_circle_notification, look_for_circles
from handlers.circles import ask_circle, decline_circle, get_circle
from handlers.moderation import merge_skill, settle_skills
from handlers.notifications import claim_delivery, finish_delivery
from handlers.runtime.deps import Deps
from handlers.users import delete_account, get_user, update_profile
from storage.circle_news import SEARCHES_AT_ONCE
from storage.mongodb.database import Database
from tests.factories import Clock, MakeUser, list_possible


@pytest.fixture
def clock(deps: Deps) -> Clock:
    return Clock(deps.now)


@pytest.fixture
def then(deps: Deps, clock: Clock) -> Deps:
    """The operations, at a time that can be moved on."""
    return replace(deps, now=clock)


@pytest.fixture
async def two(make_user: MakeUser) -> tuple[User, User]:
    """Ana teaches the guitar and wants Chinese, Li teaches Python and wants the guitar: the third is missing."""
    return (
        await make_user("Ana", skills_offered=("Guitar",), skills_wanted=("Chinese",), telegram_id=True),
        await make_user("Li", skills_offered=("Python",), skills_wanted=("Guitar",), telegram_id=True),
    )


async def changes(deps: Deps, user: User, **given: Any) -> User:
    return await update_profile(deps, await get_user(deps, user.id), ProfileChanges(**given))


async def closes_it(deps: Deps, user: User) -> User:
    return await changes(deps, user, skills_offered=("Chinese",), skills_wanted=("Python",))


async def notifications(deps: Deps) -> list[tuple[str, str, str]]:
    """Deliver due notifications: (user, skill they would learn, skill they would teach)."""
    told = []
    while (delivery := await claim_delivery(deps, "w", set())) is not None:
        telling = await load_circle_notification(deps, delivery)
        if telling is not None:
            told.append((telling.person.name, telling.view.you_learn.skill, telling.view.you_teach.skill))
        await finish_delivery(deps, delivery, is_sent=telling is not None)
    return told


@pytest.mark.usefixtures("two")
async def test_change_that_makes_a_circle_possible_is_notified_once(then: Deps, make_user: MakeUser) -> None:
    noor = await make_user("Noor", skills_offered=("Chess",), skills_wanted=("Go",), telegram_id=True)
    assert await look_for_circles(then) == 0
    noor = await closes_it(then, noor)
    assert await look_for_circles(then) == 1
    assert await notifications(then) == [("Noor", "Python", "Chinese")]
    assert await look_for_circles(then) == 0


@pytest.mark.usefixtures("two")
async def test_circle_is_reported_once_and_user_notified_once_a_day(
    then: Deps, clock: Clock, make_user: MakeUser
) -> None:
    noor = await make_user("Noor", skills_offered=("Chess",), skills_wanted=("Go",), telegram_id=True)
    noor = await closes_it(then, noor)
    assert await look_for_circles(then) == 1
    noor = await changes(then, noor, skills_wanted=("Go",))
    noor = await closes_it(then, noor)  # the same one again
    await make_user("Bo", skills_offered=("Knitting",), skills_wanted=("Chess",), telegram_id=True)
    await make_user("Cy", skills_offered=("Go",), skills_wanted=("Knitting",), telegram_id=True)
    await changes(then, noor, skills_offered=("Chess", "Chinese"), skills_wanted=("Go", "Python"))  # another one
    assert await look_for_circles(then) == 0
    assert await notifications(then) == [("Noor", "Python", "Chinese")]
    clock.ahead = QUIET
    assert await look_for_circles(then) == 1
    assert await notifications(then) == [("Noor", "Go", "Chess")]


async def test_circle_requested_meanwhile_is_not_reported(
    then: Deps, two: tuple[User, User], make_user: MakeUser
) -> None:
    await closes_it(then, await make_user("Noor", skills_offered=("Chess",), telegram_id=True))
    assert await look_for_circles(then) == 1
    (possible,) = await list_possible(then, two[0])
    await ask_circle(then, two[0], possible.id)
    while (delivery := await claim_delivery(then, "w", set())) is not None:
        if delivery.event == "circle.possible":
            assert await load_circle_notification(then, delivery) is None
        await finish_delivery(then, delivery, is_sent=True)


@pytest.mark.usefixtures("two")
async def test_relisted_user_is_notified(then: Deps, make_user: MakeUser) -> None:
    hidden = await make_user(
        "Noor", skills_offered=("Chinese",), skills_wanted=("Python",), is_public=False, telegram_id=True
    )
    await changes(then, hidden, availability="evenings")
    assert await look_for_circles(then) == 0
    await changes(then, hidden, is_public=True)
    assert await look_for_circles(then) == 1


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize("hidden", [{"is_public": False}, {"status": PAUSED}])
async def test_unlisted_user_is_not_notified(
    then: Deps, database: Database, make_user: MakeUser, hidden: dict[str, Any]
) -> None:
    users = database.collection("users")
    noor = await closes_it(then, await make_user("Noor", skills_offered=("Chess",), telegram_id=True))
    await users.update_one({"_id": ObjectId(noor.id)}, {"$set": hidden})
    assert await look_for_circles(then) == 0
    await users.update_one({"_id": ObjectId(noor.id)}, {"$set": {"is_public": True, "status": "active"}})
    await changes(then, noor, availability="weekday evenings, weekends", skills_offered=("Chinese", "Chess"))
    assert await look_for_circles(then) == 1
    await users.update_one({"_id": ObjectId(noor.id)}, {"$set": hidden})
    assert await notifications(then) == []


async def test_blocked_people_make_no_news(then: Deps, two: tuple[User, User], make_user: MakeUser) -> None:
    noor = await make_user("Noor", skills_offered=("Chess",), telegram_id=True)
    await then.store.blocks.add(noor.id, two[0].id, at=then.now())
    await closes_it(then, noor)
    assert await look_for_circles(then) == 0


async def test_empty_place_is_offered_to_a_matching_user(
    then: Deps, two: tuple[User, User], make_user: MakeUser
) -> None:
    ana, li = two
    noor = await make_user("Noor", skills_offered=("Chinese",), skills_wanted=("Python",))
    (possible,) = await list_possible(then, ana)
    circle = await ask_circle(then, ana, possible.id)
    await decline_circle(then, noor, circle.id)
    omar = await make_user("Omar", skills_offered=("Chess",), skills_wanted=("Go",), telegram_id=True)
    await closes_it(then, omar)
    await look_for_circles(then)
    assert (await get_circle(then, omar, circle.id)).can == ("join", "leave")
    assert (await get_circle(then, li, circle.id)).is_searching is False


@pytest.mark.usefixtures("two")
async def test_concurrent_searches_notify_once(then: Deps, make_user: MakeUser) -> None:
    for number in range(5):
        noor = await make_user(f"Noor {number}", skills_offered=("Chess",), telegram_id=True)
        await closes_it(then, noor)
        assert sum(await asyncio.gather(look_for_circles(then), look_for_circles(then))) == 1
        assert len(await notifications(then)) == 1
        await delete_account(then, noor)


@pytest.mark.usefixtures("two")
async def test_change_during_a_search_and_a_crash_repeat_the_search(
    then: Deps, database: Database, make_user: MakeUser
) -> None:
    noor = await make_user("Noor", skills_offered=("Chess",), skills_wanted=("Go",), telegram_id=True)
    await changes(then, noor, skills_offered=("Chess", "Draughts"))
    ((user_id, since),) = await then.store.circle_news.waiting(then.now())
    await asyncio.sleep(0.002)  # the next change has a time of its own
    await closes_it(then, noor)
    await then.store.circle_news.finish(user_id, since)
    assert await look_for_circles(then) == 1
    await database.collection("users").update_one(
        {"_id": ObjectId(noor.id)}, {"$set": {"circle_look_at": then.now()}}
    )  # killed before it was taken out
    assert await look_for_circles(then) == 0
    assert len(await notifications(then)) == 1


@pytest.mark.usefixtures("two")
async def test_run_searches_for_a_bounded_number_of_users(then: Deps, database: Database, make_user: MakeUser) -> None:
    for number in range(SEARCHES_AT_ONCE + 1):
        await make_user(f"P {number}", skills_offered=(f"A{number}",), skills_wanted=(f"B{number}",))
    users = database.collection("users")
    await users.update_many({"name": {"$regex": "^P "}}, {"$set": {"circle_look_at": then.now() - timedelta(hours=1)}})
    await closes_it(then, await make_user("Noor", skills_offered=("Chess",), telegram_id=True))
    assert await look_for_circles(then) == 0
    assert await look_for_circles(then) == 1


@pytest.mark.usefixtures("two")
async def test_erased_or_merged_user_leaves_no_circle_news(then: Deps, database: Database, make_user: MakeUser) -> None:
    noor = await closes_it(then, await make_user("Noor", skills_offered=("Chess",), telegram_id=True))
    assert await look_for_circles(then) == 1
    other = await make_user("Noor, too", skills_offered=("Chess",), skills_wanted=("Go",), email="noor@example.org")
    code, _ = await offer_merge(then, other)
    one = await accept_merge(then, await get_user(then, noor.id), code)
    assert await look_for_circles(then) == 1  # the circle is around their current users
    assert await notifications(then) == [(one.name, "Python", "Chinese")]
    await delete_account(then, await get_user(then, one.id))
    assert await database.collection("circle_news").count_documents({}) == 0


async def test_removed_block_triggers_a_search(then: Deps, two: tuple[User, User], make_user: MakeUser) -> None:
    noor = await make_user("Noor", skills_offered=("Chinese",), skills_wanted=("Python",), telegram_id=True)
    await block_user(then, noor, two[1].id)
    assert await look_for_circles(then) == 0
    await unblock_user(then, noor, two[1].id)
    assert await look_for_circles(then) == 1
    assert await notifications(then) == [("Noor", "Python", "Chinese")]


@pytest.mark.usefixtures("two")
async def test_merged_skills_trigger_a_search(then: Deps, make_user: MakeUser) -> None:
    await make_user("Noor", skills_offered=("Chinese",), skills_wanted=("Pythonnn",), telegram_id=True)
    await merge_skill(then, await make_user(role=MODERATOR), "pythonnn", "Python")
    assert await settle_skills(then) == 1
    assert await look_for_circles(then) == 1
    assert await notifications(then) == [("Noor", "Python", "Chinese")]


async def test_circle_keeps_its_identity_after_a_skill_merge(
    then: Deps, clock: Clock, two: tuple[User, User], make_user: MakeUser
) -> None:
    await changes(then, two[1], skills_offered=("Pythonnn",))
    assert await look_for_circles(then) == 0
    noor = await make_user("Noor", skills_offered=("Chinese",), telegram_id=True)
    await changes(then, noor, skills_wanted=("Pythonnn",))
    assert await look_for_circles(then) == 1
    await merge_skill(then, await make_user(role=MODERATOR, skills_offered=("Chess",)), "pythonnn", "Python")
    assert await settle_skills(then) > 0
    clock.ahead = QUIET
    assert await look_for_circles(then) == 1  # Li, who has not been notified
    assert await notifications(then) == [("Noor", "Python", "Chinese"), ("Li", "Guitar", "Python")]
