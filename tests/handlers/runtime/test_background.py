from __future__ import annotations

import asyncio

import pytest

from handlers.runtime.background import BackgroundTask, stop_all


async def test_a_task_ends_although_a_cancellation_of_it_was_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handlers.runtime.background.CANCEL_AGAIN_SECONDS", 0.05)
    swallowed = 0

    async def run() -> None:
        nonlocal swallowed
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if swallowed:
                    raise
                swallowed += 1

    stubborn = BackgroundTask("stubborn", run)
    other = BackgroundTask("other", lambda: asyncio.sleep(600))
    stubborn.start()
    other.start()
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await stop_all(stubborn, other)
    assert (swallowed, stubborn.is_running, other.is_running) == (1, False, False)
