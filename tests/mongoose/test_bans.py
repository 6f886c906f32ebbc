"""A ban that another program writes, as an admin does by hand: what runs ends as after a ban by a moderator."""

from __future__ import annotations

from datetime import timedelta

from bson import ObjectId

from domain.exits import UNDO_WITHIN
from domain.swaps import ACCEPTED, CANCELLED, PARTNER_GONE
from domain.users import MODERATOR
from handlers import standing
from handlers.audit import list_audit
from handlers.exits import go_on_with_exits
from handlers.outside_bans import OTHER_PROGRAM
from handlers.runtime.deps import Deps
from handlers.swaps import get_swap
from storage.mongodb.database import Database
from tests.factories import MakeSwap, MakeUser, later
from tests.mongoose.conftest import Node
from tests.waiting import eventually

SET_BANNED = """
const _id = new mongoose.Types.ObjectId(args.id)
await User.collection.updateOne({_id}, {$set: {status: "banned"}})
"""
AFTER_UNDO = UNDO_WITHIN + timedelta(seconds=5)


async def test_a_ban_by_a_model_ends_what_runs_and_is_noted_once(
    node: Node, generation: str, jobs: Deps, deps: Deps, database: Database, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    mona, bad = await make_user("Mona", role=MODERATOR), await make_user("Bad", telegram_id=True, is_public=False)
    ben = await make_user("Ben", telegram_id=True)
    swap = await make_swap(bad, ben, status=ACCEPTED)
    await node.run(generation, SET_BANNED, id=bad.id)
    await eventually(lambda: _has_exit(deps, bad.id))
    for minutes in (0, 5):
        await go_on_with_exits(later(deps, AFTER_UNDO + timedelta(minutes=minutes)))
    ended = await get_swap(deps, ben, swap.id)
    assert (ended.status, ended.end_reason) == (CANCELLED, PARTNER_GONE)
    assert await database.collection("bars").count_documents({"user_id": ObjectId(bad.id)}) == 1
    (entry,) = await list_audit(deps, mona, about=bad.id)
    assert (entry.action, entry.by) == ("ban", OTHER_PROGRAM)
    await node.run(
        generation, SET_BANNED + "await User.collection.updateOne({_id}, {$set: {name: 'Worse'}})", id=bad.id
    )
    await eventually(lambda: _is_named(database, bad.id, "Worse"))
    assert len(await list_audit(deps, mona, about=bad.id)) == 1
    assert await database.collection("letters").count_documents({"to": ObjectId(bad.id)}) == 1
    assert (await standing.unban(deps, mona, bad.id)).person.status == "active"


async def _has_exit(deps: Deps, user_id: str) -> bool:
    return await deps.store.standings.exit_of(user_id) is not None


async def _is_named(database: Database, user_id: str, name: str) -> bool:
    found = await database.collection("users").find_one({"_id": ObjectId(user_id)})
    return found is not None and found["name_keys"] == [name.casefold()]
