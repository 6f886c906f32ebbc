"""Albums: all photos of one go where the first went, and its sender gets one answer about all that were refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from telegram import Message
from telegram.error import BadRequest

from bot.errors import problem_text
from bot.replies import answers_question
from bot.updates.context import Context
from bot.views.screens import Screen, edit_text, is_unchanged, show
from domain.albums import TO_NOBODY, UNDECIDED, Album
from domain.errors import Problem
from handlers.runtime.texts import Html


def find_album(context: Context, message: Message) -> Album | None:
    """Return what is known of the album of a message."""
    return context.dialog.album(message.media_group_id)


def earlier_part(context: Context, message: Message) -> Album | None:
    """Return the album of a message if another photo of it came before, whose way this one takes."""
    album = find_album(context, message)
    return album if album is not None and album.place != UNDECIDED and album.first_id != message.message_id else None


async def set_place(context: Context, message: Message, place: str, **fields: Any) -> None:
    """Note where the first photo of an album goes, before it goes there: the others follow also after a crash."""
    if message.media_group_id is None:
        return
    album = find_album(context, message) or Album(message.media_group_id, message.message_id)
    if album.place == UNDECIDED:
        await context.note_album(replace(album, place=place, first_id=message.message_id, **fields))


async def note_answered(context: Context, message: Message, *, has_taken: bool) -> None:
    """Note that a photo of an album was the answer to a question. `has_taken`: it was kept."""
    album = find_album(context, message)
    if album is not None:
        await context.note_album(replace(album, is_answered=True, taken=album.taken + has_taken))


async def leave_out(context: Context, message: Message, album: Album) -> None:
    """Send a photo to nobody, as one of its album was the answer, or all of it had no receiver. Said once."""
    if album.place == TO_NOBODY or album.is_told:
        return
    if album.is_answered and not album.taken:
        return  # the question has said that it is not about photos
    key = "rest" if album.refused and not album.taken else "only_one"
    await show(context, Screen(context.texts(f"album.{key}")), reply_to=message.message_id)
    await context.note_album(replace(album, is_told=True))


async def refuse(context: Context, message: Message, problem: Problem) -> None:
    """Answer why a photo of an album was refused."""
    await refuse_with(context, message, problem.code, problem_text(context.texts, problem))


async def refuse_with(context: Context, message: Message, code: str, reason: str) -> None:
    """Answer which photos of an album were refused: the first time in a reply, then by editing it."""
    known = find_album(context, message) or Album(str(message.media_group_id), message.message_id)
    album = known.with_refusal(code, reason)
    texts = context.texts
    lines = [texts("album.refused", n=sum(one.count for one in album.refused))]
    lines += [texts("album.reason", text=one.text, n=one.count) for one in album.refused]
    screen = Screen(Html("\n".join(lines)))
    if album.told_in is None or not await _is_edited(context, message.chat_id, album.told_in, screen):
        shown = await show(context, screen, reply_to=message.message_id)
        album = replace(album, told_in=shown.message_id)
        if answers_question(context, message):
            await context.note_question(shown.message_id)  # so that the better answer may reply to this
    await context.note_album(album)


async def _is_edited(context: Context, chat_id: int, message_id: int, screen: Screen) -> bool:
    try:
        await edit_text(context.bot, chat_id, message_id, screen)
    except BadRequest as error:
        return is_unchanged(error)
    return True
