"""The disk of the database is full: acknowledged messages are still stored after space is freed.

The disk is a small tmpfs in a mount namespace of its own, so that nothing else runs out of space. Where the system does
not allow that, the row reports it.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from storage.mongodb.mongod import OPTIONS, find_mongod
from tests.faults.cluster import Cluster, open_cluster
from tests.faults.ledger import judge
from tests.faults.rows import Row
from tests.faults.servers import SHORT, ReplicaSet
from tests.faults.traffic import Traffic

SIZE_MB = 450
FULL_WITHIN, BACK_WITHIN = 30.0, 60.0
PROMISE = "a full disk loses nothing"

# Restarts mongod as a supervisor would, until it is terminated; the file `ballast` fills the disk.
SCRIPT = """
mount -t tmpfs -o size="$1" none "$2" && mkdir "$2/db" && shift 2 || exit 3
trap 'kill -9 $child; exit' TERM
while :; do "$@" >/dev/null 2>&1 & child=$!; wait $child; sleep 1; done
"""


async def run(*, seed: int, rate: float = 20.0) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="skillswap-disk-") as name:
        folder = Path(name)
        if not await asyncio.to_thread(_is_allowed, folder):
            return [Row("14", PROMISE, "not tried: this system does not allow to mount a file system", True)]
        servers = ReplicaSet(folder / "set", 1)
        disk = folder / "disk"
        disk.mkdir()
        keeper = _start(servers.nodes[0].port, disk)
        try:
            await asyncio.to_thread(servers._initiate)
            await servers.primary()
            async with open_cluster(folder / "cluster", servers.uri(), people=20, swaps=60, seed=seed) as cluster:
                return [await _fill_up(cluster, Path(f"/proc/{keeper.pid}/root{disk}"), seed, rate)]
        finally:
            keeper.terminate()
            await asyncio.to_thread(keeper.wait)


def _is_allowed(folder: Path) -> bool:
    if shutil.which("unshare") is None:
        return False
    command = ["unshare", "-Urm", "mount", "-t", "tmpfs", "none", str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _start(port: int, disk: Path) -> subprocess.Popen[bytes]:
    program = find_mongod()
    assert program is not None, "no mongod on this machine"
    where = ["--dbpath", str(disk / "db"), "--port", str(port), "--replSet", "rs0"]
    mongod = [str(program), *where, *OPTIONS, *SHORT]
    return subprocess.Popen(["unshare", "-Urm", "sh", "-c", SCRIPT, "sh", f"{SIZE_MB}m", str(disk), *mongod])


async def _fill_up(cluster: Cluster, disk: Path, seed: int, rate: float) -> Row:
    """Fill the disk under load until nothing is acknowledged, then free it again."""
    await cluster.start()
    await cluster.open_chats()
    traffic = Traffic(cluster, seed)
    await traffic.open()
    talking = asyncio.create_task(traffic.talk(10_000, rate))
    ballast = disk / "ballast"
    try:
        await asyncio.sleep(3.0)
        began = time.perf_counter()
        await asyncio.to_thread(_take_all, ballast)
        while time.perf_counter() - began < FULL_WITHIN and _answered_since(traffic, 3.0):
            await asyncio.sleep(0.5)
            await asyncio.to_thread(_take_all, ballast)
        is_full = not _answered_since(traffic, 3.0)
        before = sum(message.seq is not None for message in traffic.messages)
        await asyncio.to_thread(ballast.unlink)
        freed = time.perf_counter()
        while time.perf_counter() - freed < BACK_WITHIN and not _answered_since(traffic, 0.5):
            await asyncio.sleep(0.1)
        back = time.perf_counter() - freed
        await asyncio.sleep(2.0)
        talking.cancel()
        await traffic.settle()
        verdict = await judge(traffic)
    finally:
        talking.cancel()
        await traffic.close()
    figure = f"{verdict.lost} of {before} acknowledged before lost; recovered {back:.1f} s after space was freed"
    figure += "" if is_full else "; the disk did not fill up"
    print(f"  disk: {verdict.sentence()}; {dict(traffic.errors)}", flush=True)
    return Row(
        "14", PROMISE, figure, is_full and verdict.is_clean and not verdict.unacknowledged and back < BACK_WITHIN
    )


def _answered_since(traffic: Traffic, seconds: float) -> bool:
    since = time.perf_counter() - seconds
    return any(message.answered > since for message in traffic.messages[-2000:])


def _take_all(ballast: Path) -> None:
    """Write until the disk is full."""
    piece = bytes(64 * 1024)
    handle = os.open(ballast, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        while True:
            os.write(handle, piece)
    except OSError:
        return
    finally:
        os.close(handle)
