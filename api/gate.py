"""Admission of messages under load: as many as can be passed on are taken in, so that what is acknowledged arrives.

Without it a process that is offered more than it can do acknowledges everything and starves what tells people.

A message needs a credit. It is given back when the change feed has handed the message on to the sockets, not when it is
stored: intake follows delivery. At once it is given back for a message that was not written (refused, sent before, or
looked at by a moderator first), and while the feed does not come (nothing would give it back). How many are out at a
time follows the feed's lag, as congestion control does: less when even the least lag of a while is long, more while all
are used and it is short. Who finds none free waits in order; who would wait for too long is refused with `chat.busy`,
which is kind "unavailable": no fault of the sender's, and clients try it again after `retry_after`.

What comes from Telegram is stored already and waits there; it needs no credit.
"""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from domain.errors import Unavailable
from handlers.messages import new_message_id
from handlers.runtime.change_feed import Change, ChangeFeed

FIRST_LIMIT: Final = 64.0
"""Credits at the start: 1,300 messages a second that each take 50 ms (Little's law)."""
LEAST_LIMIT: Final = 32.0
"""With fewer a machine that is slow at everything, each message taking 200 ms, would refuse most of a load that it
could do: the number under way is what makes batches of the writes and of the feed."""
MOST_LIMIT: Final = 512.0
LAG_SECONDS: Final = 0.05
"""Time from the write of a message here until it is handed on, above the feed's own pause between two reads, from which
on fewer are taken in. One clock measures both: the server's, by which the feed's lag is told, is known to half a trip
to the server, and a reading that took long would have this process refuse messages until the next one."""
SLOWEST_SECONDS: Final = 1.0
"""Lag of any other process from which on fewer are taken in here: those who write do not see a slow receiver."""
LOOK_SECONDS: Final = 0.1
"""The least lag of so long a while counts: a short rush is none."""
LOOKS_BEFORE_LESS: Final = 2
LESS: Final = 0.8
IN_USE: Final = 0.8
"""Share of the credits that were out at some moment, from which on there may be more of them."""
WAIT_SECONDS: Final = 1.0
CREDIT_SECONDS: Final = 8.0
"""Age at which a credit is given up: its message was never heard of."""
FIRST_TURN_SECONDS: Final = 0.05
WEIGHT: Final = 0.005
"""Weight of the latest message in the mean time that a credit is out: credits come back in batches of up to a hundred,
and by a mean of one batch alone, whole lines of those who wait were refused at once, and then none."""
FREELY_REFUSED: Final = 500
"""Messages refused in a second at little cost, 3 % of a core; when they are more, those who send on are slowed down."""
SPREAD: Final = 0.5
"""`retry_after` is up to so much longer than the expected wait, so that not all come back at once."""


@dataclass(slots=True)
class Credit:
    """Right to store one message, under this id; `is_written` once it is stored and only the feed is missing, since
    `written_at`."""

    message_id: str
    taken_at: float
    is_written: bool = False
    written_at: float | None = None

    def lag(self, now: float) -> float:
        """Return the seconds since the write; 0 while its acknowledgement has not come."""
        return now - self.written_at if self.written_at is not None else 0.0


@dataclass(slots=True)
class _Turn:
    """Message that waits for a credit until a moment of the monotonic clock; `came` is False when that has passed."""

    came: asyncio.Future[bool]
    until: float


class Busy(Unavailable):
    """A message for which there will be no credit in time. `wait` is the whole seconds after which to send it again."""

    def __init__(self, wait: int) -> None:
        super().__init__("chat.busy", retry_after=wait)
        self.wait = wait


