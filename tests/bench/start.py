"""Cost of a start: `make bench-start`.

Starts of `skillswap run` on a used data folder, and the processor time of its parts in a process that does nothing
else.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import pairwise

import aiohttp
import psutil

from skillswap.loopback import free_port
from tests.service import ROOT, running_service

BEFORE_READY = (
    ("command line and settings", "import skillswap.cli, uvloop; skillswap.cli.Settings.load(env_file=None)"),
    ("driver", "import gc; gc.disable(); import storage, pymongo"),
    ("texts", "import handlers.runtime.texts as texts; texts.load_texts()"),
    ("aiohttp", "from skillswap.preparation import import_aiohttp\nimport_aiohttp(); import aiohttp.web"),
    ("rules and stores", "import storage.store, storage.mongodb.indexes, storage.mongodb.migrations"),
    ("operations", "import handlers.runtime.deps, handlers.moderation, handlers.auth.roles"),
    ("socketio, jinja2, prometheus", "import api.realtime, socketio, jinja2, prometheus_client"),
    ("API and pages", "import api.app"),
    ("vocabulary", "import storage.vocabulary as words; words.load_vocabulary()"),
    ("sandbox", "import bot.sandbox"),
)
AFTERWARDS = (
    ("telegram, httpx", "import telegram.ext"),
    ("bot, mail, schedule", "import bot.application, mail.worker, skillswap.schedule"),
)
"""Parts of a start, in an order in which each import is counted once."""


async def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench-start", description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    rows: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory(prefix="skillswap-bench-") as folder:
        for _ in range(runs + 1):
            rows.append(await _start(folder))
    for name in rows[0]:
        values = [row[name] for row in rows[1:]]  # the first one has made the database
        print(f"{name:<32}{statistics.median(values):8.2f}   ({min(values):.2f}–{max(values):.2f}, n={runs})")
    measured = [_parts() for _ in range(runs)]
    for number, (name, _) in enumerate((*BEFORE_READY, *AFTERWARDS)):
        values = [parts[number] * 1000 for parts in measured]
        when = "" if number < len(BEFORE_READY) else ", once it is ready"
        print(f"{name:<32}{statistics.median(values):8.0f} ms of CPU   ({min(values):.0f}–{max(values):.0f}){when}")


async def _start(folder: str) -> dict[str, float]:
    async with running_service({"DATA_DIR": folder, "SANDBOX_PORT": str(free_port())}) as service:
        process = psutil.Process(service.child.pid)
        used, times = service.cpu_seconds(), [child.cpu_times() for child in process.children(recursive=True)]
        ready = time.perf_counter()
        async with aiohttp.ClientSession(service.url) as session:
            while not await _is_bot_connected(session):
                await asyncio.sleep(0.01)
        return {
            "ready after, s": service.seconds_to_ready,
            "bot connected after, s": service.seconds_to_ready + time.perf_counter() - ready,
            "CPU of the process, s": used,
            "CPU of mongod, s": sum(each.user + each.system for each in times),
            "memory, MB": service.memory_mb(),
        }


async def _is_bot_connected(session: aiohttp.ClientSession) -> bool:
    async with session.get("/readyz") as answer:
        return bool((await answer.json())["parts"]["bot"])


def _parts() -> list[float]:
    steps = "\n".join(f"{step}; print(time.process_time())" for _, step in (*BEFORE_READY, *AFTERWARDS))
    program = f"import time; print(time.process_time())\n{steps}"
    words = [sys.executable, "-c", program]
    done = subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True)
    marks = [float(line) for line in done.stdout.split()]
    return [after - before for before, after in pairwise(marks)]


if __name__ == "__main__":
    asyncio.run(main())
