"""The way of what users write or send: to a conversation, or to the open question as its answer.

What went to no conversation is noted, so that an edit of it in Telegram has an effect: what nobody got is sent as it
reads now, an answer is taken again while its question is open.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from typing import Any

from telegram import Message, Update

from bot import albums, messages, organisers, photos, replies
from bot.attachments import attachment_of, is_picture
from bot.errors import waits_its_turn
from bot.profile import fields
from bot.updates.context import Context
from bot.updates.refusals import end_refused
from bot.words import words_of
from domain.albums import ON_HOLD, TO_NOBODY, TO_QUESTION, TO_SWAP, Album
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

    async def on_message(self, update: Update, context: Context) -> None:
        """Take what has just come: a text, a photo, or anything else that can be passed on.

        Of an album, all that is refused gets one answer.
        """
        message = update.message
        if message is None:
            return
        try:
            await self._take(update, context, message)
        except Problem as problem:
            if message.media_group_id is None or waits_its_turn(update, problem, context.deps):
                raise
            await albums.refuse(context, message, problem)

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

        A further photo of an album goes where the first one went. `is_answer` says what an edited message was when it
        came.
        """
        album = albums.earlier_part(context, message) if is_answer is None else None
        if album is not None and not album.may_answer(context.dialog.question):
            await self._as_further(context, message, album)
            return
        replied = await replies.find_replied_swap(context, message)
        if replied is None and await organisers.is_reply_to_letter(context, message):
            await organisers.take_reply(context, message)
            return
        if replied is None and not replies.answers_question(context, message):
            await albums.set_place(context, message, TO_NOBODY)
            await replies.refuse_reply(context, message)
            return
        answer = self._answer_for(context, message)
        if answer is None or replied is not None or is_answer is False:
            await self._as_message(context, message, replied)
        else:
            await self._as_answer(update, context, message, answer)

    def _answer_for(self, context: Context, message: Message) -> Callback | None:
        """Return the callback that takes this kind of content as the answer to the open question."""
        flow = context.dialog.flow
        if is_picture(message):
            return self.photos.get(flow)
        if message.location is not None:
            return self.locations.get(flow) if context.dialog.step == fields.LOCATION else None
        return self.texts.get(flow) if message.text else None

    async def _as_message(self, context: Context, message: Message, replied: replies.Target | None) -> None:
        take = messages.on_text if message.text else messages.on_media
        await self._noting(context, message, take(context, message, replied))

    async def _as_further(self, context: Context, message: Message, album: Album) -> None:
        if album.place in (TO_SWAP, ON_HOLD):
            await self._noting(context, message, messages.on_further_part(context, message, album))
        else:
            await context.note_handled(Handled(message.message_id, album.question, digest_of(message)))
            await albums.leave_out(context, message, album)

    async def _noting(self, context: Context, message: Message, taking: Awaitable[bool]) -> None:
        """Take a message, and note it when nobody gets it."""
        refused = Handled(message.message_id, digest=digest_of(message), is_refused=True)
        try:
            is_kept = await taking
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
        await albums.set_place(context, message, TO_QUESTION, question=context.dialog.question)
        photo_url, flow = context.user.photo_url, context.dialog.flow
        try:
            if file := message.photo[-1] if message.photo else message.document:
                await answer(update, context, await photos.download_photo(context, file.file_id))
            elif message.location is not None:
                await answer(update, context, coarse(message.location.latitude, message.location.longitude))
            else:
                await answer(update, context, message.text or "")
        except Problem as problem:
            await context.note_handled(replace(handled, is_refused=True))
            await end_refused(context, flow, problem)
            raise
        await albums.note_answered(context, message, has_taken=context.user.photo_url != photo_url)
        added = tuple(skill for skill in _skills(context) if skill not in known)
        await context.note_handled(replace(handled, skills=added))


def _skills(context: Context) -> tuple[str, ...]:
    return (*context.user.skills_offered, *context.user.skills_wanted)


def digest_of(message: Message) -> str:
    """Return a digest of the words and the file of a message."""
    attachment = attachment_of(message)
    file = message.photo[-1] if message.photo else message.document
    unique_id = attachment.unique_id if attachment is not None else file.file_unique_id if file is not None else ""
    content = f"{words_of(message)}\0{unique_id}"
    return hashlib.blake2b(content.encode(errors="surrogatepass"), digest_size=DIGEST_BYTES).hexdigest()
