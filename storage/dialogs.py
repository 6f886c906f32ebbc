"""Dialog steps of the bot, one document for each Telegram user."""

from __future__ import annotations

from pymongo.errors import DuplicateKeyError

from domain.dialogs import Dialog
from storage.mongodb.database import Database
from storage.mongodb.documents import Field, Mapper

DIALOG = Mapper(Dialog, {"telegram_id": Field("_id")})


class Dialogs:
    def __init__(self, database: Database) -> None:
        self._dialogs = database.collection("dialogs")

    async def get(self, telegram_id: int) -> Dialog:
        """Return this user's dialog; a fresh one for a new user."""
        doc = await self._dialogs.find_one({"_id": telegram_id})
        if doc is None:
            return Dialog(telegram_id)
        return DIALOG.value(doc)

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
        """Set only the open conversation, while it is still `instead_of` and no question is open."""
        as_seen = {"_id": telegram_id, "active_swap_id": instead_of, "step": {"$in": ["", None]}}
        try:
            await self._dialogs.update_one(as_seen, {"$set": {"active_swap_id": swap_id}}, upsert=True)
        except DuplicateKeyError:
            return  # changed meanwhile

    async def forget(self, telegram_id: int) -> None:
        await self._dialogs.delete_one({"_id": telegram_id})
