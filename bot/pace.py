"""How fast the bot may send: what Telegram puts up with, kept from our side so that it never has to say so."""

from __future__ import annotations

import asyncio
import warnings
from collections import OrderedDict
from datetime import timedelta

from telegram.error import RetryAfter
from telegram.warnings import PTBDeprecationWarning

EVERYWHERE_EVERY = 1 / 25
"""Seconds between two sends, whoever they are for."""

IN_CHAT_EVERY = 1.0
IN_CHAT_BURST = 3
"""A chat takes this many at once, then one every `IN_CHAT_EVERY` seconds."""

MAX_CHATS = 10_000


class Pace:
    """Turns are given out in the order in which they are asked for; each waits for its own."""

    def __init__(self) -> None:
        self._next_turn = 0.0
        self._rested: OrderedDict[int, float] = OrderedDict()

    async def wait(self, chat_id: int) -> None:
        """Return when the next send to this chat may go out."""
        now = asyncio.get_running_loop().time()
        rested = self._rested.pop(chat_id, 0.0)
        turn = max(now, self._next_turn, rested - (IN_CHAT_BURST - 1) * IN_CHAT_EVERY)
        self._next_turn = max(now, self._next_turn) + EVERYWHERE_EVERY
        self._rested[chat_id] = max(turn, rested) + IN_CHAT_EVERY
        if len(self._rested) > MAX_CHATS:
            self._rested.popitem(last=False)
        if turn > now:
            await asyncio.sleep(turn - now)


def pause_asked_for(error: RetryAfter) -> float:
    """The seconds Telegram asks us to wait. The library gives a number today and will give a timedelta."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PTBDeprecationWarning)
        pause: object = error.retry_after
    return pause.total_seconds() if isinstance(pause, timedelta) else float(str(pause))
