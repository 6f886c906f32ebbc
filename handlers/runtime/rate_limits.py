"""Rate limits: token buckets, the costly ones shared by all processes through the store.

    take   at once, from this process's own buckets. A shared rate is reported to the store a moment later, and what
           other processes have used comes back with it: no request waits, and many reports are one write.
    spend  exact, one write to the store each: for rare and costly actions (mails, sign-in links, uploads).

Keys in the store are keyed digests: they contain neither mail nor network addresses.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Final

from domain.errors import TooMany
from handlers.runtime.background import BackgroundTask
from storage.mongodb.database import DATABASE_ERRORS
from storage.rate_limits import RateBuckets, Spent

log = logging.getLogger(__name__)

MAX_BUCKETS: Final = 50_000
MAX_BOOKED_AT_ONCE: Final = 1_000
BOOK_SECONDS: Final = 0.25
CLOSE_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` at once, then one every `seconds`. A shared rate counts a user's actions in all processes."""

    burst: int
    seconds: float
    is_shared: bool = False


MESSAGES: Final = Rate(burst=10, seconds=1, is_shared=True)
LATE_MESSAGES: Final = Rate(burst=MESSAGES.burst, seconds=MESSAGES.seconds)
"""Rate of messages that waited during an outage, by the time at which they were written."""
PROFILES: Final = Rate(burst=60, seconds=1, is_shared=True)
SEARCHES: Final = Rate(burst=30, seconds=2, is_shared=True)
COMPLETIONS: Final = Rate(burst=60, seconds=0.5)
CARDS: Final = Rate(burst=40, seconds=1)
UPLOADS: Final = Rate(burst=20, seconds=360)
"""Rate of photos that are kept, of which somebody may forward many at once; a refused one is given back."""
UPLOAD_ATTEMPTS: Final = Rate(burst=40, seconds=6, is_shared=True)
"""Rate of photos that are looked at, kept or not: each may take a second of a processor."""
LOGIN_LINKS: Final = Rate(burst=5, seconds=60)
MAILS_TO_ADDRESS: Final = Rate(burst=3, seconds=1200)
MAILS_FROM_PLACE: Final = Rate(burst=20, seconds=180)
FAILED_PROOFS: Final = Rate(burst=10, seconds=360)


class Rates:
    """Buckets in bounded memory: the one used longest ago is dropped first.

    Without `buckets` everything stays in this process. `key` is for the digests; processes that share buckets need the
    same. `now` is the clock of the times passed to `take`.
    """

    def __init__(
        self, buckets: RateBuckets | None = None, *, key: bytes = b"", now: Callable[[], datetime] | None = None
    ) -> None:
        self._now = now or partial(datetime.now, UTC)
        self._buckets = buckets
        self._key = hashlib.blake2b(key).digest()
        self._full_again: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._unbooked: dict[tuple[str, str], tuple[int, Rate]] = {}
        self._turn = asyncio.Lock()
        self._booking = BackgroundTask("booking rates", self._book_soon)

    def take(self, action: str, who: str, rate: Rate, *, at: datetime) -> None:
        """Use one unit. Raises TooMany `<action>.too_fast` with the seconds until the next one."""
        key = (action, who)
        self._remember(key, self._full_at(key, rate, at))
        if rate.is_shared and self._buckets is not None:
            self._unbooked[key] = (self._unbooked.get(key, (0, rate))[0] + 1, rate)
            self._booking.start()

    def require_room(self, action: str, who: str, rate: Rate, *, at: datetime) -> None:
        """Use nothing, and raise TooMany where `take` would."""
        self._full_at((action, who), rate, at)

    async def spend(self, action: str, who: str, rate: Rate, *, at: datetime) -> None:
        """Use one unit, counted exactly over all processes. Raises TooMany like `take`."""
        if self._buckets is None:
            self.take(action, who, rate, at=at)
            return
        wait = await self._buckets.spend(self._digest((action, who)), burst=rate.burst, seconds=rate.seconds)
        if wait:
            raise TooMany(f"{action}.too_fast", retry_after=max(1, math.ceil(wait)))

    async def give_back(self, action: str, who: str, rate: Rate, *, at: datetime) -> None:
        """Return one unit that `spend` used, because what it was for did not happen."""
        if self._buckets is not None:
            await self._buckets.give_back(self._digest((action, who)), seconds=rate.seconds)
        elif (full_at := self._full_again.get((action, who))) is not None:
            self._remember((action, who), max(full_at - rate.seconds, at.timestamp()))

    async def close(self) -> None:
        """Report what is left. May be called twice."""
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._book()
        except (TimeoutError, *DATABASE_ERRORS):
            log.warning("the last rates were not booked")
        finally:
            await self._booking.stop()

    def _full_at(self, key: tuple[str, str], rate: Rate, at: datetime) -> float:
        """Return when the bucket is full again after one more unit. Raises TooMany."""
        now = at.timestamp()
        full_at = max(self._full_again.get(key, now), now) + rate.seconds
        excess = full_at - now - rate.burst * rate.seconds
        if excess > 0:
            raise TooMany(f"{key[0]}.too_fast", retry_after=max(1, math.ceil(excess)))
        return full_at

    def _remember(self, key: tuple[str, str], full_at: float) -> None:
        self._full_again[key] = full_at
        self._full_again.move_to_end(key)
        if len(self._full_again) > MAX_BUCKETS:
            self._full_again.popitem(last=False)

    def _digest(self, key: tuple[str, str]) -> str:
        action, who = key
        digest = hashlib.blake2b(who.encode(errors="surrogatepass"), key=self._key, digest_size=16).hexdigest()
        return f"{action}:{digest}"

    async def _book_soon(self) -> None:
        try:
            while self._unbooked:
                await asyncio.sleep(BOOK_SECONDS)
                await self._book()
        except DATABASE_ERRORS as error:  # this process's own buckets still apply
            log.warning("rates were not booked: %s", type(error).__name__)

    async def _book(self) -> None:
        """Report the units used here to the store, after what is being reported, and learn those used elsewhere."""
        if self._buckets is None:
            return
        async with self._turn:
            while self._unbooked:
                await self._book_some(self._buckets)

    async def _book_some(self, buckets: RateBuckets) -> None:
        keys = list(self._unbooked)[:MAX_BOOKED_AT_ONCE]
        taken = {key: self._unbooked.pop(key) for key in keys}
        names = {self._digest(key): key for key in keys}
        spent = [Spent(name, taken[key][0], taken[key][1].burst, taken[key][1].seconds) for name, key in names.items()]
        asked_at = self._now().timestamp()
        for name, ahead in (await buckets.report(spent)).items():
            key = names[name]
            since, rate = self._unbooked.get(key, (0, taken[key][1]))
            self._remember(key, asked_at + ahead + since * rate.seconds)
