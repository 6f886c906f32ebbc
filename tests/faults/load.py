"""A process with thousands of sockets that reconnect as Socket.IO's client does; `Load` starts and queries it.

It reads its plan from the first line, connects, and answers each further line with the events since the last one.
"""

from __future__ import annotations

import asyncio
import json
import random
import resource
import sys
from collections import Counter
from dataclasses import dataclass, field

from tests.faults.child import MAX_LINE, Child
from tests.faults.wire import Wire

FIRST_PAUSE, LONGEST_PAUSE, JITTER = 1.0, 5.0, 0.5  # seconds, as in Socket.IO's client


@dataclass
class Seen:
    """Events since the last query; `joined` are the seconds that each sign-in took."""

    inside: int = 0
    joined: list[float] = field(default_factory=list)
    ended: Counter[str] = field(default_factory=Counter)


class Load(Child):
    """`count` sockets in a child process, signed in with these tokens."""

    @classmethod
    async def start(cls, port: int, tokens: list[str], *, count: int, rate: float, number: int) -> Load:
        """`rate` is the number of first connections a second; `number` selects the local client address."""
        plan = {"port": port, "tokens": tokens, "count": count, "rate": rate, "from": f"127.0.1.{number}"}
        return await cls.spawn("tests.faults.load", plan)

    async def ask(self) -> Seen:
        await self.send({})
        answer = json.loads(await self.receive())
        return Seen(answer["inside"], answer["joined"], Counter(answer["ended"]))


class _Holder:
    def __init__(self, port: int, tokens: list[str], address: str) -> None:
        self._port = port
        self._tokens = tokens
        self._address = address
        self._tasks: set[asyncio.Task[None]] = set()
        self.inside: set[Wire] = set()
        self.seen = Seen()

    def add(self, number: int, attempt: int = 0, pause: float = 0.0) -> None:
        task = asyncio.create_task(self._connect(number, attempt, pause))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect(self, number: int, attempt: int, pause: float) -> None:
        await asyncio.sleep(pause)
        token = self._tokens[number % len(self._tokens)]

        def on_in(wire: Wire, seconds: float) -> None:
            self.seen.joined.append(seconds)
            self.inside.add(wire)

        def on_out(wire: Wire, reason: str) -> None:
            self.seen.ended[reason if wire in self.inside else f"{reason}, not in yet"] += 1
            self._again(number, 0 if wire in self.inside else attempt + 1)
            self.inside.discard(wire)

        try:
            await asyncio.get_running_loop().create_connection(
                lambda: Wire(token, on_in, on_out), "127.0.0.1", self._port, local_addr=(self._address, 0)
            )
        except OSError:
            self.seen.ended["no connection"] += 1
            self._again(number, attempt + 1)

    def _again(self, number: int, attempt: int) -> None:
        pause = min(FIRST_PAUSE * 2**attempt, LONGEST_PAUSE)
        self.add(number, attempt, pause * random.uniform(1 - JITTER, 1 + JITTER))


async def _hold() -> None:
    reader = asyncio.StreamReader(limit=MAX_LINE)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    plan = json.loads(await reader.readline())
    holder = _Holder(plan["port"], plan["tokens"], plan["from"])
    for number in range(plan["count"]):
        holder.add(number, pause=number / plan["rate"])
    while await reader.readline():
        seen, holder.seen = holder.seen, Seen()
        print(json.dumps({"inside": len(holder.inside), "joined": seen.joined, "ended": seen.ended}), flush=True)


if __name__ == "__main__":
    _, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (_hard, _hard))
    try:
        import uvloop

        asyncio.run(_hold(), loop_factory=uvloop.new_event_loop) if sys.version_info >= (3, 12) else uvloop.run(_hold())
    except ImportError:
        asyncio.run(_hold())
