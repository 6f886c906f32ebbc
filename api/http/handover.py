"""Handing a connection over to another process that listens on the same port.

With `--processes N` the system gives each new connection to any of the processes, but a long-polling session, or one
that moves from polling to a websocket, lives in the process where it began: the id of the session begins with that
process's number. A process that reads a request of another one's session passes the connection on, the open file
together with the request as it was read, through a Unix socket. The owner answers as if the connection had come to it
first, and keeps it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiohttp import hdrs, web

log = logging.getLogger(__name__)

SECONDS: Final = 2.0
"""Time that one connection may take on its way."""
AGAIN_SECONDS: Final = 0.02
"""Pause before an owner is tried again at which too many connections wait."""
FILES_SECONDS: Final = 1.0
"""Pause of taking connections when no file can be opened, as asyncio makes it for those from outside."""
BACKLOG: Final = 128
MAX_REQUEST_BYTES: Final = 1 << 20
_LENGTH: Final = struct.Struct("!I")
_REWRITTEN: Final = (b"content-length", b"transfer-encoding", b"expect")
"""Headers about a body that has been read."""

Accept = Callable[[socket.socket, bytes], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Place:
    """The place of this process among those that listen on one port: its number, from 0, and the folder of their Unix
    sockets."""

    number: int
    count: int
    folder: Path

    def socket_of(self, number: int) -> str:
        """Return the path of a process's Unix socket."""
        return str(self.folder / f"{number}.sock")

    def name_session(self, session_id: str) -> str:
        """Return a session's id that says where the session is."""
        return f"{self.number}.{session_id}"

    def owner_of(self, session_id: str) -> int | None:
        """Return the number of the other process that has a session; None for one's own, and for a made-up id."""
        number, dot, _ = session_id.partition(".")
        if not dot or not (number.isascii() and number.isdigit()) or len(number) > 3:
            return None
        owner = int(number)
        return owner if owner != self.number and owner < self.count else None


async def hand_over(place: Place, request: web.Request, owner: int) -> bool:
    """Give the connection of a request to its owner. False, with the connection untouched, when that is not there."""
    head = _as_read(request, await request.read())
    transport = request.transport
    if transport is None or transport.is_closing():
        return False
    transport.pause_reading()  # what the client sends next is the owner's to read
    with contextlib.suppress(OSError):
        fd = os.dup(transport.get_extra_info("socket").fileno())
        try:
            await _send(place.socket_of(owner), head, fd)
        finally:
            os.close(fd)
        request.protocol.force_close()  # closes this process's copy only
        return True
    log.warning("process %d did not take a connection of its session", owner)
    if not transport.is_closing():
        transport.resume_reading()
    return False


def _as_read(request: web.Request, body: bytes) -> bytes:
    """Return the bytes of a request."""
    lines = [f"{request.method} {request.raw_path} HTTP/1.1".encode()]
    lines += [name + b": " + value for name, value in request.raw_headers if name.lower() not in _REWRITTEN]
    if body or request.method == hdrs.METH_POST:
        lines.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join([*lines, b"", body])


async def _send(path: str, head: bytes, fd: int) -> None:
    """Send a connection and its request: without a thread, as nothing here blocks. Raises OSError, TimeoutError among
    them."""
    async with asyncio.timeout(SECONDS):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
            link.setblocking(False)
            while True:
                try:
                    link.connect(path)
                    break
                except BlockingIOError:  # too many wait there already
                    await asyncio.sleep(AGAIN_SECONDS)
            socket.send_fds(link, [_LENGTH.pack(len(head))], [fd])
            await asyncio.get_running_loop().sock_sendall(link, head)


class Receiver:
    """Takes the connections that other processes hand over."""

    def __init__(self, place: Place, accept: Accept) -> None:
        self._place = place
        self._accept = accept
        self._listening: socket.socket | None = None
        self._task: asyncio.Task[None] | None = None
        self._taking: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        path = self._place.socket_of(self._place.number)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        self._listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listening.setblocking(False)
        self._listening.bind(path)
        self._listening.listen(BACKLOG)
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
        if self._listening is not None:
            self._listening.close()
        await asyncio.gather(*self._taking, return_exceptions=True)

    async def _run(self) -> None:
        assert self._listening is not None
        loop = asyncio.get_running_loop()
        while True:
            try:
                link, _ = await loop.sock_accept(self._listening)
            except OSError as problem:  # too many open files: those that wait are taken later
                log.warning("connections handed over have to wait: %s", problem.strerror)
                await asyncio.sleep(FILES_SECONDS)
                continue
            task = loop.create_task(self._take(link))
            self._taking.add(task)
            task.add_done_callback(self._taking.discard)

    async def _take(self, link: socket.socket) -> None:
        try:
            connection, head = await asyncio.to_thread(_receive, link)
            await self._accept(connection, head)
        except (OSError, ValueError) as problem:  # the client is gone, or the other process
            log.warning("a connection handed over was not taken: %s", type(problem).__name__)


def _receive(link: socket.socket) -> tuple[socket.socket, bytes]:
    with link:
        link.settimeout(SECONDS)
        first, fds, _, _ = socket.recv_fds(link, _LENGTH.size, 1)
        if not fds:
            raise ValueError("no connection came")
        connection = socket.socket(fileno=fds[0])
        try:
            size = _LENGTH.unpack(first)[0] if len(first) == _LENGTH.size else MAX_REQUEST_BYTES + 1
            if size > MAX_REQUEST_BYTES:
                raise ValueError("the request is too long")
            head = bytearray()
            while len(head) < size:
                if not (part := link.recv(size - len(head))):
                    raise ValueError("the request is cut off")
                head += part
            connection.setblocking(False)
            return connection, bytes(head)
        except BaseException:
            connection.close()
            raise
