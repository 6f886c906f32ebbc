"""Database commands of a service without load."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from skillswap.loopback import free_port
from tests.service import running_service

SETTLE_SECONDS = 3.0
"""Time for the work that follows the start."""

MEASURING = "serverStatus"


async def count_idle_commands(data_dir: Path, seconds: float) -> dict[str, float]:
    """Start `skillswap run` (all channels, embedded database, sandbox) on an empty folder and count its database
    commands.

    Returns the commands per second by name: those of the service and of its driver, which asks for the server's state
    twice a second.
    """
    async with running_service({"DATA_DIR": str(data_dir), "SANDBOX_PORT": str(free_port())}):
        await asyncio.sleep(SETTLE_SECONDS)
        client = await asyncio.to_thread(_client, data_dir)
        try:
            before = await asyncio.to_thread(_totals, client)
            await asyncio.sleep(seconds)
            sent = await asyncio.to_thread(_totals, client) - before
        finally:
            await asyncio.to_thread(client.close)
    return {name: count / seconds for name, count in sent.most_common() if name != MEASURING}


def _client(data_dir: Path) -> MongoClient[dict[str, Any]]:
    """Connect as the internal user of the server, which may read the counters, with a long heartbeat interval."""
    port = json.loads((data_dir / "mongodb.json").read_text())["port"]
    key = "".join((data_dir / "mongodb.key").read_text().split())
    return MongoClient(
        "127.0.0.1",
        port,
        username="__system",
        password=key,
        authSource="local",
        directConnection=True,
        heartbeatFrequencyMS=600_000,
    )


def _totals(client: MongoClient[dict[str, Any]]) -> Counter[str]:
    commands = client.admin.command(MEASURING)["metrics"]["commands"]
    return Counter({name: row["total"] for name, row in commands.items() if isinstance(row, dict) and "total" in row})
