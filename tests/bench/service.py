"""The service as its own process, with its CPU time read from outside."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import psutil

START_SECONDS = 60.0


class Running:
    """A service process: its address, and how much CPU it has used."""

    def __init__(self, process: psutil.Process, url: str, seconds_to_ready: float) -> None:
        self.process = process
        self.url = url
        self.seconds_to_ready = seconds_to_ready

    def cpu_seconds(self) -> float:
        """User and system time of the service's own process; the database is another."""
        times = self.process.cpu_times()
        return float(times.user + times.system)

    def memory_mb(self) -> float:
        return float(self.process.memory_info().rss / 1e6)


@asynccontextmanager
async def service(env: dict[str, str], *, port: int, role: str = "run") -> AsyncIterator[Running]:
    """`skillswap run` with nothing else of this environment's settings; ended by SIGTERM."""
    url = f"http://127.0.0.1:{port}"
    clean = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    started = time.perf_counter()
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "skillswap",
        role,
        env={**clean, "HOST": "127.0.0.1", "PORT": str(port), "LOG_LEVEL": "WARNING", **env},
        stdout=asyncio.subprocess.DEVNULL,
        cwd=Path(env["DATA_DIR"]).parent,
    )
    try:
        async with aiohttp.ClientSession() as session:
            await _until_ready(session, url, child)
        yield Running(psutil.Process(child.pid), url, time.perf_counter() - started)
    finally:
        if child.returncode is None:
            child.terminate()
        await asyncio.wait_for(child.wait(), 30)


async def _until_ready(session: aiohttp.ClientSession, url: str, child: asyncio.subprocess.Process) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if child.returncode is not None:
            raise RuntimeError(f"the service ended with {child.returncode}")
        try:
            async with session.get(f"{url}/readyz") as reply:
                if reply.status == 200:
                    return
        except aiohttp.ClientError:
            pass
        await asyncio.sleep(0.01)
    raise RuntimeError(f"not ready after {START_SECONDS} s")
