"""Waits of the driver in the task that asks: cheaper than its own, and ended by every cancellation.

For each answer the driver makes a task that reads and one that looks whether its connection was given up, and waits for
the first of them: an eighth of what a command costs (decision 26). Here the task that asks reads itself, and
one timer looks at both, the connection and the time.

On Python 3.11 `asyncio.wait_for` returns its result when the cancellation comes just as the wait is over: a task that
was told to end goes on, and one that asks the database in a loop does so for ever. 3.12 mends that.
"""

from __future__ import annotations

import asyncio
import math
import sys
from collections.abc import Awaitable
from types import SimpleNamespace
from typing import Any, Final, TypeVar

import pymongo
from pymongo import _csot, lock, network_layer, pool_shared
from pymongo.asynchronous import pool
from pymongo.common import MAX_MESSAGE_SIZE
from pymongo.errors import ProtocolError, _OperationCancelled
from pymongo.message import _UNPACK_REPLY, _OpMsg

T = TypeVar("T")

KNOWN_DRIVER: Final = (4, 20)
"""Version of the driver whose answers are read here; any other reads its answers itself."""

LOOK_SECONDS: Final = 0.5
"""Interval at which a wait looks whether its connection was given up; the driver's own."""

GRACE_SECONDS: Final = 0.02
"""Time that an answer has when its own is over: after the loop stood still it may be there, and timers come first."""


async def wait_for(awaitable: Awaitable[T], timeout: float | None) -> T:  # noqa: ASYNC109 - the signature of asyncio
    """Await for so many seconds, without end if None. Raises TimeoutError."""
    async with asyncio.timeout(timeout):
        return await awaitable


class _Look:
    """Timer of one wait: ends it when its connection was given up, or its time is over."""

    __slots__ = ("_context", "_deadline", "_is_over", "_limit", "_loop", "_timer")

    def __init__(self, context: Any, seconds: float | None, limit: asyncio.Timeout) -> None:
        self._loop = asyncio.get_running_loop()
        self._context, self._limit = context, limit
        self._deadline = math.inf if seconds is None else self._loop.time() + seconds
        self._is_over = False
        self._timer = self._loop.call_later(LOOK_SECONDS if seconds is None else min(LOOK_SECONDS, seconds), self._look)

    def cancel(self) -> None:
        self._timer.cancel()

    def _look(self) -> None:
        left = self._deadline - self._loop.time()
        if self._is_over or self._context.cancelled:
            self._limit.reschedule(self._loop.time())
            return
        self._is_over = left <= 0
        self._timer = self._loop.call_later(GRACE_SECONDS if self._is_over else min(LOOK_SECONDS, left), self._look)


async def receive_message(connection: Any, request_id: int | None, max_message_size: int = MAX_MESSAGE_SIZE) -> _OpMsg:
    """Read one answer, as the driver's function of this name does."""
    protocol = connection.conn.get_conn
    seconds = _csot.remaining() if _csot.get_timeout() else connection.conn.gettimeout
    try:
        async with asyncio.timeout(None) as limit:
            look = _Look(connection.cancel_context, seconds or None, limit)
            try:
                data, op_code = await protocol.read(request_id, max_message_size)
            finally:
                look.cancel()
    except TimeoutError:
        if connection.cancel_context.cancelled:
            raise _OperationCancelled("operation cancelled") from None
        raise TimeoutError("timed out") from None
    unpack = _UNPACK_REPLY.get(op_code)
    if unpack is None:
        raise ProtocolError(f"Got opcode {op_code!r} but expected {_UNPACK_REPLY.keys()!r}")
    return unpack(data)


async def send_all(protocol: Any, data: bytes) -> None:
    """Put a command into the buffer of its connection, which waits for nothing."""
    await protocol.write(data)


def install() -> None:
    """Give the driver's modules these waits."""
    if sys.version_info < (3, 12):
        waits = SimpleNamespace(**vars(asyncio) | {"wait_for": wait_for})
        setattr(network_layer, "asyncio", waits)  # noqa: B010 - the modules do not export what they import
        setattr(pool_shared, "asyncio", waits)  # noqa: B010
        setattr(lock, "wait_for", wait_for)  # noqa: B010
    if pymongo.version_tuple[:2] == KNOWN_DRIVER:
        setattr(pool, "async_receive_message", receive_message)  # noqa: B010
        setattr(pool, "async_sendall", send_all)  # noqa: B010
