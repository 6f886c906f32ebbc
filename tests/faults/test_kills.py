"""Two deaths of ours and one of the database under a light load; `make faults` has many, under a full one."""

from __future__ import annotations

from tests.faults import kills


async def test_nothing_is_lost_doubled_or_out_of_order_over_kills() -> None:
    rows = await kills.run(seed=1, rounds=1, people=6, swaps=12, rate=8.0, points=("K2", "K4"), patience=8.0)
    broken = [f"{row.number} {row.promise}: {row.figure}" for row in rows if not row.holds]
    assert not broken, broken
