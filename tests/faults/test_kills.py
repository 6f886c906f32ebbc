"""Two kills of the service and one of mongod under a light load; `make faults` has many under a full load."""

from __future__ import annotations

import pytest

from tests.faults import kills


@pytest.mark.timeout(300)
async def test_messages_survive_kills_once_and_in_order() -> None:
    rows = await kills.run(seed=1, rounds=1, people=6, swaps=12, rate=3.0, points=("K2", "K4"), patience=8.0)
    broken = [f"{row.number} {row.promise}: {row.figure}" for row in rows if not row.holds]
    assert not broken, broken
