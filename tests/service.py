"""The service as a process of its own, for tests that kill it and for the benchmark."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import psutil

from skillswap.loopback import free_port

ROOT = Path(__file__).parent.parent
START_SECONDS = 60.0
ONE_TRY = aiohttp.ClientTimeout(total=5)
"""A connection may be lost among thousands that come to a new process at once."""
STOP_SECONDS = 30.0
LOGS: list[Path] = []
"""Log files of all services started by this process."""


class Service:
    """One service process: its URL, its CPU and memory, and ways to end it."""

    def __init__(self, child: asyncio.subprocess.Process, url: str, seconds_to_ready: float) -> None:
        self.child = child
        self.url = url
        self.seconds_to_ready = seconds_to_ready
        self.sandbox_page = ""
        self._process = psutil.Process(child.pid)

    def cpu_seconds(self) -> float:
        """Return user and system time of this process, without the database."""
        times = self._process.cpu_times()
        return float(times.user + times.system)

    def memory_mb(self) -> float:
        return float(self._process.memory_info().rss / 1e6)

    async def kill(self) -> None:
        """End the process with `kill -9`."""
        self.child.send_signal(signal.SIGKILL)
        await self.child.wait()

    async def stop(self) -> int:
        """End the process with SIGTERM, as a supervisor does; return the exit code."""
        if self.child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.child.terminate()
        return await asyncio.wait_for(self.child.wait(), STOP_SECONDS)


async def start_service(
    env: dict[str, str],
    *,
    role: str = "run",
    port: int | None = None,
    log: Path | None = None,
    module: str = "skillswap",
    arguments: Sequence[str] = (),
) -> Service:
    """Start `skillswap <role>` with these settings only and wait until it is ready.

    `module` is run instead of `skillswap`, with the same arguments; `arguments` come after the role. Raises
    RuntimeError when it ends or is not ready in time.
    """
    port = port or free_port()
    url = f"http://127.0.0.1:{port}"
    inherited = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    settings = {"HOST": "127.0.0.1", "PORT": str(port), "LOG_LEVEL": "WARNING", "PYTHONPATH": str(ROOT), **env}
    started = time.perf_counter()
    if log:
        LOGS.append(log)
    with contextlib.ExitStack() as stack:
        output = stack.enter_context(log.open("ab")) if log else asyncio.subprocess.DEVNULL
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            module,
            role,
            *arguments,
            env={**inherited, **settings},
            stdout=output,
            stderr=output if log else None,
            cwd=env["DATA_DIR"],
        )
    if role in ("run", "api"):
        try:
            await _until_ready(url, child)
        except BaseException:
            if child.returncode is None:
                child.kill()
                await child.wait()
            raise
    return Service(child, url, time.perf_counter() - started)


@asynccontextmanager
async def running_service(
    env: dict[str, str], *, role: str = "run", port: int | None = None, log: Path | None = None
) -> AsyncIterator[Service]:
    """Run a service for the block; SIGTERM ends it."""
    service = await start_service(env, role=role, port=port, log=log)
    try:
        yield service
    finally:
        await service.stop()


async def _until_ready(url: str, child: asyncio.subprocess.Process) -> None:
    deadline = time.monotonic() + START_SECONDS
    async with aiohttp.ClientSession() as session:
        while time.monotonic() < deadline:
            if child.returncode is not None:
                raise RuntimeError(f"the service ended with {child.returncode}")
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                async with session.get(f"{url}/readyz", timeout=ONE_TRY) as reply:
                    if reply.status == 200:
                        return
            await asyncio.sleep(0.01)
    raise RuntimeError(f"not ready after {START_SECONDS} s")
