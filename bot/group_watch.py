"""The watch: asks Telegram whether people are in the members' group, everybody once a day and whoever it is about now.

Runs beside the notifier, only in the process that holds the lease of the update queue. What follows from an answer is
`handlers.group_members`; whose turn it is stands in the store, so that a kill costs one question.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from telegram import Bot
from telegram.error import BadRequest, ChatMigrated, Forbidden, RetryAfter, TelegramError

from bot.delivery.rate_limiter import retry_after_seconds
from bot.group_telegram import approve, is_in_group, link_into, sees_members
from bot.updates.context import BotServices
from domain.community import Community
from handlers.community import move_group, service_name
from handlers.group_looks import GroupCheck, due_group_checks, postpone_look, watched_group
from handlers.group_members import is_to_be_approved, note_look
from handlers.group_sight import note_group_link, note_group_seen, note_group_unseen
from handlers.runtime.background import BackgroundTask, wait_until_set
from handlers.runtime.change_feed import Change
from handlers.runtime.deps import DATABASE_ERRORS, Deps

log = logging.getLogger(__name__)

LOOK_EVERY: Final = 5.0
"""Seconds between two queries for people of whom Telegram is to be asked, when nothing else has woken the watch."""

PACE: Final = 0.2
"""Seconds between two questions: the limits of the Bot API are for messages first."""

SEEN_FOR: Final = 60.0
"""Seconds for which the bot's rights in the group are believed."""

AFTER_FAILURE: Final = 30.0
"""Seconds until the next question while Telegram is away, or the group is not seen."""


class GroupWatch:
    """`wake` has it look at once; `doubt`, too, and its own rights first."""

    def __init__(self, bot: Bot, services: BotServices, holds_lease: asyncio.Event) -> None:
        self._bot = bot
        self._deps: Deps = services.deps
        self._holds_lease = holds_lease
        self._awake = asyncio.Event()
        self._seen: tuple[int, float] | None = None  # group, and when the bot last saw that it may look
        self._is_in_doubt = True
        self._task = BackgroundTask("group watch", self._run)

    def start(self) -> None:
        self._task.start()

    async def stop(self) -> None:
        await self._task.stop()

    def wake(self) -> None:
        self._awake.set()

    def doubt(self) -> None:
        self._is_in_doubt = True
        self._awake.set()

    async def on_change(self, change: Change) -> None:
        """Wake up for another door, and when the clock was moved; called by the change feed."""
        if change.kind in ("community", "lost", "clock"):
            self.wake()

    async def _run(self) -> None:
        while True:
            self._awake.clear()
            await self._holds_lease.wait()
            try:
                pause = await self._look()
            except RetryAfter as error:
                pause = retry_after_seconds(error)
            except TelegramError as error:
                log.warning("the members' group waits: %s", type(error).__name__)
                pause = AFTER_FAILURE
            except DATABASE_ERRORS as error:
                log.warning("the members' group waits for the database: %s", type(error).__name__)
                pause = AFTER_FAILURE
            except Exception:  # a bug must not stop the watch
                log.exception("the members' group waits")
                pause = AFTER_FAILURE
            await wait_until_set(self._awake, pause)

    async def _look(self) -> float:
        """Ask about some people; returns the seconds until there may be others."""
        community = await watched_group(self._deps)
        if community is None or community.group_chat_id is None:
            return LOOK_EVERY
        checks = await due_group_checks(self._deps)
        is_unsure = self._is_in_doubt or community.group_unseen_at is not None
        if not checks and not is_unsure:
            return LOOK_EVERY
        try:
            if not await self._sees(community.group_chat_id):
                return AFTER_FAILURE
            for check in checks:
                await self._look_for(community, community.group_chat_id, check)
                await asyncio.sleep(PACE)
        except ChatMigrated as moved:
            await move_group(self._deps, community.group_chat_id, moved.new_chat_id)
            return 0.0
        return 0.0 if checks else LOOK_EVERY

    async def _sees(self, chat_id: int) -> bool:
        """Return whether the bot may look into the group, and have admins told when that has changed."""
        now = asyncio.get_running_loop().time()
        group, at = self._seen or (0, 0.0)
        if not self._is_in_doubt and group == chat_id and now - at < SEEN_FOR:
            return True
        self._is_in_doubt = False
        try:
            is_seen = await sees_members(self._bot, chat_id)
        except TelegramError:
            self._is_in_doubt = True
            raise
        if is_seen:
            self._seen = (chat_id, now)
            await note_group_seen(self._deps, chat_id)
        else:
            self._seen = None
            await note_group_unseen(self._deps, chat_id)
        return is_seen

    async def _look_for(self, community: Community, chat_id: int, check: GroupCheck) -> None:
        try:
            is_inside = await self._ask(chat_id, check)
            link = await self._link(community, chat_id) if is_inside is False else ""
            await note_look(self._deps, check, is_inside, link=link)
        except (TelegramError, *DATABASE_ERRORS):
            raise
        except Exception:  # one profile must not keep all others waiting
            log.exception("user %s could not be looked after in the members' group", check.user.id)
            await postpone_look(self._deps, check)

    async def _ask(self, chat_id: int, check: GroupCheck) -> bool | None:
        """Return whether somebody is in the group; whoever belongs there and asks to be let in is let in."""
        telegram_id = check.user.telegram_id
        assert telegram_id is not None
        try:
            is_inside = await is_in_group(self._bot, chat_id, telegram_id)
        except (BadRequest, Forbidden):  # about the group: look at the own rights before anybody else
            self._is_in_doubt = True
            raise
        if is_inside is False and await is_to_be_approved(self._deps, check.user):
            return await approve(self._bot, chat_id, telegram_id)
        return is_inside

    async def _link(self, community: Community, chat_id: int) -> str:
        """Return the link into the group, made when it is first needed."""
        if community.group_link:
            return community.group_link
        link = await link_into(self._bot, chat_id, service_name(self._deps))
        if link:
            await note_group_link(self._deps, chat_id, link)
        return link
