"""A child process of the suite, controlled by lines of JSON."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any, Final, Self

from tests.conftest import ROOT

ANSWER_SECONDS: Final = 60.0
MAX_LINE: Final = 10_000_000


class Child:
    """One child process; `spawn` starts the module and sends it the first request."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def spawn(cls, module: str, request: dict[str, Any]) -> Self:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=ROOT,
            limit=MAX_LINE,
        )
        child = cls(process)
        await child.send(request)
        return child

    async def send(self, request: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        await self._process.stdin.drain()

    async def receive(self) -> bytes:
        assert self._process.stdout is not None
        return await asyncio.wait_for(self._process.stdout.readline(), ANSWER_SECONDS)

    async def stop(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
