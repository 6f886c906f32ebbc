"""One kill between the writes of a sweep; `make faults` has many, with everything that can happen in a swap."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.mongodb.embedded import EmbeddedMongo
from tests.faults.cluster import open_cluster
from tests.faults.plan_kills import telling_and_mark


@pytest.mark.timeout(300)
async def test_a_reminder_is_told_once_when_the_process_dies_after_the_write(tmp_path: Path) -> None:
    mongo = await EmbeddedMongo.start(tmp_path / "db", notify=lambda _: None)
    try:
        async with open_cluster(tmp_path / "cluster", mongo.uri, people=4, swaps=4) as cluster:
            assert await telling_and_mark(cluster, "") == ""
    finally:
        await mongo.stop()
