"""A small budget of the state machine in every test run; `make faults` has the large one."""

from __future__ import annotations

import asyncio
import secrets

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import seed as seeded
from hypothesis.stateful import run_state_machine_as_test

from tests.faults.stage import open_stage
from tests.faults.state_machine import machine

EXAMPLES, STEPS = 8, 25


@pytest.mark.timeout(300)
def test_state_machine_of_three_users_on_three_channels_finds_no_violation(mongo_uri: str) -> None:
    play(mongo_uri, examples=EXAMPLES, steps=STEPS)


def play(mongo_uri: str, *, examples: int, steps: int, seed: int | None = None) -> None:
    """Run the machine on a database of its own. Raises what Hypothesis found. Blocks: it has an event loop of its own.

    Without a seed the same plays are run each time.
    """
    head, _, query = mongo_uri.partition("?")
    uri = f"{head.rpartition('/')[0]}/test_machine_{secrets.token_hex(6)}?{query}"
    budget = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=seed is None,
        phases=[Phase.generate],  # shrinking a failing play takes longer than all other phases
        report_multiple_bugs=False,
        database=None,
    )
    with asyncio.Runner() as runner:
        opening = open_stage(uri)
        stage = runner.run(opening.__aenter__())
        try:
            plays = machine(stage, runner.run)
            run_state_machine_as_test(seeded(seed)(plays) if seed is not None else plays, settings=budget)
        finally:
            runner.run(opening.__aexit__(None, None, None))
