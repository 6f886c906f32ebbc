"""Fixtures: people of every standing, and the doors of the web and of the bot."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from bson import ObjectId

from domain.standing import BARRED, Standing
from domain.users import ACTIVE, User
from handlers.runtime.deps import Deps
from handlers.users import get_people
from storage.derived_fields import derived_fields
from storage.users import STANDING, user_from
from tests.api.conftest import client, connect, web
from tests.bot.conftest import bot

__all__ = ["bot", "client", "connect", "web"]

FACTS: Final[Mapping[str, Any]] = {
    "member": lambda at: Standing(),
    "hidden": lambda at: Standing(hidden_at=at),
    "applicant": lambda at: Standing(membership="applicant"),
    "warned": lambda at: Standing(warned_at=at, reason="rude"),
    "suspended": lambda at: Standing(suspended_until=at + timedelta(days=7)),
    "banned": lambda at: Standing(),
}
"""The facts of each standing that somebody can come to a door with."""


async def put_in(deps: Deps, user_id: str, standing: str, at: datetime) -> User:
    """Put a user into a standing, as a decision would leave them."""
    users = deps.store.database.collection("users")
    oid = ObjectId(user_id)
    status = BARRED if standing == BARRED else ACTIVE
    fields = {"status": status, "standing": STANDING.document(FACTS[standing](at))}
    doc = await users.find_one({"_id": oid})
    assert doc is not None
    derived = derived_fields(user_from(doc | fields))
    await users.update_one({"_id": oid}, {"$set": fields | derived, "$inc": {"profile_version": 1}})
    deps.store.users.cache.drop(user_id)
    return (await get_people(deps, (user_id,)))[user_id]
