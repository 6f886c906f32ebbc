"""Committed changes, read from MongoDB's change stream: they feed the sockets and wake the background work."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import Timestamp
from bson.errors import InvalidBSON
from pymongo.errors import OperationFailure, PyMongoError

from domain.messages import Message
from domain.reads import ReadMark, Typing
from domain.swaps import Swap
from domain.users import User
from storage.messages import message_from
from storage.mongodb.database import Database
from storage.outbox import REQUEUED, SOURCES, WAITING
from storage.presence import typing_from
from storage.reads import read_mark_from
from storage.sessions import SessionRecords
from storage.swaps import Swaps, swap_from
from storage.telegram_updates import NEW
from storage.users import Users, user_from

log = logging.getLogger(__name__)

HISTORY_LOST = {136, 222, 260, 280, 286}
"""Server codes for: the log no longer reaches back to where we stood."""

PAUSE_AFTER_FAILURE = 0.5

HEARD_WITHIN = 3.0
"""Seconds of silence after which memory is not trusted: three times what the stream waits for news."""

BOOKKEEPING = ("telegram_reachable", "active_at", "answered", "ignored")
"""Fields of a user that are written by the way: alone, they change nothing that a user would see."""

DONE_WITH = (["begun_keys"], ["circle_look_at"])
"""What a job takes out of a profile, and nothing else, when it has looked at it."""

ALERT_WORK, CIRCLE_WORK, SKILL_WORK = "alerts", "circles", "skills"
"""Kinds of work that a write leaves to a job: users who began to teach a skill, profiles to find circles for, and
decisions about skills that users, swaps and alerts are to follow."""

WORK_IN_PROFILE = {"begun_keys": ALERT_WORK, "circle_look_at": CIRCLE_WORK}

WATCHED: list[dict[str, Any]] = [
    {
        "$match": {
            "$or": [
                {
                    "ns.coll": {"$in": ["messages", "swaps", "telegram_updates", "read_marks", "presence"]},
                    "operationType": "insert",
                },
                {  # dead-lettered, and to be tried again
                    "ns.coll": "telegram_updates",
                    "operationType": "update",
                    "updateDescription.updatedFields.state": NEW,
                },
                {
                    "ns.coll": "read_marks",
                    "operationType": "update",
                    "updateDescription.updatedFields.seq": {"$exists": True},
                },
                {  # somebody writes; heartbeats are nobody's news
                    "ns.coll": "presence",
                    "operationType": "update",
                    "updateDescription.updatedFields.typing_at": {"$exists": True},
                },
                *(
                    {
                        "ns.coll": "swaps",
                        "operationType": "update",
                        f"updateDescription.updatedFields.{name}": {"$exists": True},
                    }
                    for name in ("version", "away")
                ),
                {  # edits and deletions; where copies stand and what has been delivered is nobody's news
                    "ns.coll": "messages",
                    "operationType": "update",
                    "updateDescription.updatedFields.changed": {"$exists": True},
                },
                {
                    "ns.coll": "users",
                    "operationType": "update",
                    # all but bookkeeping: another program's write counts, and so does a merge, which writes the counts
                    # with the next version of the profile
                    "$or": [
                        {"updateDescription.updatedFields.profile_version": {"$exists": True}},
                        {f"updateDescription.updatedFields.{name}": {"$exists": False} for name in BOOKKEEPING},
                    ],
                    "updateDescription.removedFields": {"$nin": list(DONE_WITH)},
                },
                {
                    "ns.coll": "web_sessions",
                    "operationType": "update",
                    "updateDescription.updatedFields.ended_at": {"$exists": True},
                },
                # how the server logs that somebody was erased, and how two people's swaps become one's
                {"ns.coll": {"$in": ["users", "swaps"]}, "operationType": "replace"},
                # decisions about skills, and another vocabulary file
                {"ns.coll": "skills", "operationType": "insert", "fullDocument.settle_at": {"$exists": True}},
                {
                    "ns.coll": "skills",
                    "operationType": "update",
                    "updateDescription.updatedFields.settle_at": {"$exists": True},
                },
                # news for the owner of an alert, or of circles
                {
                    "ns.coll": "alerts",
                    "operationType": "update",
                    "updateDescription.updatedFields.version": {"$exists": True},
                },
                {"ns.coll": "circle_news", "operationType": "insert"},
                {
                    "ns.coll": "circle_news",
                    "operationType": "update",
                    "updateDescription.updatedFields.told_at": {"$exists": True},
                },
                {  # deliveries that are due earlier than they were
                    "ns.coll": {"$in": list(SOURCES)},
                    "operationType": "update",
                    f"updateDescription.updatedFields.{REQUEUED}": {"$exists": True},
                },
            ]
        }
    },
    {"$set": {"is_requeued": {"$ne": [{"$type": f"$updateDescription.updatedFields.{REQUEUED}"}, "missing"]}}},
    {
        "$project": {
            **{f"fullDocument.{name}": 0 for name in ("outbox", "copies", "body", "spellings")},
            "updateDescription": 0,
        }
    },
]


@dataclass(frozen=True, slots=True)
class EndedSession:
    """A web session that somebody has ended; `expires_at` is when its last token runs out anyway."""

    id: str
    user_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """`kind`: "message" (a new one), "changed" (one edited or deleted), "swap", "user", "session" (ended), "update"
    (from Telegram), "read", "typing", "vocabulary" (decisions about skills), "delivery" (in what is none of these), or
    "lost" (some were missed).

    `has_deliveries`: the document has open deliveries to Telegram or mail. `work`: what it leaves to scheduled jobs,
    of ALERT_WORK, CIRCLE_WORK and SKILL_WORK.
    """

    kind: str
    message: Message | None = None
    swap: Swap | None = None
    user: User | None = None
    session: EndedSession | None = None
    read: ReadMark | None = None
    typing: Typing | None = None
    has_deliveries: bool = False
    work: frozenset[str] = frozenset()


class Changes:
    def __init__(self, database: Database, users: Users, swaps: Swaps, sessions: SessionRecords | None = None) -> None:
        self._database = database
        self._sessions = sessions or SessionRecords(database)
        self._sessions.is_vouched_for = lambda: self.is_live
        self._users = users.cache
        self._swaps = swaps.cache
        self.is_live = False
        self._heard_at = time.monotonic()
        self._lag = 0.0
        self._users.is_vouched_for = self._swaps.is_vouched_for = lambda: self.is_current

    async def follow(self) -> AsyncIterator[Change]:
        """Every change from now on, across reconnects; "lost" when there was a gap nothing can fill."""
        token: Any = None
        start: Timestamp | None = None
        was_lost = False
        is_loaded = False
        while True:
            try:
                if token is None and start is None:
                    now = await self._database.operation_time()
                    start = Timestamp(now.time, now.inc + 1)
                if was_lost:  # told once it is known from where on nothing is missed again
                    was_lost = False
                    yield Change("lost")
                async with self._database.watch(
                    WATCHED,
                    resume_after=token,
                    start_at_operation_time=start if token is None else None,
                    full_document="updateLookup",
                    max_await_ms=1000,
                ) as stream:
                    if not is_loaded:  # what was ended before the stream began; it tells of the rest
                        await self._sessions.load_ended()
                        is_loaded = True
                    self.is_live = True
                    self._heard_at = time.monotonic()
                    while True:
                        event = await stream.try_next()
                        self._heard_at = time.monotonic()
                        token = stream.resume_token or token
                        if event is not None and "wallTime" in event:  # what servers before 6.0 do not say
                            self._lag = max(0.0, (self._database.clock.now() - event["wallTime"]).total_seconds())
                        if event is not None and (change := _change_from(event)) is not None:
                            self._remember(change)
                            yield change
            except OperationFailure as error:
                if error.code in HISTORY_LOST:
                    token, start, was_lost, is_loaded = None, None, True, False
                log.warning("change stream ended, code %s", error.code)
            except PyMongoError as error:
                log.warning("change stream ended: %s", type(error).__name__)
            except InvalidBSON:  # the same event would end it again: go on behind it, and say that something is missing
                token, start, was_lost, is_loaded = None, None, True, False
                log.exception("change stream ended: an event cannot be read")
            finally:  # also when nobody follows any more
                self.is_live = False
                self._users.clear()
                self._swaps.clear()
            await asyncio.sleep(PAUSE_AFTER_FAILURE)

    @property
    def is_current(self) -> bool:
        """Has every change up to a moment ago been seen? A stream that hangs says nothing, not even that."""
        return self.is_live and time.monotonic() - self._heard_at < HEARD_WITHIN

    @property
    def lag(self) -> float:
        """Seconds from the last change's commit until it was heard here, or since anything was heard at all."""
        return self._lag if self.is_current else time.monotonic() - self._heard_at

    def _remember(self, change: Change) -> None:
        if change.user is not None:
            self._users.put(change.user.id, change.user)
        elif change.swap is not None:
            self._swaps.put(change.swap.id, change.swap)
        elif change.session is not None:
            self._sessions.remember_ended(change.session.id, change.session.expires_at)


