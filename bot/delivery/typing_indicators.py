"""Typing indicators: shows partners in Telegram that a user is typing on the web."""

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
"""Upper bound of concurrent sends; one more is dropped, as the next follows in a few seconds."""

WITHIN = 5.0
"""Time limit in seconds: a later indicator would be out of date."""


class TypingIndicators:
    """Sends typing indicators in the background; a lost one does no harm."""

    def __init__(self, bot: Bot, deps: Deps) -> None:
        self._bot = bot
        self._deps = deps
        self._tasks: set[asyncio.Task[None]] = set()

    async def on_change(self, change: Change) -> None:
        """Handle a change; called by the change feed."""
        if change.typing is not None and len(self._tasks) < AT_ONCE:
            task = asyncio.create_task(self._send(change.typing), name="typing indicator")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _send(self, typing: Typing) -> None:
        try:
            async with asyncio.timeout(WITHIN):
                for person in await readers_in_telegram(self._deps, typing):
                    assert person.telegram_id is not None
                    await self._bot.send_chat_action(person.telegram_id, ChatAction.TYPING)
        except (TelegramError, TimeoutError, *DATABASE_ERRORS) as error:
            log.info("a typing indicator was dropped: %s", type(error).__name__)
