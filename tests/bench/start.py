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
from itertools import pairwise

import psutil

from skillswap.loopback import free_port
from tests.service import ROOT, running_service

PARTS = (
    ("command line and settings", "import skillswap.cli, uvloop; skillswap.cli.Settings.load(env_file=None)"),
    ("driver", "import gc; gc.disable(); import pymongo"),
    ("aiohttp", "import aiohttp.web"),
    ("rules and stores", "import storage.store, storage.mongodb.indexes, storage.mongodb.migrations"),
    ("operations", "import handlers.runtime.deps, handlers.moderation, handlers.auth.roles"),
    ("socketio, jinja2, prometheus", "import socketio, jinja2, prometheus_client"),
    ("API and pages", "import api.app"),
    ("telegram, httpx", "import telegram.ext"),
    ("bot, mail, sandbox, schedule", "import bot.application, bot.sandbox, mail.worker, skillswap.schedule"),
    ("texts", "import handlers.runtime.texts as texts; texts.load_texts()"),
    ("vocabulary", "gc.freeze(); gc.enable(); import storage.vocabulary as words; words.load_vocabulary()"),
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
    for number, (name, _) in enumerate(PARTS):
        values = [parts[number] * 1000 for parts in measured]
        print(f"{name:<32}{statistics.median(values):8.0f} ms of CPU   ({min(values):.0f}–{max(values):.0f})")


async def _start(folder: str) -> dict[str, float]:
    async with running_service({"DATA_DIR": folder, "SANDBOX_PORT": str(free_port())}) as service:
        process = psutil.Process(service.child.pid)
        times = [child.cpu_times() for child in process.children(recursive=True)]
        return {
            "ready after, s": service.seconds_to_ready,
            "CPU of the process, s": service.cpu_seconds(),
            "CPU of mongod, s": sum(time.user + time.system for time in times),
            "memory, MB": service.memory_mb(),
        }


def _parts() -> list[float]:
    steps = "\n".join(f"{step}; print(time.process_time())" for _, step in PARTS)
    program = f"import time; print(time.process_time())\n{steps}"
    words = [sys.executable, "-c", program]
    done = subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True)
    marks = [float(line) for line in done.stdout.split()]
    return [after - before for before, after in pairwise(marks)]


if __name__ == "__main__":
    asyncio.run(main())
