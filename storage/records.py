"""The record of a user: counted anew from swaps and ratings, so that repeating it does no harm."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId

from domain.outcomes import no_show_claims
from domain.records import COUNTED_REQUESTS, Record, replies_within, standing_claims
from domain.sessions import THEY_DID_NOT_COME
from domain.swaps import COMPLETED, EXPIRED, Swap
from domain.timetable import GIVER_FIRST_FOR, NO_SHOW_CLAIMS, NO_SHOW_WITHIN
from domain.users import ACTIVE, DELETED, PAUSED
from storage.derived_fields import derived_fields
from storage.mongodb.database import Database
from storage.reviews import Reviews
from storage.swaps import swap_from
from storage.users import RECORD, user_from

NOTED_AT = "lapses_noted_at"
"""Field of a user, bookkeeping: when they were last sent a note about their lapses."""

MAX_READ = 100
"""Swaps that are read for one fact."""


class Records:
    def __init__(self, database: Database, reviews: Reviews) -> None:
        self._users = database.collection("users")
        self._swaps = database.collection("swaps")
        self._reviews = reviews

    async def note_request(self, user_id: str, *, is_answered: bool) -> None:
        """Count a request that this user has answered or has let expire: their rank is based on it."""
        name = "answered" if is_answered else "ignored"
        query = {"_id": ObjectId(user_id), "status": {"$ne": DELETED}}
        doc = await self._users.find_one(query)
        if doc is None:
            return
        user = user_from(doc)
        count = getattr(user, name) + 1
        change = {"$set": {name: count, "rank": replace(user, **{name: count}).rank}}
        ranked = await self._users.update_one({**query, name: doc.get(name)}, change)
        if not ranked.matched_count:  # of two concurrent ones both count, and the next one sets the rank
            await self._users.update_one(query, {"$inc": {name: 1}})

    async def recount(self, user_id: str, *, at: datetime) -> Record:
        """Count the record of a user anew, and store it."""
        person = ObjectId(user_id)
        held, (stars, ratings, raters), replies, claims, gave_until = await asyncio.gather(
            self._swaps.count_documents({"participants": person, "status": COMPLETED}),
            self._reviews.count_stars(user_id, at=at),
            self._reply_delays(user_id),
            self._claims(user_id, since=at - NO_SHOW_WITHIN),
            self._gave_until(user_id, since=at - GIVER_FIRST_FOR),
        )
        no_shows, until = standing_claims(claims, at)
        record = Record(
            swaps_held=held,
            stars=stars,
            ratings=ratings,
            raters=raters,
            replies=replies_within(replies),
            no_shows=no_shows,
            no_shows_until=until,
            gave_until=gave_until,
        )
        await self._users.update_one(
            {"_id": person, "status": {"$ne": DELETED}}, {"$set": {"record": RECORD.document(record)}}
        )
        return record

    async def count_expired(self, user_id: str, *, since: datetime) -> int:
        """Return how many requests this user has let expire since then."""
        query = {"participants": ObjectId(user_id), "status": EXPIRED, "updated_at": {"$gte": since}}
        return sum(swap.circle is None and swap.answerer == user_id for swap in await self._read(query, MAX_READ))

    async def count_no_shows(self, user_id: str, *, since: datetime) -> int:
        """Return how many no-shows of this user have been claimed since then; none before enough people say so."""
        claims = [(by, at) for by, at in await self._claims(user_id, since=since) if at >= since]
        return len(claims) if len({by for by, _ in claims}) >= NO_SHOW_CLAIMS else 0

    async def claim_note(self, user_id: str, *, at: datetime, since: datetime) -> bool:
        """Record that a user gets a note about their lapses now. False when they have had one since then."""
        query = {"_id": ObjectId(user_id), "status": {"$ne": DELETED}, NOTED_AT: {"$not": {"$gte": since}}}
        return bool((await self._users.update_one(query, {"$set": {NOTED_AT: at}})).modified_count)

    async def set_paused(self, user_id: str, *, is_paused: bool) -> bool:
        """Take a user out of decks and search, or let them in again. False when that was so already."""
        before, after = (ACTIVE, PAUSED) if is_paused else (PAUSED, ACTIVE)
        query = {"_id": ObjectId(user_id), "status": before}
        doc = await self._users.find_one(query)
        if doc is None:
            return False
        derived = derived_fields(replace(user_from(doc), status=after))
        change = {"$set": {**derived, "status": after}, "$inc": {"profile_version": 1}}
        result = await self._users.update_one({**query, "profile_version": doc.get("profile_version")}, change)
        return bool(result.modified_count)

    async def _reply_delays(self, user_id: str) -> list[timedelta | None]:
        """Return how long this user took for each of the last requests; None for those that expired."""
        person = ObjectId(user_id)
        asked = {"from_user_id": {"$ne": person}}
        direct = await self._read({"participants": person, **asked}, COUNTED_REQUESTS)
        circles = await self._read({"circle.people": person, **asked}, COUNTED_REQUESTS)
        swaps = {swap.id: swap for swap in (*direct, *circles)}.values()
        newest = sorted(swaps, key=lambda swap: swap.id, reverse=True)[:COUNTED_REQUESTS]
        delays = [(swap, _delay_of(swap, user_id)) for swap in newest]
        return [delay for swap, delay in delays if delay is not None or _was_ignored(swap, user_id)]

    async def _claims(self, user_id: str, *, since: datetime) -> list[tuple[str, datetime]]:
        """Return who said when that this user did not come."""
        query = {
            "participants": ObjectId(user_id),
            "updated_at": {"$gte": since},
            "plan.sessions.answers.reason": THEY_DID_NOT_COME,
        }
        found = await self._read(query, MAX_READ)
        return [(claim.by, claim.at) for swap in found for claim in no_show_claims(swap) if claim.about == user_id]

    async def _gave_until(self, user_id: str, *, since: datetime) -> datetime | None:
        """Return until when a user who has taught without being taught comes first."""
        query = {
            "participants": ObjectId(user_id),
            "status": COMPLETED,
            "plan.one_way": True,
            "plan.completed_at": {"$gte": since},
        }
        ends = []
        for swap in await self._read(query, MAX_READ):
            legs = [swap.legs[leg] for leg in swap.plan.held_legs]
            gave = any(leg.teacher == user_id for leg in legs) and not any(leg.learner == user_id for leg in legs)
            if gave and swap.plan.completed_at is not None:
                ends.append(swap.plan.completed_at + GIVER_FIRST_FOR)
        return max(ends, default=None)

    async def _read(self, query: dict[str, Any], limit: int) -> list[Swap]:
        cursor = self._swaps.find(query, {"outbox": 0}).sort([("_id", -1)]).limit(limit)
        return [swap_from(doc) async for doc in cursor if "legs" in doc]


def _delay_of(swap: Swap, user_id: str) -> timedelta | None:
    """Return how long after the request this user did something about it; None for never."""
    first = next((event.at for event in swap.history if event.by == user_id), None)
    # a long history has forgotten its beginning; the yes of all was not before theirs
    known = [at for at in (first, swap.plan.accepted_at) if at is not None]
    return min(known) - swap.created_at if known else None


def _was_ignored(swap: Swap, user_id: str) -> bool:
    """Return whether the time of this user to answer ran out."""
    if swap.circle is None:
        return swap.status == EXPIRED and swap.answerer == user_id
    return user_id not in swap.consents and (swap.status == EXPIRED or user_id in swap.circle.gone)
