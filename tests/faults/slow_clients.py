"""Five hundred clients that do everything slowly or badly, beside people who only want to talk.

Silent connections, half heads, heads drop by drop, half bodies, half a head on a connection that was used, sockets that
never sign in, sockets that ask and do not read, answers that nobody takes, frames that are too large, and no HTTP at
all. Who is cut off comes back. Run alone: `python -m tests.faults.slow_clients [--clients 500] [--seconds 20]`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import resource
import socket
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp

from skillswap.loopback import free_port
from tests.faults.rows import Row, show
from tests.faults.sockets import p99, tokens_of, town
from tests.service import Service, start_service

CLIENTS = 500
GOOD = 8
"""People who ask for their profile and their swaps, one request after the other."""
PAUSE = 0.05
ROUNDS = 3
MAX_MEMORY_MB = 64
MAX_TIMES = 2.0
LEAST_SECONDS = 0.05
"""A p99 below this is nobody's concern: twice nothing is nothing."""
MAX_CLOSE_SECONDS = 15.0
TINY_BUFFER = 4096

Attack = Callable[[asyncio.StreamReader, asyncio.StreamWriter, str], Awaitable[None]]


async def run(*, clients: int = CLIENTS, seconds: float = 20.0) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="skillswap-slow-") as name:
        async with town(Path(name)) as (env, people):
            port = free_port()
            service = await start_service(env, role="api", port=port)
            try:
                return await _compare(service, port, tokens_of(people[:600]), clients, seconds)
            finally:
                await service.kill()


async def _compare(service: Service, port: int, tokens: list[str], clients: int, seconds: float) -> list[Row]:
    good, bad = tokens[:GOOD], tokens[GOOD:]
    await _ask(port, good, 2.0)  # what is made at first use
    calm: list[float] = []
    stormy: list[float] = []
    errors = 0
    memory = service.memory_mb()
    most = memory
    for _ in range(ROUNDS):  # in turn, because the machine has other work
        took, failed = await _ask(port, good, seconds / ROUNDS / 2)
        calm += took
        errors += failed
        swarm = [asyncio.create_task(_attack(port, number, bad)) for number in range(clients)]
        took, failed = await _ask(port, good, seconds / ROUNDS)
        stormy += took
        errors += failed
        most = max(most, service.memory_mb())
        for task in swarm:
            task.cancel()
        await asyncio.gather(*swarm, return_exceptions=True)
    slow = await _slowest_close(port)
    before, during, more = p99(calm), p99(stormy), most - memory
    holds = during <= max(before * MAX_TIMES, LEAST_SECONDS)
    shown = f"{before * 1000:.0f} ms → {during * 1000:.0f} ms, {len(stormy)} requests"
    return [
        Row("18", f"{clients} bad clients: p99 of others at most doubles", shown, holds),
        Row("18", f"{clients} bad clients: memory ≤ +{MAX_MEMORY_MB} MB", f"+{more:.0f} MB", more <= MAX_MEMORY_MB),
        Row("18", "no request of others fails meanwhile", f"{errors}", errors == 0),
        Row("18", f"each kind is closed within {MAX_CLOSE_SECONDS:.0f} s", f"{slow:.1f} s", slow <= MAX_CLOSE_SECONDS),
    ]


async def _ask(port: int, tokens: list[str], seconds: float) -> tuple[list[float], int]:
    """How long each request of the good people took, and how many failed."""
    took: list[float] = []
    failed = 0
    end = time.monotonic() + seconds

    async def person(token: str) -> None:
        nonlocal failed
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as web:
            headers = {"Authorization": f"Bearer {token}"}
            while time.monotonic() < end:
                started = time.perf_counter()
                path = random.choice(("/api/user", "/api/swap"))
                async with web.get(path, headers=headers) as answer:
                    await answer.read()
                    failed += answer.status != 200
                took.append(time.perf_counter() - started)
                await asyncio.sleep(PAUSE * random.uniform(0.5, 1.5))

    await asyncio.gather(*(person(token) for token in tokens))
    return took, failed


async def _attack(port: int, number: int, tokens: list[str]) -> None:
    """One bad client, again and again."""
    attack = ATTACKS[number % len(ATTACKS)]
    await asyncio.sleep(random.uniform(0, 1))
    while True:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            await _once(port, attack, tokens[number % len(tokens)])
        await asyncio.sleep(random.uniform(0.5, 1.5))


async def _once(port: int, attack: Attack, token: str) -> None:
    """Until the service closes the connection."""
    raw = socket.socket()
    raw.setblocking(False)
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, TINY_BUFFER)
    await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", port))
    reader, writer = await asyncio.open_connection(sock=raw, limit=TINY_BUFFER)
    try:
        await attack(reader, writer, token)
    finally:
        writer.transport.abort()


async def _slowest_close(port: int) -> float:
    """How long the kind that is borne longest is borne, of those that wait for a client to go on."""

    async def one(attack: Attack) -> float:
        started = time.monotonic()
        async with asyncio.timeout(60):
            await _once(port, attack, "")
        return time.monotonic() - started

    return max(await asyncio.gather(*(one(attack) for attack in (silent, half_head, drops, used, stranger, noise))))


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
    """Asks for the API's description over and over, and takes nothing."""
    writer.transport.pause_reading()
    for _ in range(40):
        writer.write(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n")
        await asyncio.sleep(1)
        await writer.drain()


async def stranger(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, token: str) -> None:
    writer.write(_upgrade())
    await reader.read()


async def not_reading(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, token: str) -> None:
    """Signs in, asks as fast as it may, takes nothing, and says all the while that it lives."""
    writer.write(_upgrade() + _frame(f'40{{"token":"{token}"}}'))
    await reader.readuntil(b"40{")
    writer.transport.pause_reading()
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


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.slow_clients", description=__doc__)
    parser.add_argument("--clients", type=int, default=CLIENTS)
    parser.add_argument("--seconds", type=float, default=20.0, help="of the attack, in three parts")
    given = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    show(asyncio.run(run(clients=given.clients, seconds=given.seconds)))


if __name__ == "__main__":
    main()
