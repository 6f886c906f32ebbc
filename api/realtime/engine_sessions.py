"""Engine.IO's sessions, held at less cost than the library holds them.

The library gives each socket a task and a timer for its next ping, two more of both for each packet either way, and a
look of its own at each socket in turn. With ten thousand of them that is most of what an idle process does. Here one
clock pings all, and a socket has one task that reads and one that writes; who no longer answers is found by the guard
(`Sockets`), which looks at every socket anyway.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import deque
from typing import Any, Final

import engineio
import socketio
from engineio.async_socket import AsyncSocket
from engineio.exceptions import EngineIOError, SocketIsClosedError, UnknownPacketError
from engineio.packet import NOOP, PING, Packet, packet_names
from socketio.packet import BINARY_EVENT, EVENT
from socketio.packet import Packet as SaidPacket

log = logging.getLogger(__name__)

BEAT_SECONDS: Final = 0.1
PROBE, PROBED, UPGRADE = "2probe", "3probe", "5"
RESERVED: Final = ("connect", "disconnect")
"""Events that the library raises itself; it would take them from a client, too."""


class ValidatedPacket(SaidPacket):  # type: ignore[misc] # the library has no types
    """What a client says. The library takes any JSON for an event, and fails on it only later."""

    def decode(self, encoded_packet: Any) -> int:
        """Raises ValueError for what is none of the protocol."""
        if not isinstance(encoded_packet, str):
            raise ValueError("not a text")
        attachments = int(super().decode(encoded_packet))
        self._check()
        return attachments

    def add_attachment(self, attachment: Any) -> bool:
        """Raises ValueError likewise."""
        try:
            return bool(super().add_attachment(attachment))
        except (LookupError, TypeError, RecursionError):
            raise ValueError("an attachment is none") from None

    def _check(self) -> None:
        if self.packet_type in (EVENT, BINARY_EVENT):
            name = self.data[0] if isinstance(self.data, list) and self.data else None
            if not isinstance(name, str) or name in RESERVED:
                raise ValueError("not an event")


class SocketServer(socketio.AsyncServer):  # type: ignore[misc]
    """Socket.IO on this engine. Who says what is none of the protocol is cut off, and nothing is logged of it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(serializer=ValidatedPacket, **options)

    def _engineio_server_class(self) -> type[Engine]:
        return Engine

    async def _handle_eio_message(self, eio_sid: str, data: Any) -> None:
        try:
            if not data and eio_sid not in self._binary_packet:
                raise ValueError("nothing is said")
            await super()._handle_eio_message(eio_sid, data)
        except ValueError:
            if (line := self.eio.sockets.get(eio_sid)) is not None:
                await line.close(wait=False, abort=True, reason=self.reason.TRANSPORT_ERROR)


class Engine(engineio.AsyncServer):  # type: ignore[misc]
    """Makes each session a `Line` as soon as it is there, and pings them all."""

    def __init__(self, **options: Any) -> None:
        super().__init__(monitor_clients=False, **options)
        self._due: deque[tuple[float, EngineSession]] = deque()

    async def _trigger_event(self, event: str, *args: Any, **options: Any) -> Any:
        if event == "connect":  # the library makes its own and has no other place to say which
            self.sockets[args[0]].__class__ = EngineSession
        return await super()._trigger_event(event, *args, **options)

    def ping_later(self, line: EngineSession) -> None:
        """All wait for the same time, so that who comes first is due first."""
        self._due.append((time.monotonic() + self.ping_interval, line))

    async def beat(self) -> None:
        """Ping whoever is due, for ever."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            now = time.monotonic()
            while self._due and self._due[0][0] <= now:
                _, line = self._due.popleft()
                try:
                    await line.ping()
                except Exception:
                    log.exception("a socket was not pinged")


class EngineSession(AsyncSocket):  # type: ignore[misc]
    """One session; `last_ping` is when the ping was sent that is unanswered, or when something else was heard after it,
    in seconds since 1970."""

    last_ping: float | None
    connected: bool

    def schedule_ping(self) -> None:
        if self.last_ping:  # only after the answer to the one before
            self.last_ping = None
            self.server.ping_later(self)

    async def ping(self) -> None:
        if not self.closing and not self.closed:
            self.last_ping = time.time()
            await self.send(Packet(PING))

    async def receive(self, pkt: Packet) -> None:
        if self.last_ping:  # somebody is there, and the answer may stand behind what has to wait its turn
            self.last_ping = time.time()
        await super().receive(pkt)

    async def handle_post_request(self, environ: dict[str, Any]) -> None:
        try:
            await super().handle_post_request(environ)
        except (ValueError, LookupError, EngineIOError):
            await self.close(wait=False, abort=True, reason=self.server.reason.TRANSPORT_ERROR)
            if self.sid in self.server.sockets:  # else somebody else has closed it meanwhile
                raise EngineIOError from None

    def is_gone(self, now: float) -> bool:
        """Has a ping been unanswered for too long? `now` in seconds since 1970."""
        return self.last_ping is not None and now - self.last_ping > float(self.server.ping_timeout)

    async def _websocket_handler(self, ws: Any) -> None:
        if self.connected and not await self._move(ws):
            return
        self.connected = self.upgraded = True
        writer = asyncio.create_task(self._write(ws))
        try:
            await self._read(ws)
            self.queue.put_nowait(None)  # lets the writer end
            await writer
        finally:  # also when the server does not wait for it any longer
            writer.cancel()
            await self.close(wait=False, abort=True, reason=self.server.reason.TRANSPORT_CLOSE)

    async def _move(self, ws: Any) -> bool:
        """From polling to this websocket; what is to be sent meanwhile waits. False: the client did not go through."""
        self.upgrading = True
        try:
            with contextlib.suppress(OSError):
                if await ws.wait() == PROBE:
                    await ws.send(PROBED)
                    await self.queue.put(Packet(NOOP))  # ends the request that waits for news
                    return bool(await ws.wait() == UPGRADE)
            return False
        finally:
            self.upgrading = False

    async def _read(self, ws: Any) -> None:
        """Until the client or the connection has gone, or something came that is none of the protocol."""
        while True:
            try:
                packet = Packet(encoded_packet=await ws.wait())
                if packet.packet_type >= len(packet_names):
                    return
            except (OSError, ValueError, KeyError, IndexError):
                return
            try:
                await self.receive(packet)
            except UnknownPacketError:
                pass
            except SocketIsClosedError:
                return
            except Exception:
                log.exception("a packet was not handled")
            if self.closed:
                return
            await asyncio.sleep(0)  # others have a turn, and the writer one to say what came of it

    async def _write(self, ws: Any) -> None:
        """Until there is a None in the queue, or nobody to send to."""
        try:
            while (packet := await self.queue.get()) is not None:
                self.queue.task_done()
                await ws.send(packet.encode())
        except (OSError, RuntimeError):  # aiohttp says it so when the connection has gone
            pass
        finally:
            await ws.close()
