"""Messages that this process has written itself, handed on at once: ahead of the change stream that brings them, too.

A message goes ahead only when the one before it in its swap has been handed on here, so the order is that of the
stream. All others wait for the stream: those of other processes and of Telegram, the first of a swap, and those after
one that waits. What has gone ahead is left out when the stream brings it; other processes hear of it by their own
streams, also when this one dies in between.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from domain.messages import Message

MAX_SWAPS: Final = 10_000
MAX_AHEAD: Final = 1_000
"""Messages that the stream has still to bring. While there are as many, further ones wait for it."""


class OwnMessages:
    """Tells which messages go ahead, and which the stream brings a second time."""

    def __init__(self) -> None:
        self._handed_on: OrderedDict[str, int] = OrderedDict()  # the last seq of each swap
        self._ahead: set[str] = set()

    def goes_ahead(self, message: Message) -> bool:
        """Return whether a message that was just written is handed on now. It counts as handed on then."""
        if len(self._ahead) >= MAX_AHEAD or self._handed_on.get(message.swap_id) != message.seq - 1:
            return False
        self._note(message)
        self._ahead.add(message.id)
        return True

    def is_new(self, message: Message) -> bool:
        """Return whether a message of the stream is to be handed on. It counts as handed on in any case."""
        if message.id in self._ahead:
            self._ahead.remove(message.id)
            return False
        self._note(message)
        return True

    def forget(self) -> None:
        """Forget all, after changes were missed: what has gone ahead may be among them."""
        self._handed_on.clear()
        self._ahead.clear()

    def _note(self, message: Message) -> None:
        self._handed_on[message.swap_id] = message.seq
        self._handed_on.move_to_end(message.swap_id)
        if len(self._handed_on) > MAX_SWAPS:
            self._handed_on.popitem(last=False)
