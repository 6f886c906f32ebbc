"""Changes of many profiles at one moment: few commands, and for each change its own outcome."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from bson import ObjectId
from pymongo.errors import WriteError

from domain.users import ProfileChanges, User
from handlers.runtime.deps import Deps
from handlers.users import get_user, update_profile
from storage.mongodb.database import Database
from storage.profile_batches import SIDE_BY_SIDE, ProfileBatches
from tests.factories import MakeUser

PEOPLE = 8


@pytest.fixture
async def people(make_user: MakeUser) -> Sequence[User]:
    return [await make_user() for _ in range(PEOPLE)]


def in_lima(user: User) -> User:
    """Return the next version of a user, who has moved."""
    return replace(user, location="Lima", profile_version=user.profile_version + 1)


async def updates(database: Database) -> int:
    """Return how many update commands the database has been sent."""
    return int((await database.command("serverStatus"))["metrics"]["commands"]["update"]["total"])


def step(number: int, version: int, **fields: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the query and the update that take a note from this version to the next."""
    query = {"_id": number, "profile_version": version}
    return query, {"$set": {"text": "new", **fields}, "$inc": {"profile_version": 1}}


async def notes_of(database: Database, versions: Sequence[int]) -> Any:
    notes = database.collection("notes")
    await notes.insert_many(
        [{"_id": n, "profile_version": version, "text": "old"} for n, version in enumerate(versions)]
    )
    return notes


async def test_profiles_that_are_changed_at_one_moment_are_written_by_few_commands(
    deps: Deps, database: Database, people: Sequence[User]
) -> None:
    before, after = await updates(database), [in_lima(one) for one in people]
    assert all(await asyncio.gather(*map(deps.store.users.replace_profile, people, after)))
    assert await updates(database) - before == SIDE_BY_SIDE + 1  # the first ones at once, then all others together
    assert [await get_user(deps, one.id) for one in people] == after


async def test_a_profile_that_has_another_version_by_now_is_not_written_and_its_neighbours_are(
    deps: Deps, database: Database, people: Sequence[User]
) -> None:
    await database.collection("users").update_one({"_id": ObjectId(people[5].id)}, {"$inc": {"profile_version": 1}})
    written = await asyncio.gather(*(deps.store.users.replace_profile(one, in_lima(one)) for one in people))
    assert written == [number != 5 for number in range(PEOPLE)]
    stored = [await get_user(deps, one.id) for one in people]
    assert [one.location == "Lima" for one in stored] == written
    assert [one.profile_version for one in stored] == [1] * PEOPLE


async def test_profiles_that_are_changed_one_after_the_other_do_not_wait_for_each_other(
    deps: Deps, database: Database, people: Sequence[User]
) -> None:
    before = await updates(database)
    for one in people:
        await update_profile(deps, one, ProfileChanges(location="Lima"))
    assert await updates(database) - before == PEOPLE


async def test_a_profile_that_another_process_has_changed_meanwhile_keeps_both_changes_and_its_neighbours_theirs(
    deps: Deps, database: Database, people: Sequence[User]
) -> None:
    changed = {"$set": {"location": "Quito", "availability": "now and then"}, "$inc": {"profile_version": 1}}
    await database.collection("users").update_one({"_id": ObjectId(people[5].id)}, changed)
    after = await asyncio.gather(*(update_profile(deps, one, ProfileChanges(location="Lima")) for one in people))
    assert [one.profile_version for one in after] == [2 if n == 5 else 1 for n in range(PEOPLE)]
    assert after[5].availability == "now and then"
    for one in after:
        assert await get_user(deps, one.id) == one
        assert one.location == "Lima"


async def test_no_change_of_one_profile_is_lost_however_many_come_at_once(deps: Deps, people: Sequence[User]) -> None:
    ada, *others = people
    await asyncio.gather(
        *(update_profile(deps, one, ProfileChanges(location="Lima")) for one in others),
        update_profile(deps, ada, ProfileChanges(location="Lima")),
        update_profile(deps, ada, ProfileChanges(availability="weekends")),
        update_profile(deps, ada, ProfileChanges(name="Ada Lovelace")),
    )
    stored = await get_user(deps, ada.id)
    assert (stored.location, stored.availability, stored.name) == ("Lima", "weekends", "Ada Lovelace")
    assert stored.profile_version == 3


async def test_outcome_of_each_change_is_its_own(database: Database) -> None:
    notes = await notes_of(database, [7 if n == 4 else 0 for n in range(8)])
    batches = ProfileBatches(notes)
    changes = [step(n, 0, **({"text.part": 1} if n == 6 else {})) for n in range(8)]
    outcomes = await asyncio.gather(*(batches.update(*change, version=1) for change in changes), return_exceptions=True)
    assert [type(outcome) if n == 6 else outcome for n, outcome in enumerate(outcomes)] == [
        True, True, True, True, False, True, WriteError, True,
    ]  # fmt: skip
    stored = [doc["profile_version"] async for doc in notes.find().sort([("_id", 1)])]
    assert stored == [1, 1, 1, 1, 7, 1, 0, 1]


async def test_a_change_that_cannot_be_stored_fails_alone(database: Database) -> None:
    batches = ProfileBatches(await notes_of(database, [0] * 6))
    changes = [step(n, 0, **({"text": "\ud800"} if n == 3 else {})) for n in range(6)]  # half a character
    outcomes = await asyncio.gather(*(batches.update(*change, version=1) for change in changes), return_exceptions=True)
    assert [outcome if n != 3 else type(outcome) for n, outcome in enumerate(outcomes)] == [
        True, True, True, UnicodeEncodeError, True, True,
    ]  # fmt: skip


async def test_a_change_whose_request_has_ended_before_its_turn_is_not_written(database: Database) -> None:
    notes = await notes_of(database, [0] * 5)
    batches = ProfileBatches(notes)
    tasks = [asyncio.create_task(batches.update(*step(n, 0), version=1)) for n in range(5)]
    await asyncio.sleep(0)
    tasks[3].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert [doc["_id"] async for doc in notes.find({"text": "new"}).sort([("_id", 1)])] == [0, 1, 2, 4]


async def test_a_command_that_is_not_answered_holds_up_its_own_change_alone() -> None:
    class Result:
        modified_count = 1

    class Silent:
        async def update_one(self, query: dict[str, Any], _: dict[str, Any]) -> Result:
            if query["_id"] < SIDE_BY_SIDE:
                await asyncio.Event().wait()
            return Result()

    batches = ProfileBatches(Silent())
    held_up = [asyncio.create_task(batches.update(*step(n, 0), version=1)) for n in range(SIDE_BY_SIDE)]
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        for number in range(SIDE_BY_SIDE, SIDE_BY_SIDE + 3):
            assert await batches.update(*step(number, 0), version=1)
    assert not any(task.done() for task in held_up)
    for task in held_up:
        task.cancel()
    await asyncio.gather(*held_up, return_exceptions=True)
