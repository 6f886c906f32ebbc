"""The context of a callback: the sender's user, dialog and texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from telegram import Update
from telegram.constants import ChatType
from telegram.ext import Application, CallbackContext, ExtBot

from domain.albums import MAX_ALBUMS, Album
from domain.dialogs import NOT_SENT_YET, Dialog, Handled
from domain.languages import locale_or_default
from domain.users import User
from handlers.dialogs import (
    forget_handled,
    get_dialog,
    note_album,
    note_asked,
    note_handled,
    note_receiver,
    save_dialog,
)
from handlers.notifications import mark_reachable, remember_line, remember_line_about
from handlers.runtime.deps import Deps
from handlers.runtime.texts import Texts
from handlers.users import find_telegram_user


@dataclass(frozen=True, slots=True)
class BotServices:
    """Services of the bot, built in the composition root and kept as `application.bot_data["services"]`."""

    deps: Deps
    sandbox_page: str | None = None


class Context(CallbackContext[ExtBot[None], dict[Any, Any], dict[Any, Any], dict[Any, Any]]):
    """PTB's context with state of our own, which is kept in the store and not in PTB's memory."""

    def __init__(
        self,
        application: Application[Any, Any, Any, Any, Any, Any],
        chat_id: int | None = None,
        user_id: int | None = None,
    ) -> None:
        super().__init__(application, chat_id, user_id)
        self._user: User | None = None
        self._dialog: Dialog | None = None
        self.incoming: Update | None = None
        self.is_query_answered = False
        self.replaced_skills: tuple[str, ...] = ()
        """Skills that the answer which this update edits has added: the new words stand for them."""

    @classmethod
    def from_update(cls, update: object, application: Any) -> Context:
        context = super().from_update(update, application)
        assert isinstance(context, Context)
        context.incoming = update if isinstance(update, Update) else None
        return context

    async def refresh_data(self) -> None:
        """Read the sender's user and dialog; PTB calls this before the callbacks of an update."""
        sender = self.incoming.effective_user if self.incoming else None
        if self.incoming is not None and sender is not None:
            self._user = await find_telegram_user(self.deps, sender.id)
            chat = self.incoming.effective_chat
            is_private = chat is None or chat.type == ChatType.PRIVATE
            is_written = is_private and self.incoming.my_chat_member is None
            if self._user is not None and not self._user.telegram_reachable and is_written:
                # An update from the user shows that they no longer block the bot; one from a group does not.
                await mark_reachable(self.deps, sender.id, is_reachable=True)
            self._dialog = await get_dialog(self.deps, sender.id)

    @property
    def services(self) -> BotServices:
        services: BotServices = self.application.bot_data["services"]
        return services

    @property
    def deps(self) -> Deps:
        return self.services.deps

    @property
    def is_registered(self) -> bool:
        return self._user is not None

    @property
    def user(self) -> User:
        """The sender's user. Raises LookupError for an unregistered sender; callbacks behind `_registered_only` can
        rely on it."""
        if self._user is None:
            raise LookupError("the sender of this update is not registered")
        return self._user

    @user.setter
    def user(self, user: User) -> None:
        self._user = user

    @property
    def dialog(self) -> Dialog:
        if self._dialog is None:
            raise LookupError("this update has no sender")
        return self._dialog

    @property
    def texts(self) -> Texts:
        return self.texts_for(self._user) if self._user else self.deps.texts[self._sender_locale()]

    def texts_for(self, user: User) -> Texts:
        return self.deps.texts[user.locale]

    def _sender_locale(self) -> str:
        sender = self.incoming.effective_user if self.incoming else None
        return locale_or_default(sender.language_code if sender else None)

    @property
    def is_repeat(self) -> bool:
        """Return whether the effect of this update on the dialog is saved already, so that only the answer is missing.

        Equal, not lower: updates of a chat arrive in order, and after a quiet week Telegram restarts at any number.
        """
        return self.incoming is not None and self.incoming.update_id == self.dialog.last_update

    async def move_dialog(self, flow: str, step: str, **data: Any) -> None:
        """Open a question ("" and "" for none). `data` replaces the data of the flow."""
        await self._save(self.dialog.ask(flow, step, data))

    def note_onboarding_step(self, step: str) -> None:
        """Record the step of onboarding that is asked now; it is stored with the question."""
        self._dialog = replace(self.dialog, onboarding_step=step)

    async def note_question(self, message_id: int) -> None:
        """Record that a message shows the open question, so that a reply to it is taken for the answer."""
        if self.dialog.step and message_id not in self.dialog.asked:
            self._dialog = self.dialog.with_asked(message_id)
            await note_asked(self.deps, self._dialog)

    async def note_handled(self, message: Handled) -> None:
        """Note what became of a message that went to no conversation."""
        await note_handled(self.deps, self.dialog.telegram_id, message)

    async def note_album(self, album: Album) -> None:
        """Note what is known of an album now."""
        others = tuple(known for known in self.dialog.albums if known.group_id != album.group_id)
        self._dialog = replace(self.dialog, albums=(*others, album)[-MAX_ALBUMS:])
        await note_album(self.deps, self.dialog.telegram_id, album)

    async def forget_handled(self, message_id: int) -> None:
        if any(known.message_id == message_id for known in self.dialog.handled):
            await forget_handled(self.deps, self.dialog.telegram_id, message_id)

    async def end_dialog(self) -> None:
        if self.dialog.flow:
            await self.move_dialog("", "")

    async def leave_dialog(self) -> None:
        """End the dialog before an update that is about something else; `is_repeat` still holds for that update."""
        self._dialog = self.dialog.ask("", "", {})
        await save_dialog(self.deps, self._dialog, with_conversation=False)

    async def open_conversation(self, swap_id: str | None) -> None:
        """Make this swap the target of plain messages; closes any open question."""
        dialog = replace(self.dialog.ask("", "", {}), active_swap_id=swap_id)
        await self._save(dialog, with_conversation=True)

    async def hold(self, held: Sequence[dict[str, Any]], *, asked: int | None) -> None:
        """Keep these messages until the user says whom they are for; `asked` is the message with the question."""
        await self._save(replace(self.dialog, held=tuple(held), held_asked=asked))

    async def settle_held(self, rest: Sequence[dict[str, Any]], swap_id: str | None) -> None:
        """Keep only the rest of the held messages, which no question has named yet, and open the conversation that the
        others went to, if one is given."""
        settled = replace(self.dialog, held=tuple(rest), held_asked=None)
        if swap_id is not None:
            settled = replace(settled, active_swap_id=swap_id)
        await self._save(settled, with_conversation=swap_id is not None)

    async def note_receiver(self, swap_id: str, shown: int) -> None:
        """Note that the user has chosen whom they write to: from the update on, and below the message that says so."""
        chosen_in = self.incoming.effective_message if self.incoming else None
        known = [line.message_id for line in self.dialog.heard if line.message_id != NOT_SENT_YET]
        chosen = max([*known, chosen_in.message_id if chosen_in else 0])
        lines = (chosen, shown) if shown > chosen else (chosen,)
        await note_receiver(self.deps, self.dialog.telegram_id, swap_id, *lines)
        await self.note_named(shown, swap_id)

    async def note_named(self, message_id: int, *swap_ids: str) -> None:
        """Note that a message in the user's chat names others of these swaps."""
        if swap_ids:
            await remember_line(self.deps, self.user.id, self.dialog.telegram_id, message_id, *swap_ids)

    async def note_person(self, message_id: int, person_id: str) -> None:
        """Note that a message in the user's chat names this person, if the two have swaps."""
        await remember_line_about(self.deps, self.user.id, self.dialog.telegram_id, message_id, person_id)

    async def _save(self, dialog: Dialog, *, with_conversation: bool = False) -> None:
        update_id = self.incoming.update_id if self.incoming else dialog.last_update
        self._dialog = replace(dialog, last_update=update_id)
        await save_dialog(self.deps, self._dialog, with_conversation=with_conversation)
