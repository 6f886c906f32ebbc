"""The state machine with a large budget; see tests/faults/state_machine.py."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from tests.faults.rows import Row
from tests.faults.servers import replica_set
from tests.faults.test_state_machine import play


async def run(*, seed: int, examples: int = 60, steps: int = 50) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="skillswap-plays-") as name:
        async with replica_set(Path(name) / "one", 1) as server:
            wrong = ""
            try:
                await asyncio.to_thread(play, server.uri("plays"), examples=examples, steps=steps, seed=seed)
            except BaseException as error:  # noqa: BLE001 - Hypothesis raises what it found, a group of it too
                notes = " ".join(getattr(error, "__notes__", ()))
                print(f"  plays: {error!r}\n{notes}", flush=True)
                wrong = f"{type(error).__name__}: {str(error)[:150]}"
    figure = wrong or f"{examples} plays of up to {steps} steps, three users on three channels, no rule broken"
    return [Row("10", "any sequence of actions of three users", figure, not wrong)]
