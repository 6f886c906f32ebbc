"""A ban and a leaving of the members' group, killed after a few of their writes; `make faults` kills after each."""

from __future__ import annotations

import pytest

from tests.faults import exits


@pytest.mark.timeout(300)
async def test_a_ban_or_a_leaving_that_is_cut_off_ends_complete_and_tells_nobody_twice() -> None:
    rows = await exits.run(seed=1, every=7)
    assert all(row.holds for row in rows), [row.figure for row in rows]
