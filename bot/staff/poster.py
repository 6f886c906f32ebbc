"""The poster: writes cards for moderators into their group, or into the private chat of each, and keeps them current.

Cards are claimed one at a time, and only by the process that holds the lease of the update queue. A crash between
sending a card and noting where it is may send it twice; none is lost.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import datetime

from telegram import Bot
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter, TelegramError

from bot.delivery.rate_limiter import RateLimiter, retry_after_seconds
from bot.staff.kinds import KINDS
from bot.staff.wording import Card, CardKind
from bot.updates.context import BotServices
from bot.views.screens import Screen, edit_screen, send_screen
from domain.staff_cards import CardCopy, StaffCard
from domain.users import ACTIVE, ADMIN, PAUSED, User
from handlers.auth.roles import list_staff
from handlers.runtime.background import BackgroundTask, wait_until_set
from handlers.runtime.change_feed import Change
from handlers.runtime.deps import DATABASE_ERRORS, Deps
from handlers.runtime.texts import Texts
from handlers.staff_cards import (
    claim_staff_card,
    drop_card_copy,
    find_staff_card,
    finish_staff_card,
    next_staff_card_due,
    put_card_copy,
    release_staff_cards,
    retry_staff_card,
)
from handlers.staff_group import find_staff_group, forget_staff_group, forget_staff_topic, move_staff_group

log = logging.getLogger(__name__)

SWEEP_EVERY = 30.0
MIN_WAIT = 0.3
WRITE_WITHIN = 50.0
"""Seconds for all copies of a card: less than its lease."""

AFTER_FAILURE = 1.0
TOKEN_PAUSE = 60.0
TOPIC_GONE = ("message thread not found", "topic_closed", "topic_deleted")
NO_RIGHTS = ("not enough rights", "chat_write_forbidden", "have no rights")


@dataclass(frozen=True, slots=True)
class Place:
    """A chat for a copy of a card: the group's, or that of a moderator."""

    chat_id: int
    texts: Texts
    viewer: User | None = None
    thread_id: int | None = None


