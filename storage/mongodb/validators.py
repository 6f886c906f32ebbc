"""Schema validation by MongoDB itself: a second line behind the domain's rules, against bugs and other programs'
writes.

The level is `moderate`: documents that an older front end wrote and that do not fit may still be updated. Validators
are set before the migrations, so that nothing can be inserted between the two that no migration takes over.
"""

from __future__ import annotations

from typing import Any

from pymongo.errors import OperationFailure

from domain.messages import MAX_STORED_LENGTH
from domain.skills import MAX_SKILLS
from domain.swaps import STATUSES
from storage.mongodb.database import Database

NAMESPACE_EXISTS = 48

TEXT = {"bsonType": "string"}
ID = {"bsonType": "objectId"}
TIME = {"bsonType": "date"}
SKILLS = {"bsonType": "array", "maxItems": MAX_SKILLS, "items": TEXT}

PAGE = "docs/mongoose.md"
"""Page that says what another program can write. The server hands `title` and `description` to whoever it refuses."""

VALIDATORS: dict[str, dict[str, Any]] = {
    "users": {
        "bsonType": "object",
        "title": "A profile of Skill Swap",
        "description": f"A profile has texts, lists of at most {MAX_SKILLS} skills, and ids that MongoDB makes: {PAGE}",
        "properties": {
            "_id": ID,
            "name": TEXT,
            "skills_offered": SKILLS,
            "skills_wanted": SKILLS,
            "is_public": {"bsonType": "bool"},
            "telegram_id": {"bsonType": ["int", "long"]},
            "status": {"enum": ["active", "paused", "banned", "deleted"]},
        },
    },
    "swaps": {
        "bsonType": "object",
        "title": "A swap of Skill Swap",
        "description": "Other programs cannot insert swaps, because that would pass by blocks, limits and the skills "
        f"that are offered: send POST /api/swap. They can set the status of one: {PAGE}",
        "required": ["from_user_id", "to_user_id", "status", "participants", "legs", "version"],
        "properties": {
            "from_user_id": ID,
            "to_user_id": ID,
            "status": {"enum": list(STATUSES)},
            "participants": {"bsonType": "array", "minItems": 1, "maxItems": 3, "uniqueItems": True, "items": ID},
            "legs": {
                "bsonType": "array",
                "minItems": 2,
                "maxItems": 3,
                "items": {"bsonType": "object", "required": ["teacher", "learner", "skill"]},
            },
            "version": {"bsonType": ["int", "long"], "minimum": 1},
            "due_at": TIME,
        },
    },
    "messages": {
        "bsonType": "object",
        "title": "A message of Skill Swap",
        "description": "Other programs cannot insert messages, because they are numbered, limited and told to their "
        f"recipients: send POST /api/chat or the event chat:new: {PAGE}",
        "required": ["swap_id", "seq", "from_user_id", "created_at"],
        "properties": {
            "swap_id": ID,
            "seq": {"bsonType": ["int", "long"], "minimum": 1},
            "from_user_id": ID,
            "message": {"bsonType": "string", "maxLength": MAX_STORED_LENGTH},
            "created_at": TIME,
        },
    },
}


async def ensure_validators(database: Database) -> None:
    """Set the validators on their collections, created where they are missing. Repeating it is harmless.

    An existing one is left alone: changing it would wait for any lock of a killed process.
    """
    reply = await database.command({"listCollections": 1, "filter": {"name": {"$in": list(VALIDATORS)}}})
    there = {found["name"]: found["options"] for found in reply["cursor"]["firstBatch"]}
    for name, schema in VALIDATORS.items():
        wanted = {"validator": {"$jsonSchema": schema}, "validationLevel": "moderate"}
        if name not in there:
            try:
                await database.command({"create": name})
            except OperationFailure as error:
                if error.code != NAMESPACE_EXISTS:
                    raise
        elif all(there[name].get(option) == value for option, value in wanted.items()):
            continue
        await database.command({"collMod": name, **wanted})
