"""Merging two accounts of one user: codes by which both sides confirm, and the move of all data.

The move is one transaction. Conflicts are resolved in it: request numbers continue after the survivor's, a client id
that both have used is replaced, and of two equal open swaps the one that has come further stays open. Swaps between the
two stay as they were, closed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bson import ObjectId

from domain import outcomes
from domain.deliveries import DEAD, deliveries_for
from domain.events import event_of_status
from domain.mail_addresses import kept_form
from domain.swaps import ACCEPTED, CANCELLED, OPEN, PENDING, Swap
from domain.users import ACTIVE, DELETED, PAUSED, User, joined
from storage.accounts import ACCOUNT, Account
from storage.alerts import joined_change
from storage.applications import Applications
from storage.bars import Bars
from storage.cases import Cases
from storage.correspondences import Correspondences
from storage.derived_fields import begun_keys, derived_fields, may_close_circles
from storage.invites import Invites
from storage.match_decisions import ASKED
from storage.mongodb.database import Database, Session, new_id
from storage.mongodb.documents import difference
from storage.outbox import WAITING, delivery_doc
from storage.reports import Reports
from storage.reviews import Reviews
from storage.screening import Screening
from storage.swaps import PASSING, Swaps, swap_doc, swap_from
from storage.users import USER, Users, user_from

AT_ONCE = 500


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode(errors="surrogatepass")).hexdigest()


class Merges:
    def __init__(self, database: Database, users: Users, swaps: Swaps) -> None:
        self._database = database
        self._codes = database.collection("merge_codes")
        self._users = database.collection("users")
        self._swaps = database.collection("swaps")
        self._messages = database.collection("messages")
        self._seen = database.collection("seen")
        self._user_cache = users.cache
        self._swap_cache, self._swap_lists = swaps.cache, swaps.lists

    async def offer(self, user_id: str, code: str, *, expires_at: datetime) -> None:
        """Store the digest of a code; it replaces an earlier one of this user."""
        await self._codes.delete_many({"user_id": ObjectId(user_id)})
        await self._codes.insert_one({"_id": _digest(code), "user_id": ObjectId(user_id), "expires_at": expires_at})

    async def find_offer(self, code: str, *, at: datetime) -> str | None:
        """Return the id of the user who offered this code."""
        doc = await self._codes.find_one({"_id": _digest(code), "expires_at": {"$gt": at}})
        return str(doc["user_id"]) if doc else None

    async def merge(self, code: str, *, loser_id: str, at: datetime) -> User | None:
        """Redeem the code and move all data of the loser to the user who offered it. None when either may not be
        merged."""

        async def work(session: Session) -> User | None:
            offer = await self._codes.find_one_and_delete(
                {"_id": _digest(code), "expires_at": {"$gt": at}}, session=session
            )
            if offer is None:
                return None
            move = _Move(self._database, session, ObjectId(loser_id), offer["user_id"], at)
            return await move.run()

        survivor = await self._database.transaction(work)
        self._swap_cache.clear()
        self._swap_lists.bar_all()
        if survivor is not None:
            for doc in await self._users.find({"_id": {"$in": [ObjectId(loser_id), ObjectId(survivor.id)]}}).to_list(2):
                self._user_cache.put(str(doc["_id"]), user_from(doc))
        return survivor

    async def move_late(self, loser_id: str, survivor_id: str, *, at: datetime) -> None:
        """Move data that was written while the two were merged."""

        async def work(session: Session) -> None:
            await _Move(self._database, session, ObjectId(loser_id), ObjectId(survivor_id), at).move_rows()

        await self._database.transaction(work)
        self._swap_cache.clear()
        self._swap_lists.bar_all()

    async def erase(self, user_id: str) -> None:
        await self._codes.delete_many({"user_id": ObjectId(user_id)})


class _Move:
    """One run of the transaction's work; it may run several times, and keeps no state in between."""

    def __init__(self, database: Database, session: Session, loser: ObjectId, survivor: ObjectId, at: datetime) -> None:
        self._database = database
        self._session = session
        self._loser = loser
        self._survivor = survivor
        self._at = at

    async def run(self) -> User | None:
        users = self._database.collection("users")
        docs = {
            doc["_id"]: user_from(doc)
            async for doc in users.find({"_id": {"$in": [self._loser, self._survivor]}}, session=self._session)
        }
        loser, survivor = docs.get(self._loser), docs.get(self._survivor)
        if loser is None or survivor is None or loser.id == survivor.id:
            return None
        if not {loser.status, survivor.status} <= {ACTIVE, PAUSED}:
            return None
        if loser.telegram_id and survivor.telegram_id:
            return None
        await self.move_rows()
        return await self._merge_users(loser, survivor)

    async def move_rows(self) -> None:
        await self._move_swaps()
        await self._move_decisions()
        await self._move_blocks()
        await self._move_alerts()
        await self._move_read_marks()
        await Reviews(self._database).move(self._loser, self._survivor, self._session)
        await Correspondences(self._database).move(self._loser, self._survivor, self._session)
        reports = Reports(self._database)
        await reports.move(self._loser, self._survivor, self._session)
        await Applications(self._database).move(self._loser, self._survivor, self._session)
        await Invites(self._database).move(self._loser, self._survivor, self._session)
        await Bars(self._database).move(self._loser, self._survivor, self._session)
        await Cases(self._database).move(self._loser, self._survivor, self._session, reports)
        await Screening(self._database).move(self._loser, self._survivor, self._session)
        for name, field in (("photos", "owner_id"), ("accounts", "user_id"), ("letters", "to")):
            await self._set_many(name, {field: self._loser}, {field: self._survivor})
        for name in ("circle_news", "calendar_feeds"):
            await self._database.collection(name).delete_one({"_id": self._loser}, session=self._session)
        for field in ("copies.$[mine].user_id", "prompts.$[mine].by"):
            array, _, key = field.partition(".$[mine].")
            mine = [{f"mine.{key}": str(self._loser)}]
            await self._set_many(
                "staff_cards", {f"{array}.{key}": str(self._loser)}, {field: str(self._survivor)}, array_filters=mine
            )
        for name in ("login_links", "merge_codes"):
            await self._database.collection(name).delete_many({"user_id": self._loser}, session=self._session)
        open_sessions = {"user_id": self._loser, "ended_at": {"$exists": False}}
        await self._set_many("web_sessions", open_sessions, {"ended_at": self._at})

    async def _set_many(self, name: str, query: dict[str, Any], fields: dict[str, Any], **options: Any) -> None:
        await self._database.collection(name).update_many(query, {"$set": fields}, session=self._session, **options)

    # ---- users -------------------------------------------------------------------------------------------------

    async def _merge_users(self, loser: User, survivor: User) -> User:
        users = self._database.collection("users")
        tombstone = {
            "created_at": loser.created_at,
            "status": DELETED,
            "deleted_at": self._at,
            "merged_into": self._survivor,
            "is_public": False,
            "is_listed": False,
            "session_version": loser.session_version + 1,
            "profile_version": loser.profile_version + 1,
        }
        await users.replace_one({"_id": self._loser}, tombstone, session=self._session)
        one = joined(survivor, loser)
        before, after = derived_fields(survivor), derived_fields(one)
        change = difference(USER.whole_document(survivor), USER.whole_document(one))
        change["$set"] = change.get("$set", {}) | after
        change["$inc"] = {"profile_version": 1}
        if begun := begun_keys(before, after):
            change["$addToSet"] = {"begun_keys": {"$each": begun}}
        if may_close_circles(before, after):
            change["$currentDate"] = {"circle_look_at": True}
        await users.update_one({"_id": self._survivor}, change, session=self._session)
        if loser.email and survivor.email:  # their other mail address becomes a linked account
            row = ACCOUNT.document(Account(new_id(), survivor.id, "email", kept_form(loser.email), self._at))
            await self._database.collection("accounts").insert_one(row, session=self._session)
        return one

    # ---- swaps and messages ------------------------------------------------------------------------------------

    async def _move_swaps(self) -> None:
        swaps = self._database.collection("swaps")
        query = {"$or": [{"participants": self._loser}, {"circle.people": self._loser}]}
        docs = [doc async for doc in swaps.find(query, session=self._session).sort([("_id", 1)])]
        screened = {"to_user_id": self._loser, "status": PENDING, "screened_at": {"$exists": True}}
        docs += await swaps.find(screened, session=self._session).to_list(None)  # the loser is not in them yet
        is_both = {self._loser, self._survivor}.issubset
        both = [doc for doc in docs if is_both(_people_of(doc))]
        theirs = [doc for doc in docs if not is_both(_people_of(doc))]
        for doc in both:
            if doc["status"] in OPEN:
                await self._write_swap(doc, _closed(swap_from(doc), self._at), is_reported="circle" in doc)
        number = await self._last_number()
        for doc in theirs:
            named = _renamed(doc, self._loser, self._survivor)
            if named.get("request_number") and named["from_user_id"] == self._survivor:
                number += 1
                named["request_number"] = number
            await self._settle_open(named)
        ids = [doc["_id"] for doc in theirs]
        for start in range(0, len(ids), AT_ONCE):
            await self._move_messages(ids[start : start + AT_ONCE])

    async def _last_number(self) -> int:
        query = {"from_user_id": self._survivor, "request_number": {"$gt": 0}}
        swaps = self._database.collection("swaps")
        doc = await swaps.find_one(query, sort=[("request_number", -1)], session=self._session)
        return int(doc["request_number"]) if doc else 0

    async def _settle_open(self, doc: dict[str, Any]) -> None:
        """Write a renamed swap; of two equal open ones, close the one that has not come as far."""
        swap = swap_from(doc)
        if swap.circle is not None:
            # the survivor may have a circle in this slot already: it goes without a slot, but still counts
            gone = tuple(person for person in swap.circle.gone if person not in swap.participants)
            swap = replace(swap, circle=replace(swap.circle, gone=gone, slots={}))
        if swap.open_key is not None:
            query = {"open_key": swap.open_key, "_id": {"$ne": doc["_id"]}}
            twin = await self._database.collection("swaps").find_one(query, session=self._session)
            if twin is not None and (swap.status == ACCEPTED and twin["status"] != ACCEPTED):
                await self._write_swap(twin, _settled(swap_from(twin), self._at), is_reported=True)
            elif twin is not None:
                await self._write_swap(doc, _settled(swap, self._at), is_reported=True)
                return
        if swap.promises and await self._is_promised(swap):
            await self._write_swap(doc, _settled(swap, self._at), is_reported=True)
            return
        await self._write_swap(doc, replace(swap, version=swap.version + 1))

    async def _is_promised(self, swap: Swap) -> bool:
        """Return whether a member of this running circle learns the same skill in another one."""
        query = {"promises": {"$in": list(swap.promises)}, "_id": {"$ne": ObjectId(swap.id)}}
        return await self._database.collection("swaps").find_one(query, session=self._session) is not None

    async def _write_swap(self, doc: dict[str, Any], swap: Swap, *, is_reported: bool = False) -> None:
        """Replace the swap's fields in the document; its other fields stay."""
        fields = {name: value for name, value in doc.items() if name not in PASSING} | swap_doc(swap)
        if is_reported:
            await self._add_deliveries(fields, swap)
        await self._database.collection("swaps").replace_one({"_id": doc["_id"]}, fields, session=self._session)

    async def _add_deliveries(self, fields: dict[str, Any], swap: Swap) -> None:
        others = [ObjectId(person) for person in swap.others(str(self._survivor))]
        users = self._database.collection("users")
        people = [user_from(doc) async for doc in users.find({"_id": {"$in": others}}, session=self._session)]
        lines = [delivery_doc(line) for line in deliveries_for(people, event_of_status(swap.status), self._at)]
        fields["outbox"] = [*fields.get("outbox", ()), *lines]
        due = [line["due_at"] for line in fields["outbox"] if "due_at" in line and line["state"] != DEAD]
        if due:
            fields[WAITING] = min(due)

    async def _move_messages(self, swap_ids: Sequence[ObjectId]) -> None:
        # all messages of a swap, by its index
        here: dict[str, Any] = {"swap_id": {"$in": list(swap_ids)}, "seq": {"$gt": 0}}
        await self._free_client_ids(here)
        await self._set_many("messages", here | {"from_user_id": self._loser}, {"from_user_id": self._survivor})
        await self._set_many("messages", here | {"to_user_id": self._loser}, {"to_user_id": self._survivor})
        await self._set_many("messages", here | {"also_to": self._loser}, {"also_to.$": self._survivor})
        for field in ("copies.user_id", "outbox.to"):
            array, _, name = field.partition(".")
            await self._set_many(
                "messages",
                here | {field: self._loser},
                {f"{array}.$[line].{name}": self._survivor},
                array_filters=[{f"line.{name}": self._loser}],
            )

    async def _free_client_ids(self, here: dict[str, Any]) -> None:
        """Replace the loser's client ids that the survivor has used as well by unique ones."""
        messages = self._database.collection("messages")
        query = here | {"from_user_id": self._loser, "client_id": {"$gt": ""}}
        mine = {
            doc["client_id"]: doc["_id"] async for doc in messages.find(query, {"client_id": 1}, session=self._session)
        }
        names = list(mine)
        for start in range(0, len(names), AT_ONCE):
            used = {"from_user_id": self._survivor, "client_id": {"$in": names[start : start + AT_ONCE]}}
            async for doc in messages.find(used, {"client_id": 1}, session=self._session):
                message_id = mine[doc["client_id"]]
                change = {"$set": {"client_id": f"merged.{message_id}"}}
                await messages.update_one({"_id": message_id}, change, session=self._session)

    # ---- decisions and views -----------------------------------------------------------------------------------

    async def _move_decisions(self) -> None:
        seen = self._database.collection("seen")
        query = {"$or": [{"viewer_id": self._loser}, {"subject_id": self._loser}]}
        for row in await seen.find(query, session=self._session).to_list(None):
            pair = {name: self._other(row[name]) for name in ("viewer_id", "subject_id")}
            await seen.delete_one({"_id": row["_id"]}, session=self._session)
            if pair["viewer_id"] == pair["subject_id"]:
                continue
            known = await seen.find_one(pair, session=self._session)
            if known is None:
                await seen.insert_one({**row, **pair}, session=self._session)
            elif row["kind"] == ASKED != known["kind"]:
                change = {"$set": {"kind": ASKED, "at": row["at"]}}
                await seen.update_one({"_id": known["_id"]}, change, session=self._session)

    async def _move_blocks(self) -> None:
        blocks = self._database.collection("blocks")
        query = {"$or": [{"by": self._loser}, {"whom": self._loser}]}
        for row in await blocks.find(query, session=self._session).to_list(None):
            pair = {name: self._other(row[name]) for name in ("by", "whom")}
            await blocks.delete_one({"_id": row["_id"]}, session=self._session)
            if pair["by"] != pair["whom"] and await blocks.find_one(pair, session=self._session) is None:
                await blocks.insert_one({**row, **pair}, session=self._session)

    # ---- alerts ------------------------------------------------------------------------------------------------

    async def _move_alerts(self) -> None:
        """Move the alerts; two for the same skill are merged, with their open deliveries."""
        alerts = self._database.collection("alerts")
        kept = {doc["key"]: doc async for doc in alerts.find({"user_id": self._survivor}, session=self._session)}
        for row in await alerts.find({"user_id": self._loser}, {"place": 0}, session=self._session).to_list(None):
            doc = _renamed(row, self._loser, self._survivor)
            if mine := kept.get(doc["key"]):
                await alerts.delete_one({"_id": doc["_id"]}, session=self._session)
                change = joined_change(mine, doc, self._at)
                await alerts.update_one({"_id": mine["_id"]}, change, session=self._session)
            else:
                await alerts.replace_one({"_id": doc["_id"]}, doc, session=self._session)

    async def _move_read_marks(self) -> None:
        marks = self._database.collection("read_marks")
        for mark in await marks.find({"user_id": self._loser}, session=self._session).to_list(None):
            await marks.delete_one({"_id": mark["_id"]}, session=self._session)
            place = {"swap_id": mark["swap_id"], "user_id": self._survivor}
            kept = await marks.update_one(place, {"$max": {"seq": mark["seq"]}}, session=self._session)
            if not kept.matched_count:
                await marks.insert_one(mark | place, session=self._session)

    def _other(self, person: ObjectId) -> ObjectId:
        return self._survivor if person == self._loser else person


def _people_of(doc: dict[str, Any]) -> tuple[ObjectId, ...]:
    return (*doc["participants"], doc["to_user_id"]) if doc.get("screened_at") else tuple(doc["participants"])


def _closed(swap: Swap, at: datetime) -> Swap:
    """Return the swap, closed without an actor: what was planned is called off."""
    return replace(swap.moved(CANCELLED, CANCELLED, by="", at=at), due_at=None)


def _settled(swap: Swap, at: datetime) -> Swap:
    """Return one of two equal open swaps, closed: complete if a session of it was held."""
    is_held = swap.status == ACCEPTED and swap.plan.held_legs
    return outcomes.completed(swap, by="", at=at) if is_held else _closed(swap, at)


def _renamed(value: Any, old: ObjectId, new: ObjectId) -> Any:
    """Return the document with one id replaced by the other everywhere, in values and in keys."""
    if value == old:
        return new
    if isinstance(value, dict):
        return {str(new) if name == str(old) else name: _renamed(part, old, new) for name, part in value.items()}
    return [_renamed(part, old, new) for part in value] if isinstance(value, list) else value
