"""Engine.IO sessions with less work per socket than in the library.

python-engineio starts a task and a timer for each socket's next ping, two more of each for
every packet, and a service task that checks one socket after another. With ten thousand sockets
that is most of the CPU time of an idle process. Here one loop (`EngineServer.run_pings`) sends
the pings of all sockets, and each socket has one reader and one writer task. What is sent within
one turn of the loop goes out as one write for each socket, without a task; the writer has work only
when a client reads slowly. Sockets that stop
answering are closed by the sweep in `Sockets`, which visits every socket anyway. Measurements
are in decision 0013.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import sys
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final, cast

import engineio
import engineio.async_drivers.aiohttp
import socketio
from aiohttp import web
from engineio.async_socket import AsyncSocket
from engineio.exceptions import ContentTooLongError, EngineIOError, SocketIsClosedError, UnknownPacketError
from engineio.packet import MESSAGE, NOOP, PING, Packet, packet_names
from engineio.payload import Payload
from socketio.packet import ACK, BINARY_EVENT, CONNECT_ERROR, EVENT
from socketio.packet import Packet as SocketioPacket

from api.http.handover import Place
from api.realtime.packet_queue import PacketQueue
from api.realtime.websocket import TextPacket, UncompressedWebSocket, text_frame

log = logging.getLogger(__name__)

PING_TICK_SECONDS: Final = 0.1
"""Interval at which due pings are sent."""
DIRECT_BYTES: Final = 32_768
"""Unsent bytes of a connection beyond which packets wait in the session's queue, where they are counted."""
MESSAGE_TYPE, EVENT_TYPE = "4", "2"
"""First characters of a message of Engine.IO, and of an event of Socket.IO."""
PLAIN_EVENT: Final = re.compile(r"2([0-9]{0,18})(?=\[)")
"""Beginning of an event without a namespace or attachments, up to its JSON."""
PROBE, PROBE_REPLY, UPGRADE = "2probe", "3probe", "5"
REFUSED_EVENT: Final = "chat:error"
"""Event by which a client is told of an event that has failed and asked for no acknowledgement."""
MAX_ID_LENGTH: Final = 200
"""Characters of an id that is sent back with a refusal."""
RESERVED_EVENTS: Final = ("connect", "disconnect")
"""Events that the library raises itself, but would also accept from a client."""


class ValidatedPacket(SocketioPacket):  # type: ignore[misc] # the library has no types
    """Socket.IO packet from a client, validated when it is decoded.

    The library accepts any JSON as an event and fails only when it is handled.
    """

    def decode(self, encoded_packet: Any) -> int:
        """Return the number of attachments. Raises ValueError for an invalid packet."""
        if not isinstance(encoded_packet, str):
            raise ValueError("the packet is not text")
        attachments = 0
        if (event := PLAIN_EVENT.match(encoded_packet)) is not None:
            self.packet_type, self.namespace = EVENT, None
            self.id = int(event[1]) if event[1] else None
            self.data = self.json.loads(encoded_packet[event.end() :])
        else:
            attachments = int(super().decode(encoded_packet))
        self._require_valid_event()
        return attachments

    def add_attachment(self, attachment: Any) -> bool:
        """Add an attachment; return True when the packet is complete. Raises ValueError."""
        try:
            return bool(super().add_attachment(attachment))
        except (LookupError, TypeError, RecursionError):
            raise ValueError("the attachment is not valid") from None

    def _require_valid_event(self) -> None:
        if self.packet_type in (EVENT, BINARY_EVENT):
            name = self.data[0] if isinstance(self.data, list) and self.data else None
            if not isinstance(name, str) or name in RESERVED_EVENTS:
                raise ValueError("the event name is not valid")


class PollingPayload(Payload):  # type: ignore[misc]
    """Packets of one long-polling request.

    Their number is bounded by the size of the request alone: the library's limit of 16 closes the session of a client
    that emits a few events at once.
    """

    max_decode_packets: Final = sys.maxsize


