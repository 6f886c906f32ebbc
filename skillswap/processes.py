"""`--processes N`: several processes on one port, so that the service uses more than one core.

The first one has the role that was asked for, the others serve the API. This process starts them, and the embedded
database when there is no other; it serves nothing itself. One that ends is started again.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import sys
import tempfile
from pathlib import Path
from typing import Final

from api.http.handover import Place
from skillswap.bootstrap import StartProblem
from skillswap.output import say
from skillswap.settings import Role, Settings, environment_with
from storage.mongodb.embedded import EmbeddedMongo

MAX_PROCESSES: Final = 64
FIRST_PAUSE_SECONDS: Final = 1.0
MAX_PAUSE_SECONDS: Final = 30.0
STEADY_SECONDS: Final = 60.0
"""A process that has run so long starts again without a longer pause."""
STOP_SECONDS: Final = 30.0
CANNOT_START: Final = 2
"""Exit code of a process that its configuration does not allow to run, or that finds no database. At the first start
nothing can be served, and whoever started it is told; later the process is tried again."""


async def serve_in_processes(settings: Settings, role: Role, count: int) -> int:
    """Run the role in `count` processes until SIGINT or SIGTERM. Returns the exit code.

    Raises StartProblem, DatabaseProblem.
    """
    _require_free_address(settings)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    with tempfile.TemporaryDirectory(prefix="skillswap-") as folder:
        mongo, env = None, environment_with()
        if settings.mongodb_uri is None:
            mongo = await EmbeddedMongo.start(settings.data_dir, notify=say)
            env = environment_with(MONGODB_URI=mongo.uri)
        try:
            children = [
                _Child(role if number == 0 else "api", Place(number, count, Path(folder)), env, stopping)
                for number in range(count)
            ]
            codes = await asyncio.gather(*(child.run() for child in children))
            return max(codes)
        finally:
            if mongo is not None:
                await mongo.stop()


def _require_free_address(settings: Settings) -> None:
    """Raise StartProblem when the address is in use: processes that share a port are not told of each other."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise StartProblem(
                f"{settings.host}:{settings.port} cannot be used ({error.strerror}); HOST and PORT name another"
            ) from None


class _Child:
    """One of the processes: started, started again when it ends, and stopped."""

    def __init__(self, role: Role, place: Place, env: dict[str, str], stopping: asyncio.Event) -> None:
        self._command = [
            sys.executable, "-m", "skillswap", role,
            "--processes", str(place.count), "--number", str(place.number), "--folder", str(place.folder),
        ]  # fmt: skip
        self._name = f"process {place.number + 1} of {place.count}"
        self._env = env
        self._stopping = stopping

    async def run(self) -> int:
        """Keep the process running until it is to stop. Returns its last exit code."""
        pause, is_first = FIRST_PAUSE_SECONDS, True
        loop = asyncio.get_running_loop()
        while True:
            started = loop.time()
            code = await self._run_once()
            if code == CANNOT_START and is_first:  # later it is the database that is missing: the others serve on
                self._stopping.set()
            is_first = False
            if self._stopping.is_set():
                return max(code, 0)
            pause = FIRST_PAUSE_SECONDS if loop.time() - started > STEADY_SECONDS else pause
            say(f"{self._name} has ended with {code}; it starts again in {pause:.0f} s")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)
                return 0
            pause = min(2 * pause, MAX_PAUSE_SECONDS)

    async def _run_once(self) -> int:
        """Run the process until it ends by itself or is to stop. Its input ends with this process, however that ends,
        and then it stops, too."""
        child = await asyncio.create_subprocess_exec(*self._command, env=self._env, stdin=asyncio.subprocess.PIPE)
        ended = asyncio.ensure_future(child.wait())
        stopped = asyncio.ensure_future(self._stopping.wait())
        await asyncio.wait((ended, stopped), return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if not ended.done():
            with contextlib.suppress(ProcessLookupError):
                child.terminate()
            with contextlib.suppress(TimeoutError):
                return await asyncio.wait_for(asyncio.shield(ended), STOP_SECONDS)
            child.kill()
        return await ended
