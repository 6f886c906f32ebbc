"""Committed changes, read from MongoDB's change stream: they feed the sockets and wake background jobs."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import Timestamp
from bson.errors import InvalidBSON
from pymongo.errors import OperationFailure, PyMongoError

from domain.community import Community
from domain.messages import Message
from domain.reads import ReadMark, Typing
from domain.swaps import Swap
from domain.users import BANNED, User
from domain.vocabulary import Vocabulary
from storage.clock_moves import ClockMoves
from storage.community import CommunityStore, community_from
from storage.messages import message_from
from storage.mongodb.database import Database
from storage.mongodb.skill_key_backfill import is_behind
from storage.mongodb.versioned_cache import MAX_SILENCE
from storage.mongodb.watched import GONE, WATCHED
from storage.outbox import WAITING
from storage.presence import typing_from
from storage.reads import read_mark_from
from storage.sessions import SessionRecords
from storage.swap_lists import MAX_LATE
from storage.swaps import Swaps, swap_from
from storage.users import Users, user_from

log = logging.getLogger(__name__)

HISTORY_LOST = {136, 222, 260, 280, 286}
"""Server error codes for a resume point that the oplog no longer contains."""

PAUSE_AFTER_FAILURE = 0.5

ALERT_WORK, CIRCLE_WORK, SKILL_WORK, OUTSIDE_WORK, EXIT_WORK = "alerts", "circles", "skills", "outside", "exits"
"""Kinds of work that a write leaves to a job: users who began to teach a skill, profiles to find circles for, decisions
about skills that users, swaps and alerts are to follow, profiles and swaps that another program has written, and users
on their way out of all that is running."""

WORK_IN_PROFILE = {"begun_keys": ALERT_WORK, "circle_look_at": CIRCLE_WORK, "exit": EXIT_WORK}


@dataclass(frozen=True, slots=True)
class EndedSession:
    """Web session that was ended; `expires_at` is the end of its last token."""

    id: str
    user_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """One reported change.

    `kind`: "message" (a new one), "changed" (one edited or deleted), "swap", "reviews" (those of `swap` are shown now),
    "user", "session" (ended), "update" (from Telegram), "read", "typing", "vocabulary" (decisions about skills),
    "delivery" (in a document of none of these), "staff_card" (a card for moderators is to be written), "status" (of a
    swap, by another program: `written` is that swap, before the transition is completed), "community", "clock" (it was
    moved: what has become due is done at once), or "lost" (some were missed).

    `has_deliveries`: the document has open deliveries to Telegram or mail. `work`: what it leaves to scheduled jobs, of
    ALERT_WORK, CIRCLE_WORK, SKILL_WORK, OUTSIDE_WORK and EXIT_WORK.
    """

    kind: str
    message: Message | None = None
    swap: Swap | None = None
    user: User | None = None
    session: EndedSession | None = None
    read: ReadMark | None = None
    typing: Typing | None = None
    written: Swap | None = None
    community: Community | None = None
    has_deliveries: bool = False
    work: frozenset[str] = frozenset()


class Changes:
    def __init__(
        self,
        database: Database,
        users: Users,
        swaps: Swaps,
        sessions: SessionRecords | None = None,
        community: CommunityStore | None = None,
    ) -> None:
        self._database = database
        self._clock_moves = ClockMoves(database)
        self._sessions = sessions or SessionRecords(database)
        self._sessions.is_vouched_for = lambda: self.is_live
        self._users, self._own_writes = users.cache, users.own_writes
        self._swaps, self._lists = swaps.cache, swaps.lists
        self._community = community or CommunityStore(database)
        self._skills = users.skills
        self.is_live = False
        self.pause = 0.0  # seconds between two reads
        self._heard_at = time.monotonic()
        self._lag = 0.0
        self._is_late = False
        for cache in (self._users, self._swaps, self._community.cache):
            cache.is_vouched_for = lambda: self.is_current
        self._lists.is_vouched_for = lambda: self.is_current and not self._is_late

    async def follow(self) -> AsyncIterator[Sequence[Change]]:
        """Yield every change from now on, across reconnects, in batches of those that are there; "lost" after a gap
        that cannot be filled. The memory of this process knows all of a batch before any of it is passed on."""
        token: Any = None
        start: Timestamp | None = None
        was_lost = False
        is_loaded = False
        while True:
            try:
                if token is None and start is None:
                    now = await self._database.operation_time()
                    start = Timestamp(now.time, now.inc + 1)
                if was_lost:  # reported once the stream is open again, so that nothing after it is missed
                    was_lost = False
                    yield [Change("lost")]
                async with self._database.watch(
                    WATCHED,
                    resume_after=token,
                    start_at_operation_time=start if token is None else None,
                    full_document="updateLookup",
                    max_await_ms=1000,
                    pause=lambda: self.pause,
                ) as stream:
                    if not is_loaded:  # sessions ended, and moves made, before the stream began; it reports the rest
                        await self._sessions.load_ended()
                        is_loaded = True
                        if await self._clock_moves.load():
                            yield [Change("clock")]
                    self._clear()  # of what was read meanwhile, the changes before a new start are not reported
                    self.is_live = True
                    self._heard_at = time.monotonic()
                    while True:
                        events = await stream.next_batch()
                        self._heard_at = time.monotonic()
                        token = stream.resume_token or token
                        self._is_late = False  # unless one of them says otherwise
                        if events and (changes := [change for event in events if (change := self._take(event))]):
                            yield changes
            except OperationFailure as error:
                if error.code in HISTORY_LOST:
                    token, start, was_lost, is_loaded = None, None, True, False
                log.warning("change stream ended, code %s", error.code)
            except PyMongoError as error:
                log.warning("change stream ended: %s", type(error).__name__)
            except InvalidBSON:  # the same event would fail again: resume after it, and report the gap
                token, start, was_lost, is_loaded = None, None, True, False
                log.exception("change stream ended: an event cannot be read")
            finally:  # also when the consumer stops
                self.is_live = False
                self._clear()
            await asyncio.sleep(PAUSE_AFTER_FAILURE)

    @property
    def is_current(self) -> bool:
        """Return whether every change up to a moment ago has been read. A stream that hangs reports no error."""
        return self.is_live and time.monotonic() - self._heard_at < MAX_SILENCE

    @property
    def lag(self) -> float:
        """Seconds from the last change's commit until it was read, or since the last read of any kind."""
        return self._lag if self.is_current else time.monotonic() - self._heard_at

    def _take(self, event: dict[str, Any]) -> Change | None:
        """Bring the memory of this process up to date by an event; return the change that it reports, if any."""
        if "wallTime" in event:  # missing in the error of servers before 6.0
            self._lag = max(0.0, (self._database.clock.real_now() - event["wallTime"]).total_seconds())
            self._is_late = self._lag > MAX_LATE
        if event["ns"]["coll"] == "meta" and event.get("fullDocument"):
            self._clock_moves.follow(event["fullDocument"])  # before anybody is woken by it
        if event["operationType"] == "delete":
            self._forget(event)
            return None
        if event["operationType"] in GONE:
            self._clear()
            return None
        if (own := self._own_change(event)) is not None:
            return own  # not remembered anew: what is cached stays as old as it is
        change = _change_from(event, self._skills.vocabulary)
        if change is not None:
            self._remember(change)
        elif event["ns"]["coll"] == "swaps":  # gone since, or it cannot be read
            self._forget(event)
        return None if event.get("is_untold") else change

    def _own_change(self, event: dict[str, Any]) -> Change | None:
        """Take the note of a profile that this process has written. Return the change if the event is that write, and
        the first one since: memory has what it says.

        A write of another program without a version is an event of its own. If it comes first, it takes the note, and
        ours is read, since what was cached lacks the other one.
        """
        if event["ns"]["coll"] != "users":
            return None
        user_id = str(event["documentKey"]["_id"])
        own = self._own_writes.pop(user_id, None)
        if own is None or own.version != event.get("version") or own.vocabulary is not self._skills.vocabulary:
            return None
        doc, user = event.get("fullDocument"), self._users.get(user_id)
        return Change("user", user=user, work=frozenset(_work_in(doc))) if doc and user else None

    def _forget(self, event: dict[str, Any]) -> None:
        """Drop the document of an event from memory."""
        gone = str(event["documentKey"]["_id"])
        if event["ns"]["coll"] == "users":
            self._users.drop(gone)
        else:
            self._swaps.drop(gone)
            self._lists.drop(gone)

    def _clear(self) -> None:
        self._users.clear()
        self._own_writes.clear()
        self._swaps.clear()
        self._lists.clear()
        self._community.cache.clear()

    def _remember(self, change: Change) -> None:
        if change.user is not None:
            self._users.put(change.user.id, change.user)
        elif (swap := change.swap or change.written) is not None:
            self._lists.put(self._swaps.put(swap.id, swap))
        elif change.community is not None:
            self._community.remember(change.community)
        elif change.session is not None:
            self._sessions.remember_ended(change.session.id, change.session.expires_at)