class Gate:
    """Credits of one process. `follow` connects it to the feed that gives them back."""

    def __init__(self) -> None:
        self._limit = FIRST_LIMIT
        self._out: OrderedDict[str, Credit] = OrderedDict()
        self._waiting: OrderedDict[str, _Turn] = OrderedDict()
        self._wait_timer: asyncio.TimerHandle | None = None
        self._turn = FIRST_TURN_SECONDS
        self._pause: Callable[[], float] = lambda: 0.0
        self._slowest: Callable[[], float] = lambda: 0.0
        self._is_heard: Callable[[], bool] = lambda: False
        self._looked_at = time.monotonic()
        self._least_lag = math.inf
        self._most_out = 0
        self._looks_too_late = 0
        self.refused = 0
        self._second_began = self._looked_at
        self._refused_before = 0  # this second

    @property
    def limit(self) -> float:
        return self._limit

    @property
    def out(self) -> int:
        """Messages that were taken in and not yet handed on."""
        return len(self._out)

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def follow(self, feed: ChangeFeed) -> None:
        """Take credits back by what this feed has handed on."""
        self._pause, self._is_heard = lambda: feed.pause, lambda: feed.is_current
        self._slowest = lambda: feed.slowest
        feed.after_each_batch(self.handed_on)

    def require_room(self) -> None:
        """Raise Unavailable `chat.busy` if a message would wait for too long: asked before there is work with it."""
        now = time.monotonic()
        if now - self._looked_at >= LOOK_SECONDS:
            self._look(now)
            self._let_in()  # the feed may be what is missing: nothing else would let in who waits
        if self.is_full and self._expected_wait() > WAIT_SECONDS:
            raise self._busy()

    async def admit(self) -> Credit:
        """Wait for a credit; `settle` it once the message is written or not. Raises Unavailable `chat.busy`."""
        self.require_room()
        now, message_id = time.monotonic(), new_message_id()
        if self.is_full:
            await self._wait(message_id)
        return self._out.setdefault(message_id, Credit(message_id, now))

    def settle(self, credit: Credit) -> None:
        """Leave the credit of a message that has been marked as written to the feed, and take any other back."""
        if credit.is_written and self._is_heard():
            credit.written_at = time.monotonic()
        else:
            self._give_back(credit.message_id)
            self._let_in()

    @property
    def is_full(self) -> bool:
        """Return whether the next message waits."""
        return bool(self._waiting) or len(self._out) >= self._limit

    async def _wait(self, message_id: str) -> None:
        loop = asyncio.get_running_loop()
        turn = self._waiting[message_id] = _Turn(loop.create_future(), time.monotonic() + WAIT_SECONDS)
        if self._wait_timer is None:
            self._wait_timer = loop.call_later(WAIT_SECONDS, self._end_waits)
        try:
            has_credit = await turn.came
        except BaseException:
            self._waiting.pop(message_id, None)
            if self._give_back(message_id) is not None:  # its turn came at that moment
                self._let_in()
            raise
        if not has_credit:
            raise self._busy()

    def _end_waits(self) -> None:
        """Refuse those who have waited for too long: the first in line, as all may wait equally long."""
        now, self._wait_timer = time.monotonic(), None
        while self._waiting:
            message_id, turn = next(iter(self._waiting.items()))
            if turn.until > now:
                self._wait_timer = asyncio.get_running_loop().call_later(turn.until - now, self._end_waits)
                return
            del self._waiting[message_id]
            if not turn.came.done():
                turn.came.set_result(False)

    def _expected_wait(self) -> float:
        return (len(self._waiting) + 1) * self._turn / self._limit

    @property
    def refuses_many(self) -> bool:
        """Return whether so many have been refused in this second that refusals take time from what is delivered."""
        return self.refused - self._refused_before > FREELY_REFUSED

    def _busy(self) -> Busy:
        if (now := time.monotonic()) - self._second_began >= 1:
            self._second_began, self._refused_before = now, self.refused
        self.refused += 1
        wait = self._expected_wait() * (1 + random.random() * SPREAD)
        return Busy(max(1, math.ceil(wait)))

    def handed_on(self, batch: Sequence[Change]) -> None:
        """Give the credits of these messages back, and let in who waits."""
        now = time.monotonic()
        self._most_out = max(self._most_out, len(self._out))
        for change in batch:
            if change.kind == "message" and change.message is not None:
                credit = self._give_back(change.message.id)
                if credit is not None:
                    self._least_lag = min(self._least_lag, credit.lag(now))
                    self._turn += WEIGHT * (now - credit.taken_at - self._turn)
        if now - self._looked_at >= LOOK_SECONDS:
            self._look(now)
        self._let_in()

    def _give_back(self, message_id: str) -> Credit | None:
        return self._out.pop(message_id, None)

    def _let_in(self) -> None:
        while self._waiting and len(self._out) < self._limit:
            message_id, turn = self._waiting.popitem(last=False)
            if not turn.came.done():
                self._out[message_id] = Credit(message_id, time.monotonic())
                turn.came.set_result(True)

    def _look(self, now: float) -> None:
        """Set the limit by the least lag since the last look, and give up credits that nothing gives back."""
        self._looked_at = now
        most_out, self._most_out = max(self._most_out, len(self._out)), 0
        lag, self._least_lag = self._least_lag, math.inf
        is_heard = self._is_heard()
        for message_id, credit in [*self._out.items()]:
            if now - credit.taken_at > CREDIT_SECONDS or (credit.is_written and not is_heard):
                self._give_back(message_id)
        if lag == math.inf:  # nothing came: nothing is known
            return
        is_late = lag > LAG_SECONDS + self._pause() or self._slowest() > SLOWEST_SECONDS
        self._looks_too_late = self._looks_too_late + 1 if is_late else 0
        if self._looks_too_late >= LOOKS_BEFORE_LESS:
            self._limit = max(LEAST_LIMIT, self._limit * LESS)
            self._looks_too_late = 0
        elif not self._looks_too_late and most_out >= IN_USE * self._limit:
            self._limit = min(MOST_LIMIT, self._limit + math.sqrt(self._limit) / 2)
