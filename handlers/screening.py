"""Screening of newcomers' first words, see `domain.screening`: what waits, for whom, and until when."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from babel.core import get_global

from domain.cases import NOTES, WORDS
from domain.contacts import contact_in
from domain.errors import Conflict, NotFound, TooMany
from domain.messages import WEB, Message
from domain.near_equal import are_too_many
from domain.screening import (
    DROPPED,
    EDIT,
    MAX_WAITING,
    MESSAGE,
    NOTE,
    RELEASED,
    REQUEST,
    SCREENED_FOR,
    SHOWN_AFTER,
    WAITING,
    ScreenedWords,
    is_newcomer,
    partners_of,
    screened,
)
from domain.staff_cards import CASE
from domain.swaps import Swap
from domain.talks import MAX_UNANSWERED, is_counted, require_answered
from domain.users import User
from handlers.cases import open_case
from handlers.runtime.deps import Deps
from handlers.screened_words import settle
from handlers.staff_cards import show_staff_card
from storage.mongodb.database import new_id

RETRY_AFTER: Final = 3600


async def screen_request(deps: Deps, actor: User, swap: Swap) -> tuple[Swap, ScreenedWords | None]:
    """Return a new request as it is to be stored, and its words if they wait for a moderator's look."""
    if not await _waits(deps, actor, swap.message, swap.to_user_id):
        return swap, None
    await _require_room(deps, actor)
    words = _words(deps, actor, swap, REQUEST, swap.message, f"request.{swap.id}", swap.created_at)
    return screened(swap, swap.created_at), await deps.store.screening.insert(words)


async def is_note_screened(deps: Deps, actor: User, swap: Swap, note: str) -> bool:
    """Return whether the note of a counter-offer waits: the offer is made without it, and it follows as a message."""
    return not swap.has_run and await _waits(deps, actor, note, partners_of(swap, actor.id)[0])


async def keep_note(deps: Deps, actor: User, swap: Swap, note: str, at: datetime) -> ScreenedWords:
    """Keep the note of a counter-offer that is made at this time. Raises TooMany."""
    await _require_room(deps, actor)
    client_id = f"note.{swap.id}.{swap.version + 1}"
    to = partners_of(swap, actor.id)[0]
    message = Message(new_id(), swap.id, 0, actor.id, to, note, client_id, WEB, at, is_screened=True)
    words = replace(_words(deps, actor, swap, NOTE, note, client_id, at), message=message)
    return await deps.store.screening.insert(words)


async def forget_words(deps: Deps, words: ScreenedWords | None) -> None:
    """Remove words of a request or an offer that was not made."""
    if words is not None:
        await deps.store.screening.remove(words.id)


async def screen_message(deps: Deps, actor: User, swap: Swap, message: Message) -> Message | None:
    """Keep a message back that has to wait; None for one that may go at once. What its author writes in the same
    conversation waits behind it. A repeated client id returns the first one.

    Raises TooMany, Conflict (the other one has to answer first, or the client id has another text).
    """
    if swap.has_run or not is_newcomer(actor, deps.now()):
        return None
    known = await deps.store.screening.find(actor.id, message.client_id)
    if known is None:
        waiting = await _waiting_in(deps, actor, swap)
        if not waiting and not await _waits(deps, actor, message.message, message.to_user_id):
            return None
        await _require_room(deps, actor)
        if is_counted(swap, actor.id):
            last = await deps.store.messages.list_last(swap.id, limit=MAX_UNANSWERED)
            behind = [one.message for one in waiting if one.message is not None and one.kind == MESSAGE]
            require_answered(swap, actor.id, [*last, *behind][-MAX_UNANSWERED:])
        words = _words(deps, actor, swap, MESSAGE, message.message, message.client_id, message.created_at)
        known = await _keep(deps, replace(words, message=replace(message, is_screened=True)))
    if known.message is None or not known.message.says_the_same(message):
        raise Conflict("message.client_id_reused")
    if known.state not in (WAITING, RELEASED):
        raise Conflict("words.decided")  # taken back, or refused: sent again they are other words
    return known.message


async def screen_edit(deps: Deps, actor: User, swap: Swap, before: Message, after: Message) -> Message | None:
    """Keep the new text of a message back; None for one that may be shown at once. Until then the old one stands."""
    if swap.has_run or not is_newcomer(actor, deps.now()):
        return None
    same = [one for one in await _waiting_in(deps, actor, swap) if one.kind == EDIT]
    same = [one for one in same if one.message is not None and one.message.id == before.id]
    if not same and not await _waits(deps, actor, after.message, after.to_user_id):
        return None
    await _require_room(deps, actor)
    client_id = f"edit.{before.id}.{new_id()}"
    words = _words(deps, actor, swap, EDIT, after.message, client_id, deps.now())
    kept = await _keep(deps, replace(words, message=replace(after, is_screened=True)))
    return kept.message


async def end_screening(deps: Deps, swap: Swap, state: str) -> None:
    """End the wait of a request that was taken back, or answered by a request for the same."""
    if swap.screened_at is None:
        return
    words = await deps.store.screening.find(swap.from_user_id, f"request.{swap.id}")
    if words is not None and words.state == WAITING:
        after = replace(words.decided(state, by="", at=deps.now()), settle_at=None)
        await deps.store.screening.replace(words, after)
        await _show_case(deps, words.by)