def _change_from(event: dict[str, Any]) -> Change | None:
    """None for what is gone already, and for what another program wrote in a form that nobody can read."""
    doc, source = event.get("fullDocument"), event["ns"]["coll"]
    if event.get("is_requeued"):
        return Change("delivery", has_deliveries=True)
    try:
        match source:
            case "telegram_updates":
                return Change("update")
            case "alerts" | "circle_news" if doc:
                return Change("delivery", has_deliveries=WAITING in doc)
            case "skills":
                return Change("vocabulary", work=frozenset((SKILL_WORK,)))
            case "messages" if doc:
                kind = "message" if event["operationType"] == "insert" else "changed"
                return Change(kind, message=message_from(doc), has_deliveries=WAITING in doc)
            case "read_marks" if doc:
                return Change("read", read=read_mark_from(doc))
            case "presence" if doc:
                typing = typing_from(doc)
                return Change("typing", typing=typing) if typing is not None else None
            case "swaps" if doc:
                return Change("swap", swap=swap_from(doc), has_deliveries=WAITING in doc)
            case "web_sessions" if doc:
                ended = EndedSession(str(doc["_id"]), str(doc["user_id"]), doc["expires_at"])
                return Change("session", session=ended)
            case "users" if doc:
                work = frozenset(work for name, work in WORK_IN_PROFILE.items() if name in doc)
                return Change("user", user=user_from(doc), work=work)
    except (KeyError, TypeError, ValueError, AttributeError):
        log.warning("a document of %s cannot be read: %s", source, event["documentKey"]["_id"])
    return None
