"""How fast the bot may speak: what Telegram puts up with, kept from our side so that it seldom has to say so.

Every call of the bot passes here, its answers as well as what it relays: a chat has one pace, whoever speaks. A chat
that Telegram has asked to leave alone gets nothing until then; whoever wants to send there is told when to come back.
"""

from __future__ import annotations

import asyncio
import logging
import math
import warnings
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter
from telegram.warnings import PTBDeprecationWarning

log = logging.getLogger(__name__)

EVERYWHERE_EVERY = 1 / 25
"""Seconds between two calls, whoever they are for."""

IN_CHAT_EVERY = 1.0
RELAY_BURST = 3
"""A chat at rest takes this many relayed messages at once, then one every `IN_CHAT_EVERY` seconds."""

ANSWER_BURST = 10
"""Answers may come closer together: nobody presses buttons faster than that for long."""

FLOOD_WINDOW = 10.0
"""Seconds: two chats refused within this time, and everybody pauses."""

MAX_CHATS = 10_000

MESSAGES = ("send", "copy", "forward")
"""How the calls begin that put a new message into a chat; changing one that is there costs none of its turns."""

SIGNS = ("sendChatAction", "setMessageReaction")
"""These put nothing into a chat, and nothing hangs on them."""

MAX_LINE = 0.25
"""Seconds: while the calls that wait for their turn need longer than this, signs are left out. After an outage that is
half of all there is to say."""

Call = Callable[..., Coroutine[Any, Any, Any]]


class RateLimiter(BaseRateLimiter[None]):
    """Turns are given out in the order in which they are asked for; each waits for its own."""

    def __init__(self) -> None:
        self._next_turn = 0.0
        self._rested: OrderedDict[int, float] = OrderedDict()  # chat -> when it is at rest again
        self._paused: OrderedDict[int, float] = OrderedDict()  # chat -> when Telegram takes the next message there
        self._everybody_paused = 0.0
        self._refused: tuple[int, float] | None = None  # the chat refused last, and when

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    async def process_request(
        self,
        callback: Call,
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: None,
    ) -> Any:
        """Make the call when its turn has come. Raises RetryAfter at once while the chat is to be left alone."""
        chat_id = data.get("chat_id")
        if not isinstance(chat_id, int):  # the answer to a press, the menu: bound to no chat
            return await callback(*args, **kwargs)
        if endpoint in SIGNS and self._next_turn - _now() > MAX_LINE:
            return False
        await self._turn(chat_id, is_message=endpoint.startswith(MESSAGES) and endpoint not in SIGNS)
        try:
            return await callback(*args, **kwargs)
        except RetryAfter as error:
            self._pause(chat_id, pause_asked_for(error))
            raise

    async def wait(self, chat_id: int) -> None:
        """Return when a relayed message may go to this chat: answers come first. Raises RetryAfter while it pauses."""
        self._require_open(chat_id)
        early = self.seconds_until_rest(chat_id)
        if early > 0:
            await asyncio.sleep(early)

    def seconds_until_rest(self, chat_id: int) -> float:
        """How long a relayed message for this chat would have to wait; 0 when it may go."""
        return max(0.0, self._rested.get(chat_id, 0.0) - (RELAY_BURST - 1) * IN_CHAT_EVERY - _now())

    def pause_of_everybody(self) -> float:
        """For how many seconds Telegram wants to hear nothing at all."""
        return max(0.0, self._everybody_paused - _now())

    async def _turn(self, chat_id: int, *, is_message: bool) -> None:
        self._require_open(chat_id)
        now = _now()
        turn = max(now, self._next_turn)
        self._next_turn = turn + EVERYWHERE_EVERY
        if is_message:
            rested = self._rested.pop(chat_id, 0.0)
            turn = max(turn, rested - (ANSWER_BURST - 1) * IN_CHAT_EVERY)
            self._rested[chat_id] = max(turn, rested) + IN_CHAT_EVERY
            if len(self._rested) > MAX_CHATS:
                self._rested.popitem(last=False)
        if turn > now:
            await asyncio.sleep(turn - now)
            self._require_open(chat_id)

    def _require_open(self, chat_id: int) -> None:
        left = max(self._paused.get(chat_id, 0.0), self._everybody_paused) - _now()
        if left > 0:
            raise RetryAfter(math.ceil(left))
        self._paused.pop(chat_id, None)

    def _pause(self, chat_id: int, seconds: float) -> None:
        """Telegram asks for a pause: this chat gets it; everybody does, when another one has been refused just now."""
        now = _now()
        self._paused[chat_id] = now + seconds
        if len(self._paused) > MAX_CHATS:
            self._paused.popitem(last=False)
        if self._refused is not None and self._refused[0] != chat_id and now - self._refused[1] <= FLOOD_WINDOW:
            self._everybody_paused = max(self._everybody_paused, now + seconds)
        self._refused = (chat_id, now)
        log.warning("Telegram asks for a pause of %.0f s", seconds)


def _now() -> float:
    return asyncio.get_running_loop().time()


def pause_asked_for(error: RetryAfter) -> float:
    """The seconds Telegram asks us to wait. The library gives a number today and will give a timedelta."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PTBDeprecationWarning)
        pause: object = error.retry_after
    return pause.total_seconds() if isinstance(pause, timedelta) else float(str(pause))