async def list_waiting_words(deps: Deps, actor: User) -> list[ScreenedWords]:
    """Return the actor's words that wait for a moderator's look, oldest first."""
    return await deps.store.screening.list_waiting(actor.id, limit=MAX_WAITING + 1)


async def find_waiting(deps: Deps, actor: User, client_id: str) -> ScreenedWords | None:
    """Return a message of the actor's that waits, by its client id."""
    words = await deps.store.screening.find(actor.id, client_id)
    return words if words is not None and words.state == WAITING else None


async def change_waiting(deps: Deps, words: ScreenedWords, text: str) -> None:
    """Give words that wait another text: they go on waiting, and a moderator sees the new one. Raises Conflict."""
    if words.message is None or words.text == text:
        return
    after = replace(words, text=text, message=replace(words.message, message=text), is_shown=False)
    if not await deps.store.screening.replace(words, after):
        raise Conflict("words.decided")
    await show_words(deps, after)


async def take_back_waiting(deps: Deps, actor: User, words_id: str) -> None:
    """Take words back before anybody but a moderator has seen them; a request is withdrawn instead. Raises NotFound."""
    waiting = await deps.store.screening.list_waiting(actor.id, limit=MAX_WAITING + 1)
    words = next((one for one in waiting if one.id == words_id and one.kind != REQUEST), None)
    if words is None:
        raise NotFound("words.not_found")
    dropped = replace(words.decided(DROPPED, by=actor.id, at=deps.now()), settle_at=None)
    if not await deps.store.screening.replace(words, dropped):
        raise NotFound("words.not_found")
    await _show_case(deps, actor.id)


async def settle_due_words(deps: Deps) -> int:
    """Let through what nobody has looked at in time, carry out what was decided, and open the cases that are missing.
    A job: it may run twice at the same time and be killed at any point. Returns how many words."""
    missing = await deps.store.screening.list_not_shown(before=deps.now() - SHOWN_AFTER)
    for words in missing:
        if words.kind == REQUEST and await deps.store.swaps.find(words.swap_id) is None:
            await forget_words(deps, words)  # the process died before the request was made
        else:
            await show_words(deps, words)
    due = await deps.store.screening.list_due(deps.now())
    for words in due:
        await settle(deps, words)
    for writer in {words.by for words in due if words.state == WAITING}:
        await _show_case(deps, writer)
    return len(missing) + len(due)


async def next_words_due(deps: Deps) -> datetime | None:
    """Return when `settle_due_words` has work again, as far as the store knows."""
    return await deps.store.screening.next_due()


async def note_near_equal(deps: Deps, actor: User, note: str) -> None:
    """Open a case when a newcomer has sent nearly the same note to many people."""
    now = deps.now()
    if not note or not is_newcomer(actor, now):
        return
    if not are_too_many(note, await deps.store.requests.last_notes(actor.id, at=now)):
        return
    case = await deps.store.cases.find_open(actor.id)
    if case is None or NOTES not in case.kinds:
        await open_case(deps, about=actor.id, kind=NOTES)


async def show_words(deps: Deps, words: ScreenedWords | None) -> None:
    """Show words that wait to the moderators."""
    if words is not None:
        await open_case(deps, about=words.by, kind=WORDS)
        await deps.store.screening.note_shown(words.id)


async def _keep(deps: Deps, words: ScreenedWords) -> ScreenedWords:
    kept = await deps.store.screening.insert(words)
    if kept.id == words.id:
        await show_words(deps, kept)
    return kept


def _words(deps: Deps, actor: User, swap: Swap, kind: str, text: str, client_id: str, at: datetime) -> ScreenedWords:
    to = next(person for person in (swap.from_user_id, swap.to_user_id) if person != actor.id)
    return ScreenedWords(new_id(), actor.id, to, swap.id, kind, text, at, client_id, deps.now() + SCREENED_FOR)


async def _waiting_in(deps: Deps, actor: User, swap: Swap) -> Sequence[ScreenedWords]:
    waiting = await deps.store.screening.list_waiting(actor.id, limit=MAX_WAITING + 1)
    return [one for one in waiting if one.swap_id == swap.id]


async def _waits(deps: Deps, actor: User, text: str, reader_id: str) -> bool:
    """Return whether words of the actor wait for a moderator's look."""
    if not text or not is_newcomer(actor, deps.now()):
        return False
    reader = await deps.store.users.find(reader_id)
    regions = [region for region in map(_region, (actor, reader)) if region]
    return await asyncio.to_thread(contact_in, text, regions) is not None


def _region(person: User | None) -> str:
    """Return the country of somebody's time zone; "" for none."""
    return get_global("zone_territories").get(person.timezone or "", "") if person is not None else ""


async def _require_room(deps: Deps, actor: User) -> None:
    waiting = await deps.store.screening.list_waiting(actor.id, limit=MAX_WAITING + 1)
    if len(waiting) >= MAX_WAITING:
        raise TooMany("words.too_many", limit=MAX_WAITING, retry_after=RETRY_AFTER)


async def _show_case(deps: Deps, writer_id: str) -> None:
    case = await deps.store.cases.find_open(writer_id)
    if case is not None:
        await show_staff_card(deps, CASE, case.id)