class SocketServer(socketio.AsyncServer):  # type: ignore[misc]
    """Socket.IO server on `EngineServer`.

    A client that violates the protocol is disconnected, without a log line. One that asks for another namespace, or
    sends an event without an acknowledgement that fails, is told.
    """

    def __init__(
        self, *, refuse_namespace: Callable[[web.Request], dict[str, Any]], place: Place | None = None, **options: Any
    ) -> None:
        """`refuse_namespace` returns the problem document for a namespace that does not exist; `place` is that of this
        process among several on one port."""
        super().__init__(serializer=ValidatedPacket, **options)
        self.eio.place = place
        self._refuse_namespace = refuse_namespace

    def _engineio_server_class(self) -> type[EngineServer]:
        return EngineServer

    async def _handle_connect(self, eio_sid: str, namespace: str | None, data: Any) -> None:
        if (namespace or "/") in self.namespaces:
            await super()._handle_connect(eio_sid, namespace, data)
            return
        body = self._refuse_namespace(vars(self)["environ"][eio_sid]["aiohttp.request"])
        refusal = {"message": body["detail"], "data": body}
        await self._send_packet(eio_sid, self.packet_class(CONNECT_ERROR, data=refusal, namespace=namespace))

    async def _answer(self, eio_sid: str, packet: ValidatedPacket) -> None:
        """Handle an event in the reader's own task, through fewer layers than the library has, and acknowledge it."""
        namespace, (event, *said) = packet.namespace or "/", packet.data
        sid = self.manager.sid_from_eio_sid(eio_sid, namespace)
        if not self.manager.is_connected(sid, namespace):
            return
        if packet.id is None:
            await self._handle_event_internal(self, sid, eio_sid, packet.data, namespace, None)
            return
        handler, arguments = self._get_event_handler(event, namespace, (sid, *said))
        answer = await handler(*arguments) if handler is not None else self.not_handled
        session = self.eio.sockets.get(eio_sid)
        if answer is not self.not_handled and session is not None:
            session.post(TextPacket(f"{ACK}{packet.id}{packet.json.dumps([answer])}"))

    async def _handle_event_internal(
        self, server: Any, sid: str, eio_sid: str, data: list[Any], namespace: str, id: int | None
    ) -> None:
        if id is not None:
            await super()._handle_event_internal(server, sid, eio_sid, data, namespace, id)
            return
        answer = await self._trigger_event(data[0], namespace, sid, *data[1:])
        if isinstance(answer, dict) and not answer["ok"]:
            await self.emit(REFUSED_EVENT, _refusal_of(data, answer["error"]), to=sid)

    async def _handle_eio_message(self, eio_sid: str, data: Any) -> None:
        try:
            if not data and eio_sid not in self._binary_packet:
                raise ValueError("the packet is empty")
            if self.async_handlers or eio_sid in self._binary_packet or data[:1] != EVENT_TYPE:
                await super()._handle_eio_message(eio_sid, data)
            else:
                await self._answer(eio_sid, self.packet_class(encoded_packet=data))
        except ValueError:
            if (session := self.eio.sockets.get(eio_sid)) is not None:
                await session.close(wait=False, abort=True, reason=self.reason.TRANSPORT_ERROR)


def _refusal_of(data: list[Any], error: Any) -> dict[str, Any]:
    """Return what the sender of an event without an acknowledgement is told, with the ids by which it was sent."""
    said = data[1] if len(data) > 1 and isinstance(data[1], dict) else {}
    ids = {name: said.get(name) for name in ("swap_id", "client_id")}
    return {
        "event": data[0],
        **{name: value[:MAX_ID_LENGTH] if isinstance(value, str) else None for name, value in ids.items()},
        "error": error,
    }


