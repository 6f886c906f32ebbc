"""Bodies of first pages of `GET /api/swap`, kept as they were sent for as long as they would be made the same again.

They are kept compressed: an eighth of the room, for the 7 µs that a body of 10 kB takes to be read.
"""

from __future__ import annotations

import zlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson

from api.schemas.swaps import swap_document
from domain.moments import next_moment
from domain.swaps import Swap
from handlers.runtime.texts import Texts

MAX_BYTES = 4 * 2**20
"""Room of all bodies together; the one that was asked for longest ago goes first."""

ROOM_OF_ONE = 512
"""Room that a body takes beside its text: most of it where the text is "[]"."""

QUICKEST = 1
"""Level of compression; the best one saves a seventh more for twice the time."""


@dataclass(frozen=True, slots=True)
class _Body:
    """Body of the page `swaps`, true from a time on until another."""

    swaps: Sequence[Swap]
    texts: Texts
    since: datetime
    until: datetime | None
    size: int
    compressed: bytes

    @property
    def text(self) -> bytes:
        return zlib.decompress(self.compressed, bufsize=self.size)

    @property
    def room(self) -> int:
        return len(self.compressed) + ROOM_OF_ONE

    def is_of(self, swaps: Sequence[Swap], texts: Texts, at: datetime) -> bool:
        is_same = self.swaps is swaps and self.texts is texts
        return is_same and self.since <= at and (self.until is None or at < self.until)


class SwapPages:
    """One body for each viewer. It depends on the swaps as they are in memory, on the language, and on the time."""

    def __init__(self, *, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._size = 0
        self._bodies: OrderedDict[str, _Body] = OrderedDict()

    def body(self, swaps: Sequence[Swap], limit: int, viewer_id: str, at: datetime, texts: Texts) -> bytes:
        """Return the first `limit` of these swaps as JSON, for a viewer who always asks for as many. The body of a list
        is not kept: it was read for this request, and no other will have it."""
        known = None if isinstance(swaps, list) else self._bodies.get(viewer_id)
        if known is not None:
            if known.is_of(swaps, texts, at):
                self._bodies.move_to_end(viewer_id)
                return known.text
            del self._bodies[viewer_id]
            self._size -= known.room
        page = swaps[:limit]
        text = orjson.dumps([swap_document(swap, viewer_id, at, texts) for swap in page])
        if isinstance(swaps, list):
            return text
        until = min((moment for swap in page if (moment := next_moment(swap, at)) is not None), default=None)
        new = self._bodies[viewer_id] = _Body(swaps, texts, at, until, len(text), zlib.compress(text, QUICKEST))
        self._size += new.room
        while self._size > self._max_bytes:
            _, oldest = self._bodies.popitem(last=False)
            self._size -= oldest.room
        return text