class StaffPoster:
    """Runs beside the notifier. `wake` has it look for due cards at once."""

    def __init__(self, bot: Bot, services: BotServices, rate_limiter: RateLimiter, holds_lease: asyncio.Event) -> None:
        self._bot = bot
        self._deps: Deps = services.deps
        self._rate_limiter = rate_limiter
        self._holds_lease = holds_lease
        self._awake = asyncio.Event()
        self._task = BackgroundTask("staff cards", self._run)

    def start(self) -> None:
        self._task.start()

    async def stop(self) -> None:
        await self._task.stop()

    async def on_change(self, change: Change) -> None:
        """Wake up for a card that is to be written; called by the change feed."""
        if change.kind in ("staff_card", "lost", "clock"):
            self._awake.set()

    async def _run(self) -> None:
        is_released = False
        while True:
            self._awake.clear()
            try:
                if not self._holds_lease.is_set():
                    is_released = False
                    await self._holds_lease.wait()
                if not is_released:  # cards that a killed process has claimed do not wait for the end of their lease
                    await release_staff_cards(self._deps)
                    is_released = True
                while (card := await claim_staff_card(self._deps)) is not None:
                    await self._try(card)
                pause = await self._until_due()
            except DATABASE_ERRORS as error:
                log.warning("staff cards wait: %s", type(error).__name__)
                pause = AFTER_FAILURE
            except Exception:  # a bug must not stop the poster
                log.exception("staff cards wait")
                pause = AFTER_FAILURE
            await wait_until_set(self._awake, pause)

    async def _until_due(self) -> float:
        due_at = await next_staff_card_due(self._deps)
        if due_at is None:
            return SWEEP_EVERY
        return min(SWEEP_EVERY, max(MIN_WAIT, (due_at - self._deps.now()).total_seconds()))

    async def _try(self, card: StaffCard) -> None:
        try:
            async with asyncio.timeout(WRITE_WITHIN):
                is_open, names, until = await self._write(card)
            await finish_staff_card(self._deps, card, is_open=is_open, names=names, until=until)
        except asyncio.CancelledError:
            await retry_staff_card(self._deps, card, seconds=0)
            raise
        except RetryAfter as error:
            await retry_staff_card(self._deps, card, seconds=retry_after_seconds(error))
        except InvalidToken:
            await retry_staff_card(self._deps, card, seconds=TOKEN_PAUSE)
        except (TelegramError, TimeoutError) as error:
            log.warning("staff card %s waits: %s", card.id, type(error).__name__)
            await retry_staff_card(self._deps, card)
        except DATABASE_ERRORS:
            raise
        except Exception:
            log.exception("staff card %s failed", card.id)
            await retry_staff_card(self._deps, card)

    async def _write(self, card: StaffCard) -> tuple[bool, frozenset[str], datetime | None]:
        """Write the card wherever it belongs now. Returns whether there is something left to decide, whom it names, and
        when it is to be written anew."""
        kind = KINDS.get(card.kind)
        if kind is None:  # of another version of the service
            log.warning("staff card %s is of an unknown kind", card.id)
            return False, frozenset(), None
        places = await self._places(kind, card.subject)
        is_open, names, until = False, frozenset[str](), None
        for place in places:
            worded = await kind.word(self._deps, place.texts, card.subject, place.viewer)
            if worded is not None:
                is_open, names, until = is_open or worded.is_open, names | worded.names, worded.until
            await self._write_at(place, card, worded)
        await self._leave_others(card, {place.chat_id for place in places})
        return is_open or not places, names, until

    async def _places(self, kind: CardKind, subject: str) -> list[Place]:
        """Return the group's chat, or the chats of all who may decide: those involved see nothing of it."""
        involved = await kind.involved(self._deps, subject)
        staff = [
            person
            for person in await list_staff(self._deps)
            if person.status in (ACTIVE, PAUSED) and person.is_moderator
        ]
        group = await find_staff_group(self._deps)
        if group is not None and not kind.for_admins and not any(person.id in involved for person in staff):
            return [Place(group.chat_id, self._deps.texts[group.locale], thread_id=group.thread_id)]
        return [
            Place(person.telegram_id, self._deps.texts[person.locale], person)
            for person in staff
            if person.telegram_id is not None
            and person.telegram_reachable
            and person.id not in involved
            and (person.role == ADMIN or not kind.for_admins)
        ]

    async def _write_at(self, place: Place, card: StaffCard, worded: Card | None) -> None:
        copy = card.copy_in(place.chat_id)
        if worded is None:
            if copy is not None:
                await self._strip(card, copy)
            return
        try:
            if copy is not None and await self._edit(place, copy, worded.screen):
                await put_card_copy(self._deps, card, replace(copy, version=card.version))
            elif worded.is_open:
                await self._send(place, card, worded)
        except ChatMigrated as moved:
            await move_staff_group(self._deps, place.chat_id, moved.new_chat_id)
            raise
        except Forbidden:
            if place.viewer is None:
                await self._lose_group(place.chat_id)
                raise
        except BadRequest as error:
            await self._on_refusal(place, error)

    async def _edit(self, place: Place, copy: CardCopy, screen: Screen) -> bool:
        await self._wait(place.chat_id)
        return await edit_screen(self._bot, self._deps, copy.chat_id, copy.message_id, screen, had_photo=copy.has_photo)

    async def _send(self, place: Place, card: StaffCard, worded: Card) -> None:
        await self._wait(place.chat_id)
        kind, _, subject = worded.below.partition(":")
        above = await find_staff_card(self._deps, kind, subject) if worded.below else None
        answered = above.copy_in(place.chat_id) if above is not None else None
        message = await send_screen(
            self._bot,
            self._deps,
            place.chat_id,
            worded.screen,
            thread_id=place.thread_id,
            reply_to=answered.message_id if answered is not None else None,
        )
        user_id = place.viewer.id if place.viewer is not None else ""
        copy = CardCopy(place.chat_id, message.message_id, user_id, card.version, bool(message.photo))
        await put_card_copy(self._deps, card, copy)

    async def _wait(self, chat_id: int) -> None:
        if chat_id < 0 and (pause := self._rate_limiter.group_delay(chat_id)) > 0:
            raise RetryAfter(max(1, round(pause)))
        await self._rate_limiter.wait(chat_id)

    async def _on_refusal(self, place: Place, error: BadRequest) -> None:
        """Find another place when the group's topic is gone, or the bot may not write in the group any more."""
        reason = error.message.casefold()
        if place.viewer is None and place.thread_id is not None and any(words in reason for words in TOPIC_GONE):
            await forget_staff_topic(self._deps, place.chat_id)
            raise error
        if place.viewer is None and ("chat not found" in reason or any(words in reason for words in NO_RIGHTS)):
            await self._lose_group(place.chat_id)
            raise error
        if place.viewer is None or "chat not found" not in reason:
            raise error

    async def _lose_group(self, chat_id: int) -> None:
        log.warning("the moderators' group cannot be written to: cards go to each moderator")
        await forget_staff_group(self._deps, chat_id)

    async def _leave_others(self, card: StaffCard, chats: set[int]) -> None:
        """Take the buttons off copies in chats where the card does not belong any more."""
        for copy in card.copies:
            if copy.chat_id not in chats:
                await self._strip(card, copy)

    async def _strip(self, card: StaffCard, copy: CardCopy) -> None:
        try:
            await self._bot.edit_message_reply_markup(copy.chat_id, copy.message_id, reply_markup=None)
        except (BadRequest, Forbidden, ChatMigrated):
            log.info("a copy of staff card %s stays as it is", card.id)
        await drop_card_copy(self._deps, card, copy.chat_id)
