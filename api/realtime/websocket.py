"""Websocket frames of the server: made once for all receivers, uncompressed, and many of them in one write."""

from __future__ import annotations

import struct
import sys
from typing import Any, Final

import engineio.async_drivers.aiohttp
from aiohttp import web
from engineio.packet import MESSAGE, Packet

from api.http.tracebacks import drop_tracebacks

TEXT_FRAME: Final = 0x81
"""First byte of a websocket frame: text, and all of it."""


class TextPacket(Packet):  # type: ignore[misc]
    """Message of text for any number of sockets: its websocket frame is made once."""

    def __init__(self, text: str) -> None:
        super().__init__(MESSAGE, text)
        self._frame: bytes | None = None

    @property
    def frame(self) -> bytes:
        if self._frame is None:
            self._frame = text_frame(f"{MESSAGE}{self.data}")
        return self._frame


def text_frame(text: str) -> bytes:
    """Return the frame of a server's text: uncompressed, in one piece, without a mask."""
    payload = text.encode()
    size = len(payload)
    if size < 126:
        return bytes((TEXT_FRAME, size)) + payload
    if size < 65_536:
        return struct.pack("!BBH", TEXT_FRAME, 126, size) + payload
    return struct.pack("!BBQ", TEXT_FRAME, 127, size) + payload


class UncompressedWebSocket(engineio.async_drivers.aiohttp.WebSocket):  # type: ignore[misc]
    """Websocket without `permessage-deflate`, which aiohttp agrees to by default and the library leaves on: it keeps
    a compressor for each socket from the first frame on, and short frames gain little by it."""

    async def __call__(self, environ: Any) -> web.WebSocketResponse:
        """Open the websocket, and return it when it is closed."""
        self._sock = web.WebSocketResponse(max_msg_size=self.server.max_http_buffer_size, compress=False)
        await self._sock.prepare(environ["aiohttp.request"])
        self.__dict__["environ"] = environ  # as the library does
        self._request: web.Request = environ["aiohttp.request"]
        try:
            await self.handler(self)
        finally:
            drop_tracebacks(self._sock.exception())
        return self._sock

    @property
    def unsent(self) -> int:
        """Bytes that the system has not taken yet; more than any limit once the websocket is closing."""
        transport = None if self._sock.closed else self._request.transport
        return sys.maxsize if transport is None or transport.is_closing() else transport.get_write_buffer_size()

    def write(self, frames: bytes) -> None:
        """Write whole frames, as they are; nothing once the websocket is closing."""
        if not self._sock.closed and (transport := self._request.transport) is not None:
            transport.write(frames)
