"""Changes that the change stream reports: what users see, and what wakes jobs, without bookkeeping."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from storage.clock_moves import RECORD as CLOCK
from storage.edits import COUNT
from storage.outbox import REQUEUED, SOURCES, WAITING
from storage.records import NOTED_AT
from storage.reviews import RATED, REVEALED
from storage.telegram_updates import NEW

BOOKKEEPING = ("telegram_reachable", "active_at", "answered", "ignored", "record", "exit", "group_check_at", NOTED_AT)
"""Bookkeeping fields of users: an update that sets one of these, and not the profile's version, changes nothing that
users see."""

SWAP_BOOKKEEPING = (
    "outbox", WAITING, REQUEUED, "cards", "lines", "told", "nudges", "wake_at", COUNT, "place_looked_at",
)  # fmt: skip
"""Bookkeeping fields of swaps: an update of these alone changes nothing that users see."""

TOLD_OF_SWAPS = ("version", "away", RATED, REVEALED, "status")
"""Fields of swaps whose updates are reported; a status without a version is another program's transition. Updates of
other fields, such as the erasure of a note, only bring the memory of this process up to date."""

REMOVED_BY_JOBS = (["begun_keys"], ["circle_look_at"], ["exit"])
"""Fields that a job removes from a profile once it is processed: the update of these alone is not reported."""

GONE = ("drop", "rename")
"""Operations of other programs, such as a restored backup, that end a collection."""


def _sets_only(names: Sequence[str]) -> dict[str, Any]:
    """Return the expression that is true for an update that sets or removes no field but these, or parts of them."""
    described = "$updateDescription"
    touched = [
        {"$map": {"input": {"$objectToArray": {"$ifNull": [f"{described}.updatedFields", {}]}}, "in": "$$this.k"}},
        {"$ifNull": [f"{described}.removedFields", []]},
        {"$ifNull": [f"{described}.truncatedArrays.field", []]},
    ]
    whole = {"$arrayElemAt": [{"$split": ["$$this", "."]}, 0]}
    return {"$setIsSubset": [{"$map": {"input": {"$concatArrays": touched}, "in": whole}}, list(names)]}


WATCHED: list[dict[str, Any]] = [
    {
        "$match": {
            "$or": [
                {
                    "ns.coll": {"$in": ["messages", "swaps", "telegram_updates", "read_marks", "presence", "users"]},
                    "operationType": "insert",
                },
                {  # dead letters that are retried
                    "ns.coll": "telegram_updates",
                    "operationType": "update",
                    "updateDescription.updatedFields.state": NEW,
                },
                {
                    "ns.coll": "read_marks",
                    "operationType": "update",
                    "updateDescription.updatedFields.seq": {"$exists": True},
                },
                {  # a user is typing; heartbeats are not reported
                    "ns.coll": "presence",
                    "operationType": "update",
                    "updateDescription.updatedFields.typing_at": {"$exists": True},
                },
                {"ns.coll": "swaps", "operationType": "update", "$expr": {"$not": [_sets_only(SWAP_BOOKKEEPING)]}},
                {  # edits and deletions; references to copies and delivery states are not reported
                    "ns.coll": "messages",
                    "operationType": "update",
                    "updateDescription.updatedFields.changed": {"$exists": True},
                },
                {
                    "ns.coll": "users",
                    "operationType": "update",
                    # all but the notifier's bookkeeping: another program's write counts, too, and so does a merge: it
                    # writes the counts with the next version of the profile
                    "$or": [
                        {"updateDescription.updatedFields.profile_version": {"$exists": True}},
                        {f"updateDescription.updatedFields.{name}": {"$exists": False} for name in BOOKKEEPING},
                    ],
                    "updateDescription.removedFields": {"$nin": list(REMOVED_BY_JOBS)},
                },
                {
                    "ns.coll": "web_sessions",
                    "operationType": "update",
                    "updateDescription.updatedFields.ended_at": {"$exists": True},
                },
                # as the server logs the erasure of a user, and the merge of two users' swaps; other programs delete
                {"ns.coll": {"$in": ["users", "swaps"]}, "operationType": {"$in": ["replace", "delete", *GONE]}},
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
                {"ns.coll": {"$in": ["circle_news", "letters"]}, "operationType": "insert"},
                {"ns.coll": "staff_cards", "operationType": "insert"},
                {
                    "ns.coll": "staff_cards",
                    "operationType": "update",
                    "updateDescription.updatedFields.version": {"$exists": True},
                },
                {
                    "ns.coll": "circle_news",
                    "operationType": "update",
                    "updateDescription.updatedFields.told_at": {"$exists": True},
                },
                {"ns.coll": "meta", "operationType": {"$ne": "delete"}, "documentKey._id": CLOCK},
                {"ns.coll": "community", "operationType": {"$ne": "delete"}},
                {  # deliveries whose due time was brought forward
                    "ns.coll": {"$in": list(SOURCES)},
                    "operationType": "update",
                    f"updateDescription.updatedFields.{REQUEUED}": {"$exists": True},
                },
            ]
        }
    },
    {
        "$set": {
            name: {"$ne": [{"$type": f"$updateDescription.updatedFields.{field}"}, "missing"]}
            for name, field in (("is_requeued", REQUEUED), ("is_revealed", REVEALED))
        }
        | {
            "version": "$updateDescription.updatedFields.profile_version",
            "is_untold": {
                "$and": [
                    {"$eq": ["$ns.coll", "swaps"]},
                    {"$eq": ["$operationType", "update"]},
                    *(
                        {"$eq": [{"$type": f"$updateDescription.updatedFields.{name}"}, "missing"]}
                        for name in (*TOLD_OF_SWAPS, REQUEUED)
                    ),
                ]
            },
        }
    },
    {
        "$project": {
            **{f"fullDocument.{name}": 0 for name in ("outbox", "copies", "body", "spellings")},
            "updateDescription": 0,
        }
    },
]
