"""Every index, in one table: what asks for it stands beside it. Made at start, again and again without harm.

A partial index answers a query only if the server can tell from the query that the filter holds: `{"$gt": ""}` follows
from "equals this text", `{"$type": "string"}` does not.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from pymongo import IndexModel
from pymongo.errors import OperationFailure

from domain.alerts import KEPT
from domain.decks import DECIDED_FOR
from domain.swaps import PENDING
from domain.users import ADMIN, MODERATOR
from storage.mongodb.database import Database, DatabaseProblem
from storage.outbox import WAITING

log = logging.getLogger(__name__)

EXISTS = {"$exists": True}
DUPLICATE_KEY = 11000

INDEXES: dict[str, list[IndexModel]] = {
    "users": [
        IndexModel("email", name="email", unique=True, partialFilterExpression={"email": {"$gt": ""}}),
        IndexModel("telegram_id", name="telegram_id", unique=True, partialFilterExpression={"telegram_id": {"$gt": 0}}),
        # the deck: who offers what I want and wants what I offer, best first
        IndexModel(
            [("trades", 1), ("rank", -1), ("_id", -1)], name="deck", partialFilterExpression={"is_listed": True}
        ),
        # search by skill, and how many teach or want one
        IndexModel(
            [("offered_keys", 1), ("rank", -1), ("_id", -1)], name="teach", partialFilterExpression={"is_listed": True}
        ),
        # the people around somebody: who would learn what they teach
        IndexModel(
            [("wanted_keys", 1), ("rank", -1), ("_id", -1)], name="want", partialFilterExpression={"is_listed": True}
        ),
        # the rest of those who have a skill: whom a renamed or merged one is to reach as well
        IndexModel("offered_keys", name="teach_unlisted", partialFilterExpression={"is_listed": False}),
        IndexModel("wanted_keys", name="want_unlisted", partialFilterExpression={"is_listed": False}),
        *(IndexModel("role", name=f"{role}s", partialFilterExpression={"role": role}) for role in (MODERATOR, ADMIN)),
        # what people have begun to teach since alerts were last looked through
        IndexModel("begun_keys", name="begun", partialFilterExpression={"begun_keys": EXISTS}),
        # whose profile has changed since circles around them were last looked for
        IndexModel("circle_look_at", name="circle_look", partialFilterExpression={"circle_look_at": EXISTS}),
    ],
    "swaps": [
        IndexModel([("participants", 1), ("_id", -1)], name="mine"),
        IndexModel([("participants", 1), ("status", 1), ("_id", -1)], name="mine_by_status"),
        # what has changed while somebody was away
        IndexModel([("participants", 1), ("updated_at", 1)], name="mine_by_change"),
        IndexModel([("from_user_id", 1), ("created_at", -1)], name="requests_made"),
        # what keeps requests that are made at once within the limit
        IndexModel(
            [("from_user_id", 1), ("request_number", 1)],
            name="request_number",
            unique=True,
            partialFilterExpression={"request_number": {"$gt": 0}},
        ),
        IndexModel("open_key", name="one_open", unique=True, partialFilterExpression={"open_key": EXISTS}),
        # those that a renamed or merged skill is to reach: the open ones, and circles with an empty place
        IndexModel("legs.key", name="open_skills", partialFilterExpression={"open_key": EXISTS}),
        IndexModel("legs.key", name="vacant_skills", partialFilterExpression={"vacancy": {"$gt": ""}}),
        # circles: mine, whom a place is kept for, and what keeps one person from learning a skill in two of them
        IndexModel([("circle.people", 1), ("_id", -1)], name="my_circles", sparse=True),
        IndexModel("vacancy", name="vacancy", partialFilterExpression={"vacancy": {"$gt": ""}}),
        # those whose turn it is to have somebody looked for
        IndexModel("place_looked_at", name="place_look", partialFilterExpression={"vacancy": {"$gt": ""}}),
        IndexModel("promises", name="promises", unique=True, partialFilterExpression={"promises": EXISTS}),
        # who has many requests open: from the index alone
        IndexModel([("to_user_id", 1), ("status", 1)], name="asked", partialFilterExpression={"status": PENDING}),
        IndexModel("due_at", name="due", partialFilterExpression={"due_at": EXISTS}),
        # the outbox: the deliveries that are left, earliest first
        IndexModel([(WAITING, 1), ("_id", 1)], name="outbox_waiting", partialFilterExpression={WAITING: EXISTS}),
        IndexModel("outbox.state", name="outbox_state", partialFilterExpression={"outbox.state": "dead"}),
    ],
    "messages": [
        # numbered ones only: what the take-over could not make sense of has no number
        IndexModel(
            [("swap_id", 1), ("seq", 1)], name="in_order", unique=True, partialFilterExpression={"seq": {"$gt": 0}}
        ),
        IndexModel(
            [("from_user_id", 1), ("client_id", 1)],
            name="once",
            unique=True,
            partialFilterExpression={"client_id": {"$gt": ""}},
        ),
        # edits and deletions, in their order
        IndexModel(
            [("swap_id", 1), ("changed", 1)],
            name="changed",
            unique=True,
            partialFilterExpression={"changed": {"$gt": 0}},
        ),
        IndexModel([("copies.chat_id", 1), ("copies.message_id", 1)], name="copies", sparse=True),
        # the outbox: the deliveries that are left, earliest first
        IndexModel([(WAITING, 1), ("_id", 1)], name="outbox_waiting", partialFilterExpression={WAITING: EXISTS}),
        # is an earlier message of this swap still on its way?
        IndexModel([("swap_id", 1), ("seq", 1)], name="outbox_order", partialFilterExpression={WAITING: EXISTS}),
        # what was said while somebody had blocked the bot
        IndexModel("outbox.to", name="outbox_parked", partialFilterExpression={"outbox.state": "parked"}),
        IndexModel("outbox.state", name="outbox_state", partialFilterExpression={"outbox.state": "dead"}),
    ],
    "skills": [
        # what waits for a moderator, and what has been decided
        IndexModel([("state", 1), ("_id", 1)], name="by_state"),
        IndexModel([("state", 1), ("revision", 1)], name="decisions"),
        IndexModel("settle_at", name="unsettled", partialFilterExpression={"settle_at": EXISTS}),
    ],
    "alerts": [
        IndexModel([("user_id", 1), ("key", 1)], name="once", unique=True),
        # so many places has a person
        IndexModel(
            [("user_id", 1), ("place", 1)], name="places", unique=True, partialFilterExpression={"place": {"$gte": 0}}
        ),
        IndexModel([("user_id", 1), ("_id", -1)], name="mine"),
        # who waits, or has waited, for somebody to teach this
        IndexModel([("key", 1), ("is_running", 1)], name="waiting"),
        IndexModel([("is_running", 1), ("expires_at", 1)], name="ending"),
        IndexModel("expires_at", name="expiry", expireAfterSeconds=int(KEPT.total_seconds())),
        IndexModel([(WAITING, 1), ("_id", 1)], name="outbox_waiting", partialFilterExpression={WAITING: EXISTS}),
        IndexModel("outbox.state", name="outbox_state", partialFilterExpression={"outbox.state": "dead"}),
    ],
    "circle_news": [
        IndexModel([(WAITING, 1), ("_id", 1)], name="outbox_waiting", partialFilterExpression={WAITING: EXISTS}),
        IndexModel("outbox.state", name="outbox_state", partialFilterExpression={"outbox.state": "dead"}),
    ],
    "read_marks": [
        IndexModel([("swap_id", 1), ("user_id", 1)], name="once", unique=True),
        IndexModel("user_id", name="reader"),
    ],
    "presence": [
        IndexModel([("user_id", 1), ("swap_id", 1)], name="viewer"),
        IndexModel("open_until", name="expiry", expireAfterSeconds=0),
    ],
    "seen": [
        IndexModel([("viewer_id", 1), ("subject_id", 1)], name="once", unique=True),
        IndexModel([("viewer_id", 1), ("at", -1)], name="latest"),
        IndexModel([("viewer_id", 1), ("kind", 1)], name="by_kind"),
        IndexModel("subject_id", name="subject"),
        IndexModel("at", name="expiry", expireAfterSeconds=int(DECIDED_FOR.total_seconds())),
    ],
    "blocks": [
        IndexModel([("by", 1), ("whom", 1)], name="once", unique=True),
        IndexModel("whom", name="whom"),
    ],
    "decks": [IndexModel("expires_at", name="expiry", expireAfterSeconds=0)],
    "exposure": [IndexModel("expires_at", name="expiry", expireAfterSeconds=0)],
    "photos": [
        IndexModel("url", name="url"),
        IndexModel("owner_id", name="owner"),
        IndexModel([("state", 1), ("created_at", 1)], name="state"),
    ],
    "accounts": [
        IndexModel(
            [("provider", 1), ("subject", 1)],
            name="once",
            unique=True,
            partialFilterExpression={"subject": {"$gt": ""}},
        ),
        IndexModel("user_id", name="user"),
    ],
    "web_sessions": [
        IndexModel([("user_id", 1), ("seen_at", -1)], name="of_person"),
        IndexModel("ended_at", name="ended", partialFilterExpression={"ended_at": EXISTS}),
        IndexModel("expires_at", name="expiry", expireAfterSeconds=0),
    ],
    "rate_limits": [IndexModel("expires_at", name="expiry", expireAfterSeconds=0)],
    "idempotency": [
        IndexModel("expires_at", name="expiry", expireAfterSeconds=0),
        IndexModel("user_id", name="user"),
    ],
    "merge_codes": [
        IndexModel("expires_at", name="expiry", expireAfterSeconds=0),
        IndexModel("user_id", name="user"),
    ],
    "used_proofs": [IndexModel("expires_at", name="expiry", expireAfterSeconds=0)],
    "verification_tokens": [
        IndexModel("token", name="token", unique=True, partialFilterExpression={"token": {"$gt": ""}}),
        IndexModel("identifier", name="address"),
        IndexModel("expires", name="expiry", expireAfterSeconds=0),
    ],
    "login_links": [
        IndexModel("expires_at", name="expiry", expireAfterSeconds=0),
        IndexModel("user_id", name="user"),
    ],
    "telegram_updates": [
        IndexModel([("bot_id", 1), ("update_id", 1)], name="once", unique=True),
        IndexModel([("bot_id", 1), ("state", 1), ("update_id", 1)], name="waiting"),
        IndexModel("lane", name="dead", partialFilterExpression={"state": "dead"}),
        IndexModel("stored_at", name="expiry", expireAfterSeconds=8 * 24 * 3600),
    ],
}


async def ensure_indexes(database: Database) -> None:
    """Create what is missing. Raises DatabaseProblem when the data stands against a unique index.

    Of the indexes of another program only those go that forbid what we write: a Mongoose model's unique `email`, which
    lets one person alone be without an address.
    """
    making = (_ensure(database, name, models) for name, models in INDEXES.items())
    for problem in await asyncio.gather(*making, return_exceptions=True):  # none is left running behind an error
        if problem is not None:
            raise problem


async def _ensure(database: Database, name: str, models: list[IndexModel]) -> None:
    wanted = await _missing(database, name, models)
    if not wanted:
        return
    try:
        await database.collection(name).create_indexes(wanted)
    except OperationFailure as error:
        if error.code != DUPLICATE_KEY:
            raise
        fields = ", ".join((error.details or {}).get("keyPattern", {})) or "a unique field"
        raise DatabaseProblem(
            f"two documents of {name} share the same {fields}: one of them must change before the service can start"
        ) from None


async def _missing(database: Database, collection: str, models: list[IndexModel]) -> list[IndexModel]:
    """The indexes that are not there under any name; what stands in their way is dropped."""
    existing = await database.list_indexes(collection)
    known = [_identity(found) for found in existing]
    missing = [model for model in models if _identity(model.document) not in known]
    in_the_way = {found["name"] for found in existing for model in missing if _is_in_the_way(found, model.document)}
    for name in sorted(in_the_way):
        log.info("dropping the index %s of %s", name, collection)
        await database.collection(collection).drop_index(name)
    return missing


def _identity(index: dict[str, Any]) -> tuple[Any, ...]:
    """What makes two indexes one, whatever they are called."""
    options = ("unique", "sparse", "partialFilterExpression", "expireAfterSeconds")
    return list(index["key"].items()), *(index.get(option) for option in options)


def _is_in_the_way(found: dict[str, Any], ours: dict[str, Any]) -> bool:
    """Is it an older one of ours, or does it forbid more than ours does?"""
    forbids_more = bool(found.get("unique") and ours.get("unique") and "partialFilterExpression" not in found)
    return found["name"] == ours["name"] or (forbids_more and found["key"] == ours["key"])


def index_names(collection: str) -> set[str]:
    """The names of our indexes on a collection."""
    names: set[Any] = {model.document["name"] for model in INDEXES[collection]}
    return names