class EngineServer(engineio.AsyncServer):  # type: ignore[misc]
    """Engine.IO server that makes each session an `EngineSession` and sends the pings of all of them."""

    place: Place | None = None

    def __init__(self, **options: Any) -> None:
        super().__init__(monitor_clients=False, **options)
        self._async: dict[str, Any] = {**engineio.async_drivers.aiohttp._async, "websocket": UncompressedWebSocket}
        self._pings_due: deque[tuple[float, EngineSession]] = deque()
        self._to_flush: list[EngineSession] = []

    async def _trigger_event(self, event: str, *args: Any, **options: Any) -> Any:
        if event == "connect":  # the library has no option for the class of its sessions
            self.sockets[args[0]].__class__ = EngineSession
        return await super()._trigger_event(event, *args, **options)

    def generate_id(self) -> str:
        """Return a new session's id. Among several processes it says where the session is."""
        session_id = str(super().generate_id())
        return session_id if self.place is None else self.place.name_session(session_id)

    def create_queue(self) -> PacketQueue:
        """Return the queue of a new session."""
        return PacketQueue()

    def flush_soon(self, session: EngineSession) -> None:
        """Write what the session has to send when this turn of the loop is over, together with all others."""
        if not self._to_flush:
            asyncio.get_running_loop().call_soon(self._flush)
        self._to_flush.append(session)

    def _flush(self) -> None:
        sessions, self._to_flush = self._to_flush, []
        for session in sessions:
            session.flush()

    def schedule_ping_of(self, session: EngineSession) -> None:
        """Queue the session's next ping. The interval is the same for all, so the queue stays sorted."""
        self._pings_due.append((time.monotonic() + self.ping_interval, session))

    async def run_pings(self) -> None:
        """Send due pings until cancelled."""
        while True:
            await asyncio.sleep(PING_TICK_SECONDS)
            now = time.monotonic()
            while self._pings_due and self._pings_due[0][0] <= now:
                _, session = self._pings_due.popleft()
                try:
                    await session.ping()
                except Exception:
                    log.exception("sending a ping failed")


