"""Presses that have just been answered: an impatient finger presses a button several times and means it once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from telegram import CallbackQuery

SAME_PRESS: Final = timedelta(seconds=3)
"""Time after an answer within which the same press is taken for the one that has been answered."""

MAX_CHATS: Final = 10_000
"""Chats whose newest press is remembered."""


class AnsweredPresses:
    """The newest answered press of each chat, in memory: after a restart, a press is at worst answered twice."""

    def __init__(self) -> None:
        self._newest: dict[int, tuple[str, datetime]] = {}

    def is_repeated(self, query: CallbackQuery, at: datetime) -> bool:
        """Return whether the same button of the same message has just been answered."""
        press, answered_at = self._newest.get(query.from_user.id, ("", at))
        return press == _press_of(query) and at - answered_at < SAME_PRESS

    def note(self, query: CallbackQuery, at: datetime) -> None:
        """Record a press as answered. One that has failed is not recorded: pressing again tries again."""
        self._newest.pop(query.from_user.id, None)
        self._newest[query.from_user.id] = (_press_of(query), at)
        if len(self._newest) > MAX_CHATS:
            del self._newest[next(iter(self._newest))]


def _press_of(query: CallbackQuery) -> str:
    return f"{query.message.message_id if query.message else 0}:{query.data or ''}"
