"""Pace of a socket's events: what comes faster waits in the connection, in order, and is not refused.

Without it, fifty clients that ask without a pause take ten times the CPU time. And while a process refuses many
messages as `chat.busy`, refusing those who send on at once would take the time in which others' are passed on.
"""

from __future__ import annotations

import asyncio
import random
import time
from typing import Final

from api.http.deadlines import Deadlines
from api.realtime.sockets import Socket, Sockets
from domain.errors import Unauthenticated

EVENT_BURST: Final = 10
EVENT_INTERVAL_SECONDS: Final = 0.5
"""Rate limit of a socket: EVENT_BURST events at once, then one per interval."""
MOST_PAUSE_SECONDS: Final = 2.0
"""Time from the refusal of a message until the socket's next message is handled; less if `retry_after` is less."""
SPREAD: Final = 0.25
"""Share by which a pause may be shorter, so that not all who were refused at one moment come back at one."""
POLL_SECONDS: Final = 2.0
"""Interval at which a waiting event checks that its socket is still open."""


class Throttle:
    """Makes the events of sockets wait."""

    def __init__(self, sockets: Sockets, deadlines: Deadlines) -> None:
        self._sockets = sockets
        self._deadlines = deadlines

    def pause_messages(self, socket: Socket, retry_after: int) -> None:
        """Let the socket's next message wait for most of the time that a refused one was told to wait."""
        pause = min(MOST_PAUSE_SECONDS, retry_after) * (1 - random.random() * SPREAD)
        socket.messages_paused_until = time.monotonic() + pause

    async def wait_for_turn(self, socket: Socket, event: str) -> None:
        """Wait until the socket's next event may be handled.

        Raises Unauthenticated if the socket is closed meanwhile, so that no event is handled
        for an ended session.
        """
        now = time.monotonic()
        due = now + socket.delay_of_next_event(EVENT_BURST, EVENT_INTERVAL_SECONDS, now=now)
        if event == "chat:new":
            due = max(due, socket.messages_paused_until)
        if due > now:
            with self._sockets.reading_paused(socket.eio_sid):
                while due > now:
                    await asyncio.sleep(min(due - now, POLL_SECONDS))
                    self._require_open(socket)
                    now = time.monotonic()
        if self._sockets.is_backlogged(socket.eio_sid):
            await self._deadlines.keep(self._sockets.wait_for_backlog(socket.eio_sid))
            self._require_open(socket)

    def _require_open(self, socket: Socket) -> None:
        if self._sockets.find(socket.sid) is not socket:
            raise Unauthenticated("unauthenticated")
