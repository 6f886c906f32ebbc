"""Membership of sockets in rooms, indexed by socket."""

from __future__ import annotations

from typing import Any

from socketio import AsyncManager
from socketio.packet import EVENT

from api.realtime.websocket import TextPacket


class Rooms(AsyncManager):  # type: ignore[misc] # the library has no types
    """Client manager that knows the rooms of each socket.

    The library's manager searches every room when a socket disconnects. With ten thousand sockets
    disconnecting together, each with a room of its own, that took longer than the shutdown timeout.
    """

    def __init__(self) -> None:
        super().__init__()
        self._rooms_of: dict[str, list[str | None]] = {}

    async def emit(
        self,
        event: str,
        data: Any,
        namespace: str,
        room: str | list[str] | None = None,
        skip_sid: str | list[str] | None = None,
        callback: Any = None,
        to: str | list[str] | None = None,
        **options: Any,
    ) -> None:
        """Send an event to the sockets in a room or in several: encoded once, and without a task for each of them, as
        the library starts.

        Without a callback it never suspends: a message counts as handed on and is written in one turn of the loop, so
        a sender who is cancelled loses none (`own_messages.py`).
        """
        if callback is not None or skip_sid is not None or isinstance(data, tuple):
            await super().emit(event, data, namespace, room, skip_sid, callback, to, **options)
        elif namespace in self.rooms:
            said = [event] if data is None else [event, data]
            place = "" if namespace == "/" else f"{namespace},"
            packet = TextPacket(f"{EVENT}{place}{self.server.packet_class.json.dumps(said)}")
            sessions = self.server.eio.sockets
            for _, eio_sid in self.get_participants(namespace, to or room):
                if (session := sessions.get(eio_sid)) is not None:
                    session.post(packet)

    def basic_enter_room(self, sid: str, namespace: str, room: str | None, eio_sid: str | None = None) -> None:
        super().basic_enter_room(sid, namespace, room, eio_sid=eio_sid)
        self._rooms_of.setdefault(sid, []).append(room)

    def basic_disconnect(self, sid: str, namespace: str, **_: Any) -> None:
        for room in self._rooms_of.pop(sid, ()):
            self.basic_leave_room(sid, namespace, room)
        self.callbacks.pop(sid, None)
        for pending in (self.pending_connect, self.pending_disconnect):
            if sid in pending.get(namespace, ()):
                pending[namespace].remove(sid)
                if not pending[namespace]:
                    del pending[namespace]
