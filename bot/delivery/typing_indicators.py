"""Somebody writes on the web: whoever talks to them in Telegram sees it there."""

from __future__ import annotations

import asyncio
import logging

from telegram import Bot
from telegram.constants import ChatAction
from telegram.error import TelegramError

from domain.reads import Typing
from handlers.presence import readers_in_telegram
from handlers.runtime.change_feed import Change
from handlers.runtime.deps import DATABASE_ERRORS, Deps

log = logging.getLogger(__name__)

AT_ONCE = 20
"""Signs that are being passed on; one more is left out, for the next comes in a few seconds."""

WITHIN = 5.0
"""Seconds: what is later shows nothing true any more."""


class TypingSigns:
    """Passes signs on beside everything else; nothing hangs on one that is lost."""

    def __init__(self, bot: Bot, deps: Deps) -> None:
        self._bot = bot
        self._deps = deps
        self._tasks: set[asyncio.Task[None]] = set()

    async def on_change(self, change: Change) -> None:
        """For the change feed."""
        if change.typing is not None and len(self._tasks) < AT_ONCE:
            task = asyncio.create_task(self._pass_on(change.typing), name="typing sign")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _pass_on(self, typing: Typing) -> None:
        try:
            async with asyncio.timeout(WITHIN):
                for person in await readers_in_telegram(self._deps, typing):
                    assert person.telegram_id is not None
                    await self._bot.send_chat_action(person.telegram_id, ChatAction.TYPING)
        except (TelegramError, TimeoutError, *DATABASE_ERRORS) as error:
            log.info("a typing sign is lost: %s", type(error).__name__)
