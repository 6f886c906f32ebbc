"""A Socket.IO client of minimal cost, so that thousands fit on the machine beside the measured service."""

from __future__ import annotations

import asyncio
import struct
import time
from collections.abc import Callable
from typing import Final, cast

TEXT, CLOSE, PING = 1, 8, 9
UPGRADED: Final = b"HTTP/1.1 101"


class Wire(asyncio.Protocol):
    """Connects, signs in and answers pings. `on_in` is called with the seconds that took, `on_out` when it has ended.

    Without a token it never signs in. `texts` collects the received packets when it is set to a list; `hear` is called
    with each of them when it is set.
    """

    def __init__(
        self, token: str | None, on_in: Callable[[Wire, float], None], on_out: Callable[[Wire, str], None]
    ) -> None:
        self._token = token
        self._on_in = on_in
        self._on_out = on_out
        self._started = time.perf_counter()
        self._buffer = b""
        self._is_upgraded = False
        self.transport: asyncio.Transport | None = None
        self.why = "lost"
        self.texts: list[str] | None = None
        self.hear: Callable[[str], None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's transport is not a subclass
        self.transport.write(
            b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
        )

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._is_upgraded:
            head, end, rest = self._buffer.partition(b"\r\n\r\n")
            if not end:
                return
            if not head.startswith(UPGRADED):
                self.why = head[9:12].decode()
                self.close()
                return
            self._is_upgraded, self._buffer = True, rest
        while (frame := self._frame()) is not None:
            self._take(*frame)

    def connection_lost(self, exc: Exception | None) -> None:
        self._on_out(self, self.why)

    def send(self, text: str, *, opcode: int = TEXT) -> None:
        """Send a masked frame; the mask is zero, so the payload is unchanged."""
        if self.transport is None or self.transport.is_closing():
            return
        payload = text.encode()
        size = len(payload)
        head = bytes((0x80 | opcode,))
        if size < 126:
            head += bytes((0x80 | size,))
        elif size < 65_536:
            head += b"\xfe" + struct.pack(">H", size)
        else:
            head += b"\xff" + struct.pack(">Q", size)
        self.transport.write(head + bytes(4) + payload)

    def close(self) -> None:
        if self.transport is not None:
            self.transport.abort()

    def _frame(self) -> tuple[int, bytes] | None:
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        size, start = buffer[1] & 0x7F, 2
        if size == 126:
            if len(buffer) < 4:
                return None
            (size,), start = struct.unpack_from(">H", buffer, 2), 4
        elif size == 127:
            if len(buffer) < 10:
                return None
            (size,), start = struct.unpack_from(">Q", buffer, 2), 10
        if len(buffer) < start + size:
            return None
        self._buffer = buffer[start + size :]
        return buffer[0] & 0x0F, buffer[start : start + size]

    def _take(self, opcode: int, payload: bytes) -> None:
        if opcode == CLOSE:
            self.why = "closed"
            self.close()
        if opcode != TEXT:
            return
        if payload == b"2":
            self.send("3")
        elif payload.startswith(b"0"):
            if self._token is not None:
                self.send(f'40{{"token":"{self._token}"}}')
        elif payload.startswith(b"40"):
            self._on_in(self, time.perf_counter() - self._started)
        elif payload.startswith(b"44"):
            self.why = "refused"
            self.close()
        elif self.hear is not None:
            self.hear(payload.decode())
        elif self.texts is not None:
            self.texts.append(payload.decode())