class EngineSession(AsyncSocket):  # type: ignore[misc]
    """Engine.IO session.

    `last_ping` is the time of the unanswered ping, or of a later packet, in seconds since 1970;
    None when no ping is unanswered.
    """

    last_ping: float | None
    connected: bool
    _websocket: UncompressedWebSocket | None = None
    _frames: tuple[bytes, ...] | list[bytes] = ()
    _frame_bytes = 0

    async def send(self, pkt: Packet) -> None:
        """Send a packet. Raises SocketIsClosedError."""
        if self.closed:
            raise SocketIsClosedError
        self.post(pkt)

    def post(self, packet: Packet) -> None:
        """Send a packet; nothing if the session is closed.

        It goes straight to the connection, in order, if that has taken what was sent before; else through the queue.
        """
        if self.closed:
            return
        websocket = self._websocket
        if (
            websocket is None
            or packet.binary
            or not self.queue.empty()
            or self._frame_bytes + websocket.unsent > DIRECT_BYTES
        ):
            self.queue.put_nowait(packet)
            return
        if not self._frames:
            self._frames = []
            self.server.flush_soon(self)
        frame = packet.frame if isinstance(packet, TextPacket) else text_frame(packet.encode())
        cast("list[bytes]", self._frames).append(frame)
        self._frame_bytes += len(frame)

    def flush(self) -> None:
        """Write what was posted in this turn of the loop."""
        frames, self._frames, self._frame_bytes = self._frames, (), 0
        if frames and self._websocket is not None:
            self._websocket.write(b"".join(frames))

    def schedule_ping(self) -> None:
        if self.last_ping:  # the previous ping has been answered
            self.last_ping = None
            self.server.schedule_ping_of(self)

    async def ping(self) -> None:
        if not self.closing and not self.closed:
            self.last_ping = time.time()
            await self.send(Packet(PING))

    async def receive(self, pkt: Packet) -> None:
        if pkt.packet_type == MESSAGE:
            await self._take(pkt.data)
            return
        self._note_life()
        await super().receive(pkt)

    async def _take(self, data: Any) -> None:
        """Hand a message on, in this task: one client's events are handled one after the other."""
        self._note_life()
        try:
            await self.server.handlers["message"](self.sid, data)
        except Exception:
            log.exception("handling a message failed")

    def _note_life(self) -> None:
        if self.last_ping:  # any packet proves that the client is alive; its pong may be queued behind others
            self.last_ping = time.time()

    async def handle_post_request(self, environ: dict[str, Any]) -> None:
        """Handle the packets of a long-polling request, one after the other: as many as fit the announced size."""
        try:
            length = int(environ.get("CONTENT_LENGTH", "0"))
            if length > self.server.max_http_buffer_size:
                raise ContentTooLongError
            body = (await environ["wsgi.input"].read(length)).decode()
            for packet in PollingPayload(encoded_payload=body).packets:
                await self.receive(packet)
                await asyncio.sleep(0)  # let other tasks run: thousands of packets fit one request
        except (ValueError, LookupError, EngineIOError):
            await self.close(wait=False, abort=True, reason=self.server.reason.TRANSPORT_ERROR)
            if self.sid in self.server.sockets:  # not closed by another task in the meantime
                raise EngineIOError from None

    def is_timed_out(self, now: float) -> bool:
        """Return True if a ping has been unanswered for too long. `now` is in seconds since 1970."""
        return self.last_ping is not None and now - self.last_ping > float(self.server.ping_timeout)

    async def _websocket_handler(self, ws: Any) -> None:
        if self.connected and not await self._upgrade(ws):
            return
        self.connected = self.upgraded = True
        self._websocket = ws
        # Reading has a task of its own. Without it each event would pass all that surrounds a request, in and out.
        reader = asyncio.create_task(self._read(ws))
        try:
            await self._write(ws)
            await reader
        finally:  # also when the task is cancelled on shutdown
            reader.cancel()
            await self.close(wait=False, abort=True, reason=self.server.reason.TRANSPORT_CLOSE)

    async def _upgrade(self, ws: Any) -> bool:
        """Move the session from polling to this websocket, holding back packets meanwhile.

        Return False if the client does not complete the upgrade.
        """
        self.upgrading = True
        try:
            with contextlib.suppress(OSError):
                if await ws.wait() == PROBE:
                    await ws.send(PROBE_REPLY)
                    await self.queue.put(Packet(NOOP))  # completes the pending long-polling request
                    return bool(await ws.wait() == UPGRADE)
            return False
        finally:
            self.upgrading = False

    async def _read(self, ws: Any) -> None:
        """Handle packets until the connection is closed or the client violates the protocol; then the writer ends."""
        try:
            await self._handle_packets(ws)
        finally:
            self.queue.put_nowait(None)

    async def _handle_packets(self, ws: Any) -> None:
        while True:
            try:
                text = await ws.wait()
                packet = None
                if not isinstance(text, str) or text[:1] != MESSAGE_TYPE:
                    packet = Packet(encoded_packet=text)
                    if packet.packet_type >= len(packet_names):
                        return
            except (OSError, ValueError, KeyError, IndexError):
                return
            try:
                await (self._take(text[1:]) if packet is None else self.receive(packet))
            except UnknownPacketError:
                pass
            except SocketIsClosedError:
                return
            except Exception:
                log.exception("handling a packet failed")
            if self.closed:
                return
            await asyncio.sleep(0)  # let other tasks run, among them the writer with the response

    async def _write(self, ws: Any) -> None:
        """Send queued packets until a None is queued or the connection is closed."""
        try:
            while (packet := await self.queue.get()) is not None:
                self.queue.task_done()
                self.flush()  # what was posted before it
                await ws.send(packet.encode())
        except (OSError, RuntimeError):  # aiohttp raises these when the connection is closed
            pass
        finally:
            self.flush()
            self._websocket = None  # nothing may follow the frame that closes
        await ws.close()  # waits for the client's answer; not when the request is cancelled
