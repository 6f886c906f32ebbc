"""Backfill of what is derived from profiles and the vocabulary: in users, and in open swaps, circles and alerts.

Every step is idempotent and yields how many it has changed: after an interruption the next run finds what is left.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

from bson import ObjectId
from pymongo import UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError

from domain.users import DELETED, User, with_keys, with_name
from domain.vocabulary import Vocabulary
from storage.alerts import Alerts, Beginnings
from storage.derived_fields import begun_keys, derived_fields, may_close_circles
from storage.mongodb.database import Database
from storage.mongodb.documents import difference
from storage.mongodb.foreign_indexes import DUPLICATE_KEY
from storage.skills import Skills
from storage.swaps import passing_fields, swap_from
from storage.users import USER, known_fields, spellings_of, user_from

log = logging.getLogger(__name__)

AT_ONCE: Final = 500
YIELD_AFTER: Final = 25
SKILL_FIELDS: Final = ("skills_offered", "skills_wanted")
SPELLED: Final = (*SKILL_FIELDS, "offered_keys", "wanted_keys")
"""Fields of a document that `spellings_of` its user needs."""

ALL_USERS: Final[Sequence[dict[str, Any]]] = ({"status": {"$ne": DELETED}},)


async def backfill_users(
    database: Database,
    vocabulary: Vocabulary,
    queries: Sequence[dict[str, Any]] = ALL_USERS,
    *,
    is_news: bool = False,
    decided: Collection[str] = (),
    skills: Skills | None = None,
) -> AsyncIterator[int]:
    """Update the users that the queries find. Yields the number changed, batch by batch.

    `decided` are keys of skills that users have by their names from now on, each in their own language. With `is_news`,
    users who teach a skill under its new key count as having begun to teach it, and circles are searched for around all
    users whose keys have changed. `skills` records the skills of changed users that the vocabulary does not know.
    """
    users = database.collection("users")
    count = 0
    for query in queries:
        changes: list[UpdateOne] = []
        async for doc in users.find(query).batch_size(AT_ONCE):
            count += 1
            if not count % YIELD_AFTER:  # a batch is in memory: yield to other tasks
                await asyncio.sleep(0)
            if (user := _behind(doc, vocabulary, decided)) is None:
                continue
            if skills is not None:
                await skills.note(spellings_of(user))
            changes.append(_change_to(doc, user, is_news))
            if len(changes) == AT_ONCE:
                yield await _write(users, changes)
        if changes:
            yield await _write(users, changes)


def is_behind(doc: dict[str, Any], vocabulary: Vocabulary, user: User | None = None) -> bool:
    """Return whether the derived fields of a profile do not follow from it: another program has written it, or the
    vocabulary has changed. `user` is what was read from it, if it was."""
    return _behind(doc, vocabulary, read=user) is not None


def _behind(
    doc: dict[str, Any], vocabulary: Vocabulary, decided: Collection[str] = (), *, read: User | None = None
) -> User | None:
    """Return the user of a profile whose derived fields do not follow from it; None when they do.

    What is returned depends on the document alone, and following it makes it None: an update never causes another one.
    """
    if doc.get("status") == DELETED or not isinstance(doc["_id"], ObjectId):
        return None  # nobody can be found by an id of another type
    try:
        before = read or user_from(doc)
        user = with_keys(before, vocabulary.key_of)
        for key in {*user.offered_keys, *user.wanted_keys}.intersection(decided) if decided else ():
            user = with_name(user, key, vocabulary.name_of(key, user.locale))
        is_same = all(getattr(user, name) == getattr(before, name) for name in SKILL_FIELDS)
        # A rank may be a little old: it follows when the user is active or answers the next time.
        wanted = {name: value for name, value in derived_fields(user).items() if name != "rank" or name not in doc}
        return None if is_same and all(doc.get(name) == value for name, value in wanted.items()) else user
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError):
        log.exception("the profile %s cannot be read", doc["_id"])
        return None


def _change_to(doc: dict[str, Any], user: User, is_news: bool) -> UpdateOne:
    """Return the update, filtered by the profile as it was read: a concurrent change of it brings the new keys
    itself. What others knew of the user so far is in the stored fields."""
    derived = derived_fields(user)
    same: dict[str, Any] = {name: {"$eq": doc[name]} for name in (*SKILL_FIELDS, "profile_version") if name in doc}
    change = difference(USER.whole_document(user_from(doc)), USER.whole_document(user))
    change["$set"] = change.get("$set", {}) | derived
    change["$inc"] = {"profile_version": 1}
    known = known_fields(doc)
    if is_news and (begun := begun_keys(known, derived)):
        change["$addToSet"] = {"begun_keys": {"$each": begun}}
    if is_news and may_close_circles(known, derived):
        change["$currentDate"] = {"circle_look_at": True}
    return UpdateOne({"_id": doc["_id"], **same}, change)


def having(keys: Sequence[str]) -> list[dict[str, Any]]:
    """Return filters for all users who have one of these keys, each served by an index."""
    skills = {"$in": list(keys)}
    return [
        {field: skills, "is_listed": is_listed}
        for field in ("offered_keys", "wanted_keys")
        for is_listed in (True, False)
    ]


async def backfill_swaps(
    database: Database, vocabulary: Vocabulary, keys: Sequence[str] | None = None
) -> AsyncIterator[int]:
    """Update the legs of open swaps and circles, all or those of some keys; yields as `backfill_users` does.

    Where the same swap would be open twice, the later one keeps its old key until it ends.
    """
    some = {} if keys is None else {"legs.key": {"$in": list(keys)}}
    swaps = database.collection("swaps")
    changes: list[UpdateOne] = []
    for kind in ({"open_key": {"$exists": True}}, {"vacancy": {"$gt": ""}}):
        async for doc in swaps.find({**kind, **some}, {"outbox": 0}).batch_size(AT_ONCE):
            legs = [{**leg, "key": vocabulary.key_of(leg["skill"])} for leg in doc["legs"]]
            if legs != doc["legs"]:
                changes.append(_change_of_legs(doc, legs))
            if len(changes) == AT_ONCE:
                yield await _write_swaps(swaps, changes)
        if changes:
            yield await _write_swaps(swaps, changes)


def _change_of_legs(doc: dict[str, Any], legs: list[dict[str, Any]]) -> UpdateOne:
    """Return the change to new legs, for a swap that is as it was read."""
    fields: dict[str, Any] = {"legs": legs}
    for name, value in passing_fields(swap_from({**doc, "legs": legs})).items():
        if name in doc and value is not None:
            fields[name] = value
    return UpdateOne({"_id": doc["_id"], "version": doc["version"], "legs": doc["legs"]}, {"$set": fields})


async def _write_swaps(swaps: Any, changes: list[UpdateOne]) -> int:
    """Write the changes. Where a user now learns the same skill in two running circles, both continue: the promises
    stay."""
    try:
        result = await swaps.bulk_write(changes, ordered=False)
        return int(result.modified_count)
    except BulkWriteError as error:
        details = error.details or {}
        count = int(details.get("nModified", 0))
        for problem in details.get("writeErrors", ()):
            if problem["code"] != DUPLICATE_KEY:
                raise
            fields = {name: value for name, value in problem["op"]["u"]["$set"].items() if name != "promises"}
            with suppress(DuplicateKeyError):
                result = await swaps.update_one(problem["op"]["q"], {"$set": fields})
                count += result.modified_count
        return count
    finally:
        changes.clear()


async def backfill_alerts(
    database: Database, vocabulary: Vocabulary, keys: Sequence[str], *, at: datetime
) -> AsyncIterator[int]:
    """Update alerts for these keys, and skills that users have begun to teach; yields as `backfill_users` does."""
    alerts, beginnings = Alerts(database), Beginnings(database)
    async for alert in alerts.for_keys(keys):
        if (key := vocabulary.key_of(alert.skill)) != alert.key:
            yield int(await alerts.backfill_keys(alert, key, at=at))
    async for user_id, begun in beginnings.having(keys):
        after = list(dict.fromkeys(map(vocabulary.key_of, begun)))
        if after != begun:
            yield int(await beginnings.backfill_keys(user_id, begun, after))


async def note_spellings(database: Database, skills: Skills) -> AsyncIterator[int]:
    """Record all users' skills that the vocabulary does not know. Yields the number of users read."""
    spellings: dict[str, str] = {}
    seen = 0
    async for doc in database.collection("users").find(ALL_USERS[0], SPELLED).batch_size(AT_ONCE):
        spellings |= spellings_of(user_from(doc))
        seen += 1
        if seen == AT_ONCE:
            await skills.note(spellings)
            yield seen
            spellings, seen = {}, 0
    if seen:
        await skills.note(spellings)
        yield seen


async def _write(users: Any, changes: list[UpdateOne]) -> int:
    """Write the updates. One that the server refuses, for what another program has left in its document, is logged and
    does not hold up the others."""
    try:
        result = await users.bulk_write(changes, ordered=False)
        return int(result.modified_count)
    except BulkWriteError as error:
        details = error.details or {}
        for problem in details.get("writeErrors", ()):
            log.warning("the profile %s cannot be updated: code %s", problem["op"]["q"]["_id"], problem["code"])
        return int(details.get("nModified", 0))
    finally:
        changes.clear()
