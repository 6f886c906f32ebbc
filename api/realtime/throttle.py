"""Pace of a socket's events: what comes faster waits in the connection, in order, and is not refused.

Without it, fifty clients that ask without a pause take ten times the CPU time; and refusing those who send a refused
message again at once would take the time in which others' messages are passed on.
"""

from __future__ import annotations

import asyncio
import time
from typing import Final

from api.http.deadlines import Deadlines
from api.realtime.sockets import Socket, Sockets
from domain.errors import Unauthenticated

EVENT_BURST: Final = 10
EVENT_INTERVAL_SECONDS: Final = 0.5
"""Rate limit of a socket: EVENT_BURST events at once, then one per interval."""
HOLD_SECONDS: Final = 2.0
"""Time from the refusal of a message as `chat.busy` until the socket's next message is handled, unless `retry_after` is
less: who keeps to that is not held."""
POLL_SECONDS: Final = 2.0
"""Interval at which a waiting event checks that its socket is still open."""


class Throttle:
    """Makes the events of sockets wait."""

    def __init__(self, sockets: Sockets, deadlines: Deadlines) -> None:
        self._sockets = sockets
        self._deadlines = deadlines

    def hold_messages(self, socket: Socket, retry_after: int | None) -> None:
        """Let the socket's next message wait: this one was refused because too many arrive."""
        socket.held_until = time.monotonic() + min(HOLD_SECONDS, retry_after or 0)

    async def wait_for_turn(self, socket: Socket, event: str) -> None:
        """Wait until the socket's next event may be handled.

        Raises Unauthenticated if the socket is closed meanwhile, so that no event is handled
        for an ended session.
        """
        now = time.monotonic()
        due = now + socket.delay_of_next_event(EVENT_BURST, EVENT_INTERVAL_SECONDS, now=now)
        if event == "chat:new":
            due = max(due, socket.held_until)
        if due > now:
            with self._sockets.unread(socket.eio_sid):
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
