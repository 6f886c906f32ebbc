"""The way of what users write or send: to a conversation, or to the open question as its answer.

What went to no conversation is noted, so that an edit of it in Telegram has an effect: what nobody got is sent as it
reads now, an answer is taken again while its question is open.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from typing import Any

from telegram import Message, Update

from bot import messages, photos, replies
from bot.profile import fields
from bot.updates.context import Context
from bot.words import words_of
from domain.dialogs import Handled
from domain.errors import Problem
from domain.geo import coarse

Callback = Callable[..., Coroutine[Any, Any, None]]

DIGEST_BYTES = 8


@dataclass(frozen=True, slots=True)
class Contents:
    """The callbacks that take an answer, by flow: a text, a photo, a location."""

    texts: Mapping[str, Callback]
    photos: Mapping[str, Callback]
    locations: Mapping[str, Callback]
    unsupported: Callback

    async def on_message(self, update: Update, context: Context) -> None:
        """Take a text or a photo that has just come."""
        if update.message is not None:
            await self._take(update, context, update.message)

    async def on_location(self, update: Update, context: Context) -> None:
        """Accept a location only while the location question is open: no unrequested location is stored."""
        message = update.message
        callback = self.locations.get(context.dialog.flow)
        if message is None or message.location is None:
            return
        if callback is None or context.dialog.step != fields.LOCATION:
            await self.unsupported(update, context)
        elif not replies.answers_question(context, message):
            await replies.refuse_reply(context, message)
        else:
            question = context.dialog.question
            await callback(update, context, coarse(message.location.latitude, message.location.longitude))
            await context.note_handled(Handled(message.message_id, question))

    async def take_again(self, update: Update, context: Context, message: Message, before: Handled) -> bool:
        """Take an edited message that went to no conversation; return whether it had an effect or needs none."""
        if before.digest == digest_of(message):
            return True
        if before.question and before.question != context.dialog.question:
            return False
        if not before.is_refused:
            context.replaced_skills = before.skills
        await self._take(update, context, message, is_answer=bool(before.question))
        return True

    async def _take(self, update: Update, context: Context, message: Message, *, is_answer: bool | None = None) -> None:
        """Send a reply to its swap or question; else answer the open question; else treat it as a message.

        `is_answer` says what an edited message was when it came.
        """
        replied = await replies.find_replied_swap(context, message)
        if replied is None and not replies.answers_question(context, message):
            await replies.refuse_reply(context, message)
            return
        has_picture = bool(message.photo or message.document)
        answer = (self.photos if has_picture else self.texts).get(context.dialog.flow)
        if answer is None or replied is not None or is_answer is False:
            await self._as_message(context, message, replied, has_picture=has_picture)
        else:
            await self._as_answer(update, context, message, answer)

    async def _as_message(
        self, context: Context, message: Message, replied: replies.Target | None, *, has_picture: bool
    ) -> None:
        take = messages.on_photo if has_picture else messages.on_text
        refused = Handled(message.message_id, digest=digest_of(message), is_refused=True)
        try:
            is_kept = await take(context, message, replied)
        except Problem:
            await context.note_handled(refused)
            raise
        if is_kept:
            await context.forget_handled(message.message_id)
        else:
            await context.note_handled(refused)

    async def _as_answer(self, update: Update, context: Context, message: Message, answer: Callback) -> None:
        known = set(_skills(context)).difference(context.replaced_skills)
        handled = Handled(message.message_id, context.dialog.question, digest_of(message))
        try:
            if file := message.photo[-1] if message.photo else message.document:
                await answer(update, context, await photos.download_photo(context, file.file_id))
            else:
                await answer(update, context, message.text or "")
        except Problem:
            await context.note_handled(replace(handled, is_refused=True))
            raise
        added = tuple(skill for skill in _skills(context) if skill not in known)
        await context.note_handled(replace(handled, skills=added))


def _skills(context: Context) -> tuple[str, ...]:
    return (*context.user.skills_offered, *context.user.skills_wanted)


def digest_of(message: Message) -> str:
    """Return a digest of the words and the file of a message."""
    file = message.photo[-1] if message.photo else message.document
    content = f"{words_of(message)}\0{file.file_unique_id if file else ''}"
    return hashlib.blake2b(content.encode(errors="surrogatepass"), digest_size=DIGEST_BYTES).hexdigest()
