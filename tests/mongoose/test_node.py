"""Models and adapters write where the service reads: the other tests here rest on that."""

from __future__ import annotations

import pytest

from handlers.runtime.deps import Deps
from handlers.users import get_user
from tests.mongoose.conftest import Node, NodeError

PERSON = {"name": "Ana", "email": "ana@example.org", "skills_offered": ["Python"], "skills_wanted": ["Guitar"]}


async def test_a_user_that_a_model_creates_is_a_user_of_the_service(deps: Deps, node: Node, generation: str) -> None:
    made = await node.run(generation, "return await User.create(args.person)", person=PERSON)
    user = await get_user(deps, made["_id"])
    assert (user.name, user.email, user.skills_offered) == ("Ana", "ana@example.org", ("Python",))


async def test_a_user_that_an_adapter_creates_is_a_user_of_the_service(deps: Deps, node: Node, adapter: str) -> None:
    made = await node.run(adapter, "return await adapter.createUser({email: args.email})", email=PERSON["email"])
    user = await get_user(deps, made["id"])
    assert user.email == "ana@example.org"


async def test_an_error_of_a_model_has_its_name(node: Node, generation: str) -> None:
    with pytest.raises(NodeError, match="Cast to ObjectId failed") as raised:
        await node.run(generation, "return await Swap.create({from_user_id: 'nobody'})")
    assert raised.value.name == "ValidationError"
