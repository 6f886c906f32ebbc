"""Whose turn it is to be looked for in the members' group is read from an index, however many people there are."""

from __future__ import annotations

from datetime import timedelta

from bson import ObjectId

from handlers.group_looks import due_group_checks, want_look
from handlers.runtime.deps import Deps
from storage.mongodb.indexes import ensure_indexes
from tests.storage.mongodb.test_indexes import complaints, watch

PEOPLE = 2_000


async def test_looks_into_the_members_group_use_an_index(deps: Deps) -> None:
    database, tomorrow = deps.store.database, deps.now() + timedelta(days=1)
    await ensure_indexes(database)
    users = database.collection("users")
    await users.insert_many(
        [{"_id": ObjectId(), "name": f"P{n}", **({"telegram_id": n + 1} if n % 2 else {})} for n in range(PEOPLE)]
    )
    await watch(database)
    first = await due_group_checks(deps)
    for check in first:
        assert await deps.store.group_checks.done(check, at=deps.now(), next_at=tomorrow)
    assert await complaints(database) == []
    await users.update_many({}, {"$set": {"group_check_at": tomorrow}})
    await watch(database)
    for check in first[:5]:
        assert check.user.telegram_id is not None
        assert await want_look(deps, check.user.telegram_id)
    assert {check.user.id for check in await due_group_checks(deps)} == {check.user.id for check in first[:5]}
    assert await complaints(database) == []
