"""Real mongods that can be killed and paused: single nodes and replica sets of three."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from skillswap.loopback import free_port
from storage.mongodb.mongod import LAUNCHER, OPTIONS, find_mongod

READY_SECONDS = 60.0
FAST_ELECTIONS = {
    "electionTimeoutMillis": 2000,
    "heartbeatIntervalMillis": 500,
    "heartbeatTimeoutSecs": 2,
    "catchUpTimeoutMillis": 2000,
}

SHORT = ("--setParameter", "transactionLifetimeLimitSeconds=15", "--wiredTigerCacheSizeGB", "0.25")
"""Options of the embedded database on a small machine; transactions of a killed process end after 15 s."""


class Node:
    """One mongod on loopback, without authentication, with made-up data only."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        program = find_mongod()
        assert program is not None, "no mongod on this machine"
        where = ["--dbpath", str(self.folder), "--port", str(self.port), "--replSet", "rs0"]
        launcher = [sys.executable, "-c", LAUNCHER, str(os.getpid())]  # ends it when this process ends
        self.process = subprocess.Popen(
            [*launcher, str(program), *where, *OPTIONS, *SHORT], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def signal(self, number: int) -> None:
        assert self.process is not None
        os.kill(self.process.pid, number)

    def kill(self) -> None:
        """End the process with `kill -9`, even when it is paused, and wait for it."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def hello(self) -> dict[str, Any]:
        """Return the reply to `hello`, or {} without one."""
        with MongoClient[dict[str, Any]](
            "127.0.0.1", self.port, directConnection=True, serverSelectionTimeoutMS=800, socketTimeoutMS=800
        ) as client:
            try:
                return dict(client.admin.command("hello"))
            except PyMongoError:
                return {}


class ReplicaSet:
    """Nodes that elect a primary within a few seconds."""

    def __init__(self, folder: Path, size: int) -> None:
        self.nodes = [Node(folder / f"node{number}") for number in range(size)]

    def uri(self, database: str = "skillswap", **options: str) -> str:
        hosts = ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)
        parameters = "".join(f"&{name}={value}" for name, value in options.items())
        return f"mongodb://{hosts}/{database}?replicaSet=rs0{parameters}"

    async def start(self) -> None:
        for node in self.nodes:
            node.start()
        await asyncio.to_thread(self._initiate)
        await self.primary()

    def _initiate(self) -> None:
        for node in self.nodes:
            _wait_until_ready(node)
        members = [{"_id": number, "host": f"127.0.0.1:{node.port}"} for number, node in enumerate(self.nodes)]
        with MongoClient[dict[str, Any]]("127.0.0.1", self.nodes[0].port, directConnection=True) as client:
            client.admin.command("replSetInitiate", {"_id": "rs0", "members": members, "settings": FAST_ELECTIONS})

    async def primary(self, *, besides: Node | None = None) -> Node:
        """Wait for a primary and return it."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            for node in self.nodes:
                if node is not besides and (await asyncio.to_thread(node.hello)).get("isWritablePrimary"):
                    return node
            await asyncio.sleep(0.1)
        raise RuntimeError("no primary was elected")

    async def wait_until_healthy(self) -> None:
        """Wait until every node is a primary or a secondary."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            replies = [await asyncio.to_thread(node.hello) for node in self.nodes]
            if all(one.get("isWritablePrimary") or one.get("secondary") for one in replies):
                return
            await asyncio.sleep(0.2)
        raise RuntimeError("the replica set did not become healthy")

    async def stop(self) -> None:
        for node in self.nodes:
            await asyncio.to_thread(node.kill)


@asynccontextmanager
async def replica_set(folder: Path, size: int) -> AsyncIterator[ReplicaSet]:
    servers = ReplicaSet(folder, size)
    try:
        await servers.start()
        yield servers
    finally:
        await servers.stop()
        with contextlib.suppress(OSError):
            await asyncio.to_thread(shutil.rmtree, folder)


def pause(node: Node) -> None:
    """Stop the node with SIGSTOP: connections stay open, nothing is answered."""
    node.signal(signal.SIGSTOP)


def resume(node: Node) -> None:
    node.signal(signal.SIGCONT)


def _wait_until_ready(node: Node) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not node.hello():
        if time.monotonic() > deadline:
            raise RuntimeError("a mongod did not start")
        time.sleep(0.05)
