"""A process of slow or malformed clients: `Swarm` starts it, lets it connect and disconnects it.

It is a process of its own, so that the CPU time of the clients is not attributed to the service.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import resource
import socket
import sys
from collections.abc import Awaitable, Callable
from typing import Final

from tests.faults.child import MAX_LINE, Child

RAMP_SECONDS: Final = 5.0
"""Clients connect over this time; concurrent arrival is tested in `sockets`."""
TINY_BUFFER: Final = 4096
LEAST_URGENT: Final = 19
"""Lowest priority, because the clients share the cores with the measured processes."""

Attack = Callable[[asyncio.StreamReader, asyncio.StreamWriter, str], Awaitable[None]]


class Swarm(Child):
    """`clients` bad clients, equally many of each kind, signed in with these tokens where the kind requires it."""

    @classmethod
    async def start(cls, port: int, tokens: list[str], clients: int) -> Swarm:
        swarm = await cls.spawn("tests.faults.swarm", {"port": port, "tokens": tokens, "clients": clients})
        await swarm.receive()
        return swarm

    async def attack(self) -> None:
        await self.send({})
        await self.receive()

    async def rest(self) -> None:
        """Disconnect all clients."""
        await self.send({})
        await self.receive()


async def _swarm() -> None:
    os.nice(LEAST_URGENT)
    reader = asyncio.StreamReader(limit=MAX_LINE)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    plan = json.loads(await reader.readline())
    print(flush=True)
    tasks: list[asyncio.Task[None]] = []
    while await reader.readline():
        if tasks:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            tasks = []
        else:
            numbers = range(plan["clients"])
            tasks = [asyncio.create_task(_attack(plan["port"], number, plan["tokens"])) for number in numbers]
        print(flush=True)


async def _attack(port: int, number: int, tokens: list[str]) -> None:
    """Run one bad client repeatedly."""
    attack = ATTACKS[number % len(ATTACKS)]
    await asyncio.sleep(random.uniform(0, RAMP_SECONDS))
    while True:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            await once(port, attack, tokens[number % len(tokens)])
        await asyncio.sleep(random.uniform(0.5, 1.5))


async def once(port: int, attack: Attack, token: str) -> None:
    """Run one attack until the service closes the connection."""
    raw = socket.socket()
    raw.setblocking(False)
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, TINY_BUFFER)
    await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", port))
    reader, writer = await asyncio.open_connection(sock=raw, limit=TINY_BUFFER)
    try:
        await attack(reader, writer, token)
    finally:
        writer.transport.abort()


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, token: str) -> None:
    await reader.read()


async def half_head(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, token: str) -> None:
    writer.write(b"GET /api/user HTTP/1.1\r\nHost: x\r\nAuthor")
    await reader.read()


async def drops(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, token: str) -> None:
    for byte in b"GET /api/user HTTP/1.1\r\nHost: a-rather-long-name.example.org\r\n" * 10:
        writer.write(bytes((byte,)))
        await writer.drain()
        if reader.at_eof():
            return
        await asyncio.sleep(0.2)


async def used(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, token: str) -> None:
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    await reader.readuntil(b"true}")
    writer.write(b"GET /healthz HT")
    await reader.read()


async def half_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, token: str) -> None:
    head = f"PUT /api/user HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"
    writer.write(f'{head}Content-Length: 60000\r\n\r\n{{"location"'.encode())
    await reader.read()


async def unread(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, token: str) -> None:
    """Request the OpenAPI document repeatedly without reading the responses."""
    _stop_reading(writer)
    for _ in range(40):
        writer.write(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n")
        await asyncio.sleep(1)
        await writer.drain()


async def stranger(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, token: str) -> None:
    writer.write(_upgrade())
    await reader.read()


async def not_reading(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, token: str) -> None:
    """Sign in, send events and pongs as fast as allowed, and never read."""
    writer.write(_upgrade() + _frame(f'40{{"token":"{token}"}}'))
    await reader.readuntil(b"40{")
    _stop_reading(writer)
    for number in range(200):
        writer.write(_frame(f'42{number}["chat:sync",{{"swap_id":"{0:024x}","after":0}}]') + _frame("3"))
        await writer.drain()
        await asyncio.sleep(0.1)


async def too_large(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, token: str) -> None:
    writer.write(_upgrade() + _frame(f'40{{"token":"{token}"}}'))
    await reader.readuntil(b"40{")
    writer.write(_frame("42" + "x" * 70_000))
    await reader.read()


async def noise(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, token: str) -> None:
    writer.write(random.randbytes(200) + b"\r\n\r\n")
    await reader.read()


ATTACKS: tuple[Attack, ...] = (
    *(silent, half_head, drops, used, half_body, unread, stranger, not_reading, too_large, noise),
)


def _stop_reading(writer: asyncio.StreamWriter) -> None:
    assert isinstance(writer.transport, asyncio.Transport)
    writer.transport.pause_reading()


def _upgrade() -> bytes:
    return (
        b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
        b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
    )


def _frame(text: str) -> bytes:
    payload = text.encode()
    size = len(payload)
    if size < 126:
        length = bytes((0x80 | size,))
    elif size < 65_536:
        length = b"\xfe" + size.to_bytes(2, "big")
    else:
        length = b"\xff" + size.to_bytes(8, "big")
    return b"\x81" + length + bytes(4) + payload


if __name__ == "__main__":
    _, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (_hard, _hard))
    asyncio.run(_swarm())
