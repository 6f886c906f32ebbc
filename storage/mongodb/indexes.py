"""All indexes in one table, each beside the query that it serves. Created at start; repeating it is harmless.

A partial index is used only if the server can prove from the query that the filter holds: `{"$gt": ""}` follows from
"equals this text", `{"$type": "string"}` does not.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from typing import Any, Final

import pymongo
from pymongo import IndexModel
from pymongo.errors import OperationFailure

from domain.alerts import KEPT
from domain.decks import DECIDED_FOR
from domain.swaps import DISPUTED, PENDING
from domain.users import ADMIN, BANNED, MODERATOR
from storage.mongodb.database import Database
from storage.mongodb.foreign_indexes import DUPLICATE_KEY, IndexInTheWay, identity, standard_of
from storage.mongodb.problems import DatabaseProblem
from storage.outbox import WAITING
from storage.users import ANY_CAPITALS, EPOCH

log = logging.getLogger(__name__)

EXISTS = {"$exists": True}
BUILT_WITHIN: Final = 3600.0
"""Seconds in which the indexes of a collection are built, which may hold millions of documents. Without a bound of its
own a build would end, and the start with it, when the driver has waited as long as for any other answer."""
SAY_EVERY: Final = 5.0
"""Seconds between two lines about indexes that are being built."""
ASKED_AT_ONCE: Final = 4
"""Collections that are asked for their indexes at the same time. Each takes a connection, and to open one costs more
than the answer."""

INDEXES: dict[str, list[IndexModel]] = {
    "users": [
        # one user an address, however its capitals are written
        IndexModel(
            "email",
            name="email",
            unique=True,
            partialFilterExpression={"email": {"$gt": ""}},
            collation=ANY_CAPITALS,
        ),
        IndexModel("telegram_id", name="telegram_id", unique=True, partialFilterExpression={"telegram_id": {"$gt": 0}}),
        # the deck: users who offer what the viewer wants and want what the viewer offers, best rank first
        IndexModel(
            [("trades", 1), ("rank", -1), ("_id", -1)], name="deck", partialFilterExpression={"is_listed": True}
        ),
        # search by skill, and the number of its teachers and learners
        IndexModel(
            [("offered_keys", 1), ("rank", -1), ("_id", -1)], name="teach", partialFilterExpression={"is_listed": True}
        ),
        # search by name
        IndexModel([("name_keys", 1), ("_id", 1)], name="by_name", partialFilterExpression={"is_listed": True}),
        # neighbours for circles: users who would learn what a user teaches
        IndexModel(
            [("wanted_keys", 1), ("rank", -1), ("_id", -1)], name="want", partialFilterExpression={"is_listed": True}
        ),
        # users who are not listed but have a skill: the backfill of a renamed or merged key reaches them as well
        IndexModel("offered_keys", name="teach_unlisted", partialFilterExpression={"is_listed": False}),
        IndexModel("wanted_keys", name="want_unlisted", partialFilterExpression={"is_listed": False}),
        *(IndexModel("role", name=f"{role}s", partialFilterExpression={"role": role}) for role in (MODERATOR, ADMIN)),
        # bans that another program has written
        IndexModel("status", name="banned", partialFilterExpression={"status": BANNED}),
        # exits with a step to do, and suspensions that end
        IndexModel("exit.due_at", name="exits", partialFilterExpression={"exit.due_at": EXISTS}),
        IndexModel(
            "standing.suspended_until",
            name="suspensions",
            partialFilterExpression={"standing.suspended_until": {"$gt": EPOCH}},
        ),
        # users of whom Telegram is to be asked whether they are in the community's group
        IndexModel("group_check_at", name="group_checks", partialFilterExpression={"telegram_id": {"$gt": 0}}),
        # skills that users have begun to teach since the alerts were last searched
        IndexModel("created_at", name="half_made", partialFilterExpression={"onboarded": False}),
        IndexModel("begun_keys", name="begun", partialFilterExpression={"begun_keys": EXISTS}),
        # profiles that have changed since circles were last searched for them
        IndexModel("circle_look_at", name="circle_look", partialFilterExpression={"circle_look_at": EXISTS}),
    ],
    "swaps": [
        IndexModel([("participants", 1), ("_id", -1)], name="mine"),
        IndexModel([("participants", 1), ("status", 1), ("_id", -1)], name="mine_by_status"),
        # changes since a client's last sync
        IndexModel([("participants", 1), ("updated_at", 1)], name="mine_by_change"),
        # the places of a user's quota that are taken
        IndexModel([("from_user_id", 1), ("status", 1), ("created_at", 1)], name="requests_made"),
        # keeps concurrent requests within the limit
        IndexModel(
            [("from_user_id", 1), ("request_number", 1)],
            name="request_number",
            unique=True,
            partialFilterExpression={"request_number": {"$gt": 0}},
        ),
        IndexModel("open_key", name="one_open", unique=True, partialFilterExpression={"open_key": EXISTS}),
        # for the backfill of a renamed or merged key: open swaps, and circles with an empty place
        IndexModel("legs.key", name="open_skills", partialFilterExpression={"open_key": EXISTS}),
        IndexModel("legs.key", name="vacant_skills", partialFilterExpression={"vacancy": {"$gt": ""}}),
        # circles: a user's own, users with a place kept for them, and one promise for each user and skill
        IndexModel([("circle.people", 1), ("_id", -1)], name="my_circles", sparse=True),
        IndexModel("vacancy", name="vacancy", partialFilterExpression={"vacancy": {"$gt": ""}}),
        # circles with an empty place, least recently searched first
        IndexModel("place_looked_at", name="place_look", partialFilterExpression={"vacancy": {"$gt": ""}}),
        IndexModel("promises", name="promises", unique=True, partialFilterExpression={"promises": EXISTS}),
        # users with many open requests: a covered query
        IndexModel([("to_user_id", 1), ("status", 1)], name="asked", partialFilterExpression={"status": PENDING}),
        # what waits for the moderators
        IndexModel(
            [("status", 1), ("plan.disputed_at", 1), ("_id", 1)],
            name="in_dispute",
            partialFilterExpression={"status": DISPUTED},
        ),
        IndexModel("due_at", name="due", partialFilterExpression={"due_at": EXISTS}),
        IndexModel("wake_at", name="wake", partialFilterExpression={"wake_at": EXISTS}),
        # the outbox: open deliveries, earliest first
        IndexModel([(WAITING, 1), ("_id", 1)], name="outbox_waiting", partialFilterExpression={WAITING: EXISTS}),
        IndexModel("outbox.state", name="outbox_state", partialFilterExpression={"outbox.state": "dead"}),
    ],
    "reviews": [
        IndexModel([("swap_id", 1), ("author", 1), ("about", 1)], name="once", unique=True),
        IndexModel([("about", 1), ("_id", -1)], name="about"),
        IndexModel([("author", 1), ("_id", -1)], name="author"),
        IndexModel([("created_at", -1)], name="notes", partialFilterExpression={"note": {"$gt": ""}}),
    ],
    "audit": [
        IndexModel([("about", 1), ("_id", -1)], name="about"),
        IndexModel([("by", 1), ("_id", -1)], name="by"),
        IndexModel([("case_id", 1), ("_id", -1)], name="case", partialFilterExpression={"case_id": {"$gt": ""}}),
    ],
    "reports": [
        # the same person reports the same thing once
        IndexModel([("by", 1), ("about", 1), ("subject", 1), ("subject_id", 1)], name="once", unique=True),
        IndexModel([("by", 1), ("created_at", -1)], name="by"),
        IndexModel([("about", 1), ("created_at", -1)], name="about"),
        IndexModel([("case_id", 1), ("_id", -1)], name="case"),
        # keeps concurrent reports within the limit of a day
        IndexModel(
            [("by", 1), ("number", 1)], name="number", unique=True, partialFilterExpression={"number": {"$gt": 0}}
        ),
        IndexModel("forget_at", name="forget", expireAfterSeconds=0),
    ],
    "cases": [
        IndexModel("forget_at", name="forget", expireAfterSeconds=0),
        # one case about a person is not done
        IndexModel("open_about", name="open", unique=True, partialFilterExpression={"open_about": EXISTS}),
        IndexModel([("state", 1), ("_id", 1)], name="state"),
        IndexModel([("about", 1), ("_id", -1)], name="about"),
    ],
    "screened_words": [
        IndexModel([("by", 1), ("client_id", 1)], name="once", unique=True),
        IndexModel([("by", 1), ("state", 1), ("_id", 1)], name="by_state"),
        IndexModel([("by", 1), ("_id", -1)], name="by"),
        IndexModel([("settle_at", 1), ("_id", 1)], name="due", partialFilterExpression={"settle_at": EXISTS}),
        IndexModel("at", name="not_shown", partialFilterExpression={"is_shown": False}),
        IndexModel("to", name="waiting_for", partialFilterExpression={"state": "waiting"}),
        IndexModel("forget_at", name="forget", expireAfterSeconds=0),
    ],
    "messages": [
        # numbered ones only: migrated messages that could not be read have no number
        IndexModel(
            [("swap_id", 1), ("seq", 1)], name="in_order", unique=True, partialFilterExpression={"seq": {"$gt": 0}}
        ),
        IndexModel(
            [("from_user_id", 1), ("client_id", 1)],
            name="once",
            unique=True,
            partialFilterExpression={"client_id": {"$gt": ""}},
        ),
        # edits and deletions, in order
        IndexModel(
            [("swap_id", 1), ("changed", 1)],
            name="changed",
            unique=True,
            partialFilterExpression={"changed": {"$gt": 0}},
        ),
        IndexModel([("copies.chat_id", 1), ("copies.message_id", 1)], name="copies", sparse=True),
        # the outbox: open deliveries, earliest first
        IndexModel([(WAITING, 1), ("_id", 1)], name="outbox_waiting", partialFilterExpression={WAITING: EXISTS}),
        # open deliveries of earlier messages of a swap
        IndexModel([("swap_id", 1), ("seq", 1)], name="outbox_order", partialFilterExpression={WAITING: EXISTS}),
        # deliveries parked while a user had blocked the bot
        IndexModel("outbox.to", name="outbox_parked", partialFilterExpression={"outbox.state": "parked"}),
        IndexModel("outbox.state", name="outbox_state", partialFilterExpression={"outbox.state": "dead"}),
    ],
    "skills": [
        # skills that wait for a moderator, and decisions
        IndexModel([("state", 1), ("_id", 1)], name="by_state"),
        IndexModel([("state", 1), ("revision", 1)], name="decisions"),
        IndexModel("settle_at", name="unsettled", partialFilterExpression={"settle_at": EXISTS}),
    ],
    "applications": [
        # the moderators' lists, longest waiting first; what is due; what a kill has left
        IndexModel([("state", 1), ("since", 1), ("_id", 1)], name="by_state"),
        IndexModel("due_at", name="due"),
        IndexModel("is_unsettled", name="unsettled", partialFilterExpression={"is_unsettled": True}),
    ],
    "invites": [
        IndexModel("code", name="code", unique=True),
        IndexModel([("by", 1), ("_id", -1)], name="mine"),
        IndexModel("people", name="people"),
    ],
    "alerts": [
        IndexModel([("user_id", 1), ("key", 1)], name="once", unique=True),
        # limits the alerts of a user
        IndexModel(
            [("user_id", 1), ("place", 1)], name="places", unique=True, partialFilterExpression={"place": {"$gte": 0}}
        ),
        IndexModel([("user_id", 1), ("_id", -1)], name="mine"),
        # alerts for a skill, running or ended
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
    "letters": [
        IndexModel("key", name="once", unique=True),
        IndexModel("to", name="reader"),
        # the letter that a message replies to
        IndexModel([("to", 1), ("message_id", 1)], name="shown"),
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
    "bars": [IndexModel("people", name="people")],
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
    "staff_cards": [
        # cards whose copies are not up to date
        IndexModel("due_at", name="due", partialFilterExpression={"due_at": EXISTS}),
        # the card that a message shows or asks about
        IndexModel([("copies.chat_id", 1), ("copies.message_id", 1)], name="by_copy"),
        IndexModel([("prompts.chat_id", 1), ("prompts.message_id", 1)], name="by_prompt"),
        # copies in the private chats of a user, and questions to them
        IndexModel("copies.user_id", name="copies_of"),
        IndexModel("prompts.by", name="prompts_of"),
        # cards that name a user
        IndexModel("names", name="naming"),
        # all that is still to be decided
        IndexModel("is_closed", name="open", partialFilterExpression={"is_closed": False}),
    ],
    "calendar_feeds": [IndexModel("digest", name="digest", unique=True)],
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


def guard_indexes(database: Database) -> None:
    """Let writes drop the indexes of other programs that reject them. From here on ours are known."""
    database.foreign_indexes.ours = INDEXES


async def ensure_indexes(database: Database, *, progress: Callable[[str], None] = log.info) -> None:
    """Create missing indexes, and say now and then that it goes on.

    Raises DatabaseProblem when the data violates a unique index.
    Indexes of other programs are dropped where they reject our documents; where the database user may not do that, it
    is logged, and `/readyz` and `skillswap check` say so.
    """
    guard_indexes(database)
    await database.foreign_indexes.record()
    turns = asyncio.Semaphore(ASKED_AT_ONCE)
    making = (_ensure(database, name, models, turns) for name, models in INDEXES.items())
    saying = asyncio.create_task(_say(progress))
    try:
        problems = await asyncio.gather(*making, return_exceptions=True)  # none is left running after an error
    finally:
        saying.cancel()
    for problem in problems:
        if problem is not None:
            raise problem


async def _say(progress: Callable[[str], None]) -> None:
    began = time.monotonic()
    while True:
        await asyncio.sleep(SAY_EVERY)
        progress(f"Building indexes: {time.monotonic() - began:.0f} s")


async def _ensure(database: Database, name: str, models: list[IndexModel], turns: asyncio.Semaphore) -> None:
    async with turns:
        wanted = await _missing(database, name, models)
    if not wanted:
        return
    try:
        with pymongo.timeout(BUILT_WITHIN):
            await database.collection(name).create_indexes(wanted)
    except OperationFailure as error:
        if error.code != DUPLICATE_KEY:
            raise
        fields = ", ".join((error.details or {}).get("keyPattern", {})) or "a unique field"
        raise DatabaseProblem(
            f"two documents of {name} share the same {fields}: one of them must change before the service can start"
        ) from None


async def _missing(database: Database, collection: str, models: list[IndexModel]) -> list[IndexModel]:
    """Return the indexes that do not exist under any name; drop those in conflict with them, and those of other
    programs that reject our documents."""
    existing = await database.list_indexes(collection)
    known = [identity(found) for found in existing]
    missing = [model for model in models if identity(model.document, standard_of(existing)) not in known]
    names = {model.document["name"] for model in missing}
    for found in existing:
        if found["name"] in names:  # an older version of ours
            log.info("replacing the index %s of %s", found["name"], collection)
            await database.foreign_indexes.remove(collection, found["name"])
    for found in await database.foreign_indexes.at_start(collection, existing):
        with contextlib.suppress(IndexInTheWay):  # logged there
            await database.foreign_indexes.drop(collection, found["name"])
    return missing


async def indexes_in_the_way(database: Database) -> list[tuple[str, str]]:
    """Return (collection, index) of other programs' indexes that the next start drops."""
    guard_indexes(database)
    found = [await database.foreign_indexes.at_start(name, await database.list_indexes(name)) for name in INDEXES]
    return [(name, index["name"]) for name, indexes in zip(INDEXES, found, strict=True) for index in indexes]


def index_names(collection: str) -> set[str]:
    """Return the names of our indexes on a collection."""
    names: set[Any] = {model.document["name"] for model in INDEXES[collection]}
    return names
