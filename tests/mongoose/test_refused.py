"""Saves of models that fail: the server refuses it, with a reason that names what to do instead."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId

from domain.swaps import ACCEPTED
from handlers.messages import Draft, send_message
from handlers.runtime.deps import Deps
from storage.mongodb.database import Database
from storage.mongodb.migrations import migrate
from storage.mongodb.validators import PAGE, ensure_validators
from tests.factories import MakeSwap, MakeUser
from tests.mongoose.conftest import Node, NodeError

ROOT = Path(__file__).parents[2]
REFUSED = {
    "a swap": (
        "await Swap.create({from_user_id: args.ana, to_user_id: args.li, offered_skill: 'Guitar', wanted_skill: 'Go'})",
        "POST /api/swap",
    ),
    "a message": (
        "await Message.create({swap_id: args.swap, from_user_id: args.ana, to_user_id: args.li, message: 'Hello'})",
        "POST /api/chat",
    ),
    "a profile of 21 skills": (
        "await User.create({name: 'Bo', email: 'bo@example.org', skills_offered: [...Array(21).keys()]})",
        "at most 20 skills",
    ),
    "a status that there is not": (
        "const swap = await Swap.findById(args.swap); swap.status = 'archived'; await swap.save()",
        "set the status",
    ),
}


@pytest.mark.parametrize(("body", "advice"), REFUSED.values(), ids=[*REFUSED])
async def test_a_refusal_says_what_to_do_instead(
    node: Node, generation: str, database: Database, make_user: MakeUser, make_swap: MakeSwap, body: str, advice: str
) -> None:
    ana, li = await make_user("Ana"), await make_user("Li")
    swap = await make_swap(ana, li, status=ACCEPTED)
    before = await _documents(database)
    with pytest.raises(NodeError, match="Document failed validation") as raised:
        await node.run(generation, body, ana=ana.id, li=li.id, swap=swap.id)
    assert raised.value.name == "MongoServerError"
    assert raised.value.code == 121
    description = raised.value.info["details"]["description"]
    assert advice in description
    assert description.endswith(PAGE)
    assert (ROOT / PAGE).is_file()
    assert await _documents(database) == before


async def _documents(database: Database) -> dict[str, list[dict[str, Any]]]:
    return {name: await database.collection(name).find().to_list(None) for name in ("users", "swaps", "messages")}


async def test_the_same_models_save_a_status_and_read_what_was_sent(
    node: Node, generation: str, deps: Deps, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ana, li = await make_user("Ana"), await make_user("Li")
    swap = await make_swap(ana, li, status=ACCEPTED)
    await send_message(deps, ana, Draft(swap.id, "Hello", "web"))
    (found,) = await node.run(generation, "return await Message.find({swap_id: args.swap}).lean()", swap=swap.id)
    assert (found["message"], found["from_user_id"], found["to_user_id"]) == ("Hello", ana.id, li.id)
    save = "const swap = await Swap.findById(args.swap); swap.status = 'cancelled'; return await swap.save()"
    assert (await node.run(generation, save, swap=swap.id))["status"] == "cancelled"


async def test_what_models_wrote_before_the_first_start_is_taken_over(
    node: Node, generation: str, new_database: Database
) -> None:
    """Without the validators, and with them set between the insert and the migration, as at a start."""
    for name in ("users", "swaps", "messages"):
        await new_database.command({"collMod": name, "validator": {}, "validationLevel": "strict"})
    made = json.dumps({"name": "Ana", "email": "ana@example.org", "skills_offered": ["Guitar"]})
    ids = await node.run(
        generation,
        f"""
        const [ana, li] = [await User.create({made}), await User.create({{name: 'Li', email: 'li@example.org'}})]
        const skills = {{offered_skill: 'Guitar', wanted_skill: 'Go'}}
        const swap = await Swap.create({{from_user_id: ana, to_user_id: li, ...skills}})
        await Message.create({{swap_id: swap, from_user_id: ana, to_user_id: li, message: 'Hello'}})
        return swap._id
        """,
    )
    await ensure_validators(new_database)
    await migrate(new_database, worker="w", progress=lambda _: None)
    swap = await new_database.collection("swaps").find_one({"_id": ObjectId(ids)})
    message = await new_database.collection("messages").find_one({"swap_id": ObjectId(ids)})
    assert swap is not None
    assert message is not None
    assert (len(swap["legs"]), swap["version"], message["seq"]) == (2, 1, 1)
