"""Sound of notifications: one for a burst of messages. The others arrive silently."""

from __future__ import annotations

import time
from collections import OrderedDict

QUIET_SECONDS = 60.0
"""Seconds after a sound in which further messages of the same swap are silent."""

MAX_ENTRIES = 10_000


class SoundThrottle:
    """Times of the last sounds, in memory: after a restart a swap makes one sound more, and nothing else is lost."""

    def __init__(self) -> None:
        self._sounds: OrderedDict[tuple[str, str], float] = OrderedDict()

    def may_sound(self, person_id: str, swap_id: str) -> bool:
        sounded_at = self._sounds.get((person_id, swap_id))
        return sounded_at is None or time.monotonic() - sounded_at >= QUIET_SECONDS

    def record_sound(self, person_id: str, swap_id: str) -> None:
        """Record a sound of this swap for this user; called after the send."""
        self._sounds[person_id, swap_id] = time.monotonic()
        self._sounds.move_to_end((person_id, swap_id))
        if len(self._sounds) > MAX_ENTRIES:
            self._sounds.popitem(last=False)
