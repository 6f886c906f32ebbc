"""Rate limiter for calls of the Bot API, which keeps within Telegram's limits so that 429 responses stay rare.

All calls pass through it, replies and relayed messages alike: they share the limit of a chat. A call to a chat that
Telegram has paused raises RetryAfter with the remaining seconds.
"""

from __future__ import annotations

import asyncio
import logging
import math
import warnings
from collections import OrderedDict, deque
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter
from telegram.warnings import PTBDeprecationWarning

log = logging.getLogger(__name__)

GLOBAL_INTERVAL = 1 / 25
"""Seconds between two calls to any chats."""

CHAT_INTERVAL = 1.0
RELAY_BURST = 3
"""Relayed messages that an idle chat takes at once; further ones follow every `CHAT_INTERVAL` seconds."""

REPLY_BURST = 10
"""Replies that an idle chat takes at once: more than relayed messages, as users press buttons faster, but not for
long."""

FLOOD_WINDOW = 10.0
"""Seconds: two chats refused within this time pause all chats."""

MAX_CHATS = 10_000

MESSAGE_METHODS = ("send", "copy", "forward")
"""Prefixes of methods that send a new message to a chat; edits do not count towards its limit."""

CHAT_ACTIONS = ("sendChatAction", "setMessageReaction")
"""Methods that send no message and may be dropped."""

GROUP_LIMIT = 19
"""Messages and edits that a group takes within GROUP_WINDOW: Telegram refuses the twenty-first."""

GROUP_WINDOW = 60.0
GROUP_RESERVE = 6
"""Of these, places that cards leave to answers, so that a flood of cards keeps no moderator waiting."""

MAX_BACKLOG = 0.25
"""Seconds of queued calls above which chat actions are dropped. After an outage they are half of all calls."""

Call = Callable[..., Coroutine[Any, Any, Any]]


class RateLimiter(BaseRateLimiter[None]):
    """Calls are scheduled in the order of arrival; each waits for its own turn."""

    def __init__(self, *, group_window: float = GROUP_WINDOW) -> None:
        self._group_window = group_window
        self._in_groups: OrderedDict[int, deque[float]] = OrderedDict()  # group -> turns of its newest calls
        self._next_turn = 0.0
        self._idle_at: OrderedDict[int, float] = OrderedDict()  # chat -> time when its burst is available again
        self._paused_until: OrderedDict[int, float] = OrderedDict()  # chat -> end of its pause
        self._all_paused_until = 0.0
        self._last_refusal: tuple[int, float] | None = None  # chat and time of the last refusal

    async def initialize(self) -> None:
        """No resources to open."""

    async def shutdown(self) -> None:
        """No resources to close."""

    async def process_request(
        self,
        callback: Call,
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: None,
    ) -> Any:
        """Make the call at its turn. Raises RetryAfter at once while the chat is paused."""
        chat_id = data.get("chat_id")
        if not isinstance(chat_id, int):  # callback answers and the menu belong to no chat
            return await callback(*args, **kwargs)
        if endpoint in CHAT_ACTIONS and self._next_turn - _now() > MAX_BACKLOG:
            return False
        is_message = endpoint.startswith(MESSAGE_METHODS) and endpoint not in CHAT_ACTIONS
        if chat_id < 0 and endpoint.startswith((*MESSAGE_METHODS, "edit")):
            await self._group_turn(chat_id)
        await self._turn(chat_id, is_message=is_message)
        try:
            return await callback(*args, **kwargs)
        except RetryAfter as error:
            self._pause(chat_id, retry_after_seconds(error))
            raise

    async def wait(self, chat_id: int) -> None:
        """Wait until a relayed message may be sent to this chat: replies come first. Raises RetryAfter while it is
        paused."""
        self._check_not_paused(chat_id)
        delay = self.relay_delay(chat_id)
        if delay > 0:
            await asyncio.sleep(delay)

    def relay_delay(self, chat_id: int) -> float:
        """Return the seconds for which a relayed message to this chat would have to wait; 0 when it may be sent."""
        return max(0.0, self._idle_at.get(chat_id, 0.0) - (RELAY_BURST - 1) * CHAT_INTERVAL - _now())

    def group_delay(self, chat_id: int) -> float:
        """Return the seconds for which a card to this group would have to wait; 0 when it may be sent or edited."""
        turns = self._in_groups.get(chat_id, deque())
        allowed = GROUP_LIMIT - GROUP_RESERVE
        return max(0.0, turns[-allowed] + self._group_window - _now()) if len(turns) >= allowed else 0.0

    async def _group_turn(self, chat_id: int) -> None:
        """Wait until a call is within the limit of a group; calls take their turns in the order of arrival."""
        turns = self._in_groups.setdefault(chat_id, deque(maxlen=GROUP_LIMIT))
        self._in_groups.move_to_end(chat_id)
        if len(self._in_groups) > MAX_CHATS:
            self._in_groups.popitem(last=False)
        turn = max(_now(), turns[0] + self._group_window) if len(turns) == GROUP_LIMIT else _now()
        turns.append(turn)
        if (pause := turn - _now()) > 0:
            await asyncio.sleep(pause)

    def global_pause(self) -> float:
        """Return the seconds for which all chats are paused."""
        return max(0.0, self._all_paused_until - _now())

    async def _turn(self, chat_id: int, *, is_message: bool) -> None:
        self._check_not_paused(chat_id)
        now = _now()
        turn = max(now, self._next_turn)
        self._next_turn = turn + GLOBAL_INTERVAL
        if is_message:
            idle_at = self._idle_at.pop(chat_id, 0.0)
            turn = max(turn, idle_at - (REPLY_BURST - 1) * CHAT_INTERVAL)
            self._idle_at[chat_id] = max(turn, idle_at) + CHAT_INTERVAL
            if len(self._idle_at) > MAX_CHATS:
                self._idle_at.popitem(last=False)
        if turn > now:
            await asyncio.sleep(turn - now)
            self._check_not_paused(chat_id)

    def _check_not_paused(self, chat_id: int) -> None:
        left = max(self._paused_until.get(chat_id, 0.0), self._all_paused_until) - _now()
        if left > 0:
            raise RetryAfter(math.ceil(left))
        self._paused_until.pop(chat_id, None)

    def _pause(self, chat_id: int, seconds: float) -> None:
        """Pause this chat as Telegram asks, and all chats when another one was refused just before."""
        now = _now()
        self._paused_until[chat_id] = now + seconds
        if len(self._paused_until) > MAX_CHATS:
            self._paused_until.popitem(last=False)
        if (
            self._last_refusal is not None
            and self._last_refusal[0] != chat_id
            and now - self._last_refusal[1] <= FLOOD_WINDOW
        ):
            self._all_paused_until = max(self._all_paused_until, now + seconds)
        self._last_refusal = (chat_id, now)
        log.warning("Telegram asks for a pause of %.0f s", seconds)


def _now() -> float:
    return asyncio.get_running_loop().time()


def retry_after_seconds(error: RetryAfter) -> float:
    """Return the seconds of `retry_after`. The library gives a number today and will give a timedelta."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PTBDeprecationWarning)
        pause: object = error.retry_after
    return pause.total_seconds() if isinstance(pause, timedelta) else float(str(pause))
