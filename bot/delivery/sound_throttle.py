"""When a message makes a sound: once for a burst. The words of the rest come all the same, quietly."""

from __future__ import annotations

import time
from collections import OrderedDict

QUIET_SECONDS = 60.0
"""After a sound the further messages of the same swap make none for so long."""

MAX_KNOWN = 10_000


class SoundThrottle:
    """Kept in memory: a process that starts again rings once more, and nothing else is lost."""

    def __init__(self) -> None:
        self._rung: OrderedDict[tuple[str, str], float] = OrderedDict()

    def may_ring(self, person_id: str, swap_id: str) -> bool:
        rung = self._rung.get((person_id, swap_id))
        return rung is None or time.monotonic() - rung >= QUIET_SECONDS

    def has_rung(self, person_id: str, swap_id: str) -> None:
        """Something of this swap has made a sound for this person: after it was sent, not before."""
        self._rung[person_id, swap_id] = time.monotonic()
        self._rung.move_to_end((person_id, swap_id))
        if len(self._rung) > MAX_KNOWN:
            self._rung.popitem(last=False)