def _change_from(event: dict[str, Any], vocabulary: Vocabulary) -> Change | None:
    """Return the change of an event. None for a deleted document, and for an unreadable one of another program."""
    doc, source = event.get("fullDocument"), event["ns"]["coll"]
    if event.get("is_requeued") and not event.get("is_revealed"):
        return Change("delivery", has_deliveries=True)
    try:
        match source:
            case "telegram_updates":
                return Change("update")
            case "meta":
                return Change("clock")
            case "alerts" | "circle_news" | "letters" if doc:
                return Change("delivery", has_deliveries=WAITING in doc)
            case "community" if doc:
                return Change("community", community=community_from(doc))
            case "staff_cards":
                return Change("staff_card")
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
                swap = swap_from(doc)
                if event.get("is_revealed"):
                    return Change("reviews", swap=swap, has_deliveries=WAITING in doc)
                if swap.status != swap.known_status:
                    return Change(
                        "status", written=swap, has_deliveries=WAITING in doc, work=frozenset((OUTSIDE_WORK,))
                    )
                return Change("swap", swap=swap, has_deliveries=WAITING in doc)
            case "web_sessions" if doc:
                ended = EndedSession(str(doc["_id"]), str(doc["user_id"]), doc["expires_at"])
                return Change("session", session=ended)
            case "users" if doc:
                work = _work_in(doc)
                user = user_from(doc)
                if is_behind(doc, vocabulary, user) or (doc.get("status") == BANNED and "exit" not in doc):
                    work.add(OUTSIDE_WORK)  # a ban that was decided here has an exit
                elif event["operationType"] == "insert":
                    return None  # nobody waits for a newcomer whom the operations have written
                return Change("user", user=user, work=frozenset(work))
    except (KeyError, TypeError, ValueError, AttributeError):
        log.warning("a document of %s cannot be read: %s", source, event["documentKey"]["_id"])
    return None


def _work_in(profile: dict[str, Any]) -> set[str]:
    return {work for name, work in WORK_IN_PROFILE.items() if name in profile}
