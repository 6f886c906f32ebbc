"""`skillswap demo`, as `make demo` runs it."""

from __future__ import annotations

from tests.skillswap.test_cli import skillswap


async def test_every_step_of_the_demonstration_is_seen_on_the_other_side() -> None:
    code, out, err = await skillswap("demo", "--people", "5")
    assert code == 0, out[-2000:] + err
    assert "the clock of the service says" in out
