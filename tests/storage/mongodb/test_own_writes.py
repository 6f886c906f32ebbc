"""Own writes of profiles: the change stream reports them without reading them again, and misses nothing that others
write at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from domain.users import BANNED, ProfileChanges, User
from handlers.runtime.deps import Deps
from handlers.users import get_user, update_profile
from storage.mongodb import change_stream
from storage.mongodb.change_stream import ALERT_WORK, CIRCLE_WORK, OUTSIDE_WORK, Change
from storage.mongodb.database import Database
from storage.users import user_from
from tests.factories import MakeUser
from tests.waiting import eventually

HERE = ProfileChanges(location="Lima")


@pytest.fixture
async def made(make_user: MakeUser) -> User:
    return await make_user(skills_offered=("Go",), skills_wanted=("Guitar",))


@pytest.fixture
async def heard(deps: Deps, made: User) -> AsyncIterator[list[Change]]:
    """Changes that the stream has reported by now."""
    got: list[Change] = []

    async def follow() -> None:
        async for batch in deps.store.changes.follow():
            got.extend(batch)

    following = asyncio.create_task(follow())
    await eventually(lambda: deps.store.changes.is_live)
    await asyncio.sleep(0.05)  # the driver opens the stream at its first read
    yield got
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[User]:
    """Profiles that were read from the stream."""
    profiles: list[User] = []

    def noted(doc: dict[str, Any]) -> User:
        profiles.append(user_from(doc))
        return profiles[-1]

    monkeypatch.setattr(change_stream, "user_from", noted)
    return profiles


async def cached(deps: Deps, user: User) -> User:
    found = await deps.store.users.find_recent(user.id)
    assert found is not None
    return found


async def begin_pause(deps: Deps, database: Database, heard: list[Change]) -> None:
    """Let the stream read nothing for a second: what is written meanwhile comes together."""
    deps.store.changes.pause = 1.0
    await database.collection("telegram_updates").insert_one({"_id": 1})
    await eventually(lambda: heard != [])
    heard.clear()


async def test_own_write_is_reported_with_its_work_and_not_read_again(
    deps: Deps, database: Database, made: User, heard: list[Change], read: list[User]
) -> None:
    ada = await cached(deps, made)
    await begin_pause(deps, database, heard)  # the answer to the write comes before its event
    after = await update_profile(deps, ada, ProfileChanges(skills_offered=("Chess",)))
    await eventually(lambda: heard != [])
    assert heard == [Change("user", user=after, work=frozenset((ALERT_WORK, CIRCLE_WORK)))]
    assert await deps.store.users.find_recent(ada.id) == after == await get_user(deps, ada.id)
    assert read == []


async def test_writes_one_after_the_other_are_each_reported_and_the_last_one_is_cached(
    deps: Deps, made: User, heard: list[Change]
) -> None:
    ada = await cached(deps, made)
    for number in range(5):
        ada = await update_profile(deps, ada, ProfileChanges(location=f"Corner {number}"))
    await eventually(lambda: len(heard) == 5)
    assert heard[-1].user == ada == await deps.store.users.find_recent(ada.id)


@pytest.mark.parametrize("is_first", [True, False])
async def test_write_of_another_program_at_the_same_time_is_noticed(
    deps: Deps, database: Database, made: User, heard: list[Change], *, is_first: bool
) -> None:
    ada, users = await cached(deps, made), database.collection("users")
    await begin_pause(deps, database, heard)  # both writes come before either event
    change = {"$set": {"name": "Ada Lovelace"}}
    if is_first:
        await users.update_one({}, change)
    await update_profile(deps, ada, HERE)
    if not is_first:
        await users.update_one({}, change)
    await eventually(lambda: len(heard) >= 2)
    known = await deps.store.users.find_recent(ada.id)
    assert known is not None
    assert (known.name, known.location) == ("Ada Lovelace", "Lima")
    assert any(OUTSIDE_WORK in change.work for change in heard)  # others are to find them by the new name


async def test_write_of_another_program_that_was_heard_before_ours_ended_is_noticed(
    deps: Deps, database: Database, made: User, heard: list[Change]
) -> None:
    ada = await cached(deps, made)
    await database.collection("users").update_one({}, {"$set": {"name": "Ada Lovelace"}})
    await eventually(lambda: len(heard) == 1)
    await update_profile(deps, ada, HERE)  # of what was read before
    await eventually(lambda: len(heard) == 2)
    known = await deps.store.users.find_recent(ada.id)
    assert known is not None
    assert (known.name, known.location, known.profile_version) == ("Ada Lovelace", "Lima", 1)


async def test_own_write_under_an_earlier_vocabulary_is_looked_at(
    deps: Deps, database: Database, made: User, heard: list[Change], read: list[User]
) -> None:
    ada = await cached(deps, made)
    await begin_pause(deps, database, heard)
    await update_profile(deps, ada, HERE)
    deps.store.skills.vocabulary = deps.store.skills.vocabulary.decided(())
    await eventually(lambda: heard != [])
    assert [one.location for one in read] == ["Lima"]


async def test_noting_that_somebody_was_active_keeps_what_was_heard_of_them_meanwhile(
    deps: Deps, database: Database, made: User, heard: list[Change]
) -> None:
    ada = await cached(deps, made)
    await database.collection("users").update_one({}, {"$set": {"name": "Ada Lovelace"}})
    await eventually(lambda: heard != [])
    await begin_pause(deps, database, heard)  # its own event would bring the name, too
    await deps.store.users.note_active(ada, at=deps.now())
    assert (await cached(deps, made)).name == "Ada Lovelace"


async def test_own_write_does_not_renew_what_was_read_long_ago(
    deps: Deps, database: Database, made: User, heard: list[Change], monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await cached(deps, made)
    await database.collection("users").update_one({}, {"$set": {"answered": 7}})  # of this the stream tells nothing
    await begin_pause(deps, database, heard)
    await update_profile(deps, ada, HERE)
    await eventually(lambda: heard != [])
    monkeypatch.setattr(deps.store.users.cache, "_max_age", 0.9)  # the pause alone is longer
    assert (await cached(deps, made)).answered == 7


async def test_what_was_read_before_the_stream_began_is_read_again(deps: Deps, database: Database, made: User) -> None:
    assert await cached(deps, made) == made
    banned = {"$set": {"status": BANNED}, "$inc": {"profile_version": 1}}
    await database.collection("users").update_one({}, banned)  # by another process
    following = asyncio.create_task(anext(deps.store.changes.follow()))
    await eventually(lambda: deps.store.changes.is_current)
    assert (await cached(deps, made)).status == BANNED
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
