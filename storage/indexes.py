"""Every index, in one table: what asks for it stands beside it. Made at start, again and again without harm."""

from __future__ import annotations

from typing import Any

from pymongo import IndexModel
from pymongo.errors import OperationFailure

from storage.mongo import Database, DatabaseProblem

EXISTS = {"$exists": True}
DUPLICATE_KEY = 11000

INDEXES: dict[str, list[IndexModel]] = {
    "users": [
        IndexModel("email", name="email", unique=True, partialFilterExpression={"email": {"$gt": ""}}),
        IndexModel(
            "telegram_id", name="telegram_id", unique=True, partialFilterExpression={"telegram_id": {"$type": "number"}}
        ),
        # the deck: who offers what I want and wants what I offer, best first
        IndexModel(
            [("trades", 1), ("rank", -1), ("_id", -1)], name="deck", partialFilterExpression={"is_listed": True}
        ),
        # search by skill, and how many teach or want one
        IndexModel(
            [("offered_keys", 1), ("rank", -1), ("_id", -1)], name="teach", partialFilterExpression={"is_listed": True}
        ),
        IndexModel([("wanted_keys", 1)], name="want", partialFilterExpression={"is_listed": True}),
    ],
    "swaps": [
        IndexModel([("participants", 1), ("_id", -1)], name="mine"),
        IndexModel([("participants", 1), ("status", 1), ("_id", -1)], name="mine_by_status"),
        IndexModel([("from_user_id", 1), ("created_at", -1)], name="requests_made"),
        IndexModel("open_key", name="one_open", unique=True, partialFilterExpression={"open_key": EXISTS}),
        IndexModel("due_at", name="due", partialFilterExpression={"due_at": EXISTS}),
        IndexModel("outbox.due_at", name="outbox_due", partialFilterExpression={"outbox.due_at": EXISTS}),
        IndexModel("outbox.state", name="outbox_state", partialFilterExpression={"outbox.state": "dead"}),
    ],
    "messages": [
        IndexModel([("swap_id", 1), ("seq", 1)], name="in_order", unique=True),
        IndexModel(
            [("from_user_id", 1), ("client_id", 1)],
            name="once",
            unique=True,
            partialFilterExpression={"client_id": {"$type": "string"}},
        ),
        IndexModel([("copies.chat_id", 1), ("copies.message_id", 1)], name="copies", sparse=True),
        IndexModel("outbox.due_at", name="outbox_due", partialFilterExpression={"outbox.due_at": EXISTS}),
        # is an earlier message of this swap still on its way?
        IndexModel(
            [("swap_id", 1), ("seq", 1)], name="outbox_order", partialFilterExpression={"outbox.due_at": EXISTS}
        ),
        IndexModel("outbox.state", name="outbox_state", partialFilterExpression={"outbox.state": "dead"}),
    ],
    "seen": [
        IndexModel([("viewer_id", 1), ("subject_id", 1)], name="once", unique=True),
        IndexModel([("viewer_id", 1), ("at", -1)], name="latest"),
        IndexModel([("viewer_id", 1), ("kind", 1)], name="by_kind"),
        IndexModel("subject_id", name="subject"),
    ],
    "photos": [
        IndexModel("url", name="url"),
        IndexModel("owner_id", name="owner"),
        IndexModel([("state", 1), ("created_at", 1)], name="state"),
    ],
    "login_links": [
        IndexModel("expires_at", name="expiry", expireAfterSeconds=0),
        IndexModel("user_id", name="user"),
    ],
    "telegram_updates": [
        IndexModel([("bot_id", 1), ("update_id", 1)], name="once", unique=True),
        IndexModel([("bot_id", 1), ("state", 1), ("update_id", 1)], name="waiting"),
        IndexModel("stored_at", name="expiry", expireAfterSeconds=8 * 24 * 3600),
    ],
}


async def ensure_indexes(database: Database) -> None:
    """Create what is missing. Raises DatabaseProblem when the data stands against a unique index."""
    for name, models in INDEXES.items():
        try:
            await database.collection(name).create_indexes(models)
        except OperationFailure as error:
            if error.code != DUPLICATE_KEY:
                raise
            fields = ", ".join((error.details or {}).get("keyPattern", {})) or "a unique field"
            raise DatabaseProblem(
                f"two documents of {name} share the same {fields}: one of them must change before the service can start"
            ) from None


def index_names(collection: str) -> set[str]:
    """The names of our indexes on a collection."""
    names: set[Any] = {model.document["name"] for model in INDEXES[collection]}
    return names
