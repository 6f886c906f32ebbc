"""The sessions of swaps as the sockets of this process have last been told them."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from domain.sessions import Session
from domain.swaps import Swap

MAX_SWAPS: Final = 10_000


class SeenSessions:
    """Finds the sessions that a change of their swap has changed: a change names the swap alone."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, tuple[Session, ...]] = OrderedDict()

    def changed(self, swap: Swap) -> list[Session]:
        """Return the sessions that differ from the last time; all of a swap that is not known (any more)."""
        before = self._seen.pop(swap.id, ())
        if swap.plan.sessions:
            self._seen[swap.id] = swap.plan.sessions
            if len(self._seen) > MAX_SWAPS:
                self._seen.popitem(last=False)
        return [session for session in swap.plan.sessions if session not in before]

    def forget(self) -> None:
        """Forget all, after changes were missed."""
        self._seen.clear()
