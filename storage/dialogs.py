"""Dialog steps of the bot, one document for each Telegram user."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pymongo.errors import DuplicateKeyError

from domain.albums import MAX_ALBUMS, Album, Refusal
from domain.dialogs import MAX_HANDLED, MAX_HEARD, NOT_SENT_YET, Dialog, Handled, Heard
from storage.mongodb.database import Database
from storage.mongodb.documents import Field, Mapper, nested_list

HEARD = Mapper(Heard)
HANDLED = Mapper(
    Handled,
    {
        "question": Field(left_out=""),
        "digest": Field(left_out=""),
        "skills": Field(write=list, left_out=()),
        "is_refused": Field(left_out=False),
    },
)
REFUSAL = Mapper(Refusal)
ALBUM = Mapper(Album, {"refused": nested_list(REFUSAL, left_out=())})
DIALOG = Mapper(
    Dialog,
    {
        "telegram_id": Field("_id"),
        "heard": nested_list(HEARD, left_out=()),
        "handled": nested_list(HANDLED, left_out=()),
        "albums": nested_list(ALBUM, left_out=()),
    },
    apart=("heard", "handled", "albums"),
)
OLD_HOLD = "hold"
"""The flow in which an earlier version kept held messages."""


class Dialogs:
    def __init__(self, database: Database) -> None:
        self._dialogs = database.collection("dialogs")

    async def get(self, telegram_id: int) -> Dialog:
        """Return this user's dialog; a fresh one for a new user."""
        doc = await self._dialogs.find_one({"_id": telegram_id})
        if doc is None:
            return Dialog(telegram_id)
        return DIALOG.value(_with_held(doc))

    async def save(self, dialog: Dialog, *, with_conversation: bool) -> None:
        """Save the open question. The open conversation is written only on request, as it has another writer."""
        doc = DIALOG.document(dialog)
        del doc["_id"]
        if not with_conversation:
            del doc["active_swap_id"]
        await self._dialogs.update_one({"_id": dialog.telegram_id}, {"$set": doc}, upsert=True)

    async def save_asked(self, dialog: Dialog) -> None:
        """Save which messages show the open question; a dialog that has been deleted meanwhile stays deleted."""
        await self._dialogs.update_one({"_id": dialog.telegram_id}, {"$set": {"asked": list(dialog.asked)}})

    async def open_conversation(self, telegram_id: int, swap_id: str, *, instead_of: str | None) -> None:
        """Set only the open conversation, while it is still `instead_of` and no question is open.

        The user has not been told yet: what they have written so far is not for this conversation.
        """
        as_seen: dict[str, Any] = {
            "_id": telegram_id,
            "active_swap_id": instead_of,
            "step": {"$in": ["", None]},
            "held": {"$in": [[], None]},
        }
        line = HEARD.document(Heard(NOT_SENT_YET, swap_id))
        change = {"$set": {"active_swap_id": swap_id}, "$push": {"heard": _newest(line)}}
        try:
            await self._dialogs.update_one(as_seen, change, upsert=True)
        except DuplicateKeyError:
            return  # changed meanwhile

    async def note_heard(self, telegram_id: int, line: Heard) -> None:
        """Note a message that came. Nothing is written while there is only this conversation in the chat."""
        elsewhere = {"heard": {"$elemMatch": {"swap_id": {"$ne": line.swap_id}}}}
        others = {"$or": [{"active_swap_id": {"$ne": line.swap_id}}, elsewhere]}
        await self._dialogs.update_one(
            {"_id": telegram_id, **others}, {"$push": {"heard": _newest(HEARD.document(line))}}
        )

    async def note_receiver(self, telegram_id: int, lines: Sequence[Heard]) -> None:
        """Note lines that name the receiver: they count for what is written below, whatever came above the first."""
        above = {"$or": [{"message_id": {"$lte": lines[0].message_id}}, {"message_id": NOT_SENT_YET}]}
        await self._dialogs.update_one({"_id": telegram_id}, {"$pull": {"heard": above}})
        change = {"$push": {"heard": _newest(*map(HEARD.document, lines))}}
        await self._dialogs.update_one({"_id": telegram_id}, change)

    async def note_handled(self, telegram_id: int, message: Handled) -> None:
        """Note what became of a message, instead of what has been noted about it before."""
        place = {"_id": telegram_id}
        await self._dialogs.update_one(place, {"$pull": {"handled": {"message_id": message.message_id}}})
        line = {"$each": [HANDLED.document(message)], "$slice": -MAX_HANDLED}
        await self._dialogs.update_one(place, {"$push": {"handled": line}})

    async def forget_handled(self, telegram_id: int, message_id: int) -> None:
        await self._dialogs.update_one({"_id": telegram_id}, {"$pull": {"handled": {"message_id": message_id}}})

    async def note_album(self, telegram_id: int, album: Album) -> None:
        """Note what is known of an album now."""
        place = {"_id": telegram_id}
        await self._dialogs.update_one(place, {"$pull": {"albums": {"group_id": album.group_id}}}, upsert=True)
        line = {"$each": [ALBUM.document(album)], "$slice": -MAX_ALBUMS}
        await self._dialogs.update_one(place, {"$push": {"albums": line}})

    async def forget(self, telegram_id: int) -> None:
        await self._dialogs.delete_one({"_id": telegram_id})


def _newest(*lines: dict[str, Any]) -> dict[str, Any]:
    """Return the push of lines into their places by message id."""
    return {"$each": list(lines), "$sort": {"message_id": 1}, "$slice": -MAX_HEARD}


def _with_held(doc: dict[str, Any]) -> dict[str, Any]:
    """Return the document with the held messages where they belong: an earlier version kept them as a question."""
    if doc.get("flow") != OLD_HOLD:
        return doc
    held = (doc.get("data") or {}).get("held") or []
    return {**doc, "flow": "", "step": "", "data": {}, "held": [{"seen": "", **one} for one in held]}
