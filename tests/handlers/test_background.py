"""Background tasks: started, stopped and restarted; a failure is logged."""

from __future__ import annotations

import asyncio
import logging

import pytest

from handlers.runtime.background import BackgroundTask, stop_all, wait_until_set


async def test_stop_cancels_the_task_and_waits_for_its_end() -> None:
    ended: list[str] = []

    async def run() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.02)  # what it does on its way out
            ended.append("run")

    task = BackgroundTask("a task", run)
    await task.stop()  # before it was started
    for times in (1, 2):
        task.start()
        task.start()
        assert task.is_running
        await asyncio.sleep(0)
        await task.stop()
        assert not task.is_running
        assert ended == ["run"] * times


async def test_tasks_stopped_together_are_cancelled_at_once() -> None:
    cancelled: list[str] = []

    def make(name: str) -> BackgroundTask:
        async def run() -> None:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancelled.append(name)
                await asyncio.sleep(0.05)
                cancelled.append(name)
                raise

        return BackgroundTask(name, run)

    one, other = make("one"), make("other")
    for task in (one, other):
        task.start()
    await asyncio.sleep(0)
    await stop_all(one, other)
    assert sorted(cancelled[:2]) == ["one", "other"]
    assert not one.is_running
    assert not other.is_running


async def test_an_exception_is_logged_when_it_ends_the_task(caplog: pytest.LogCaptureFixture) -> None:
    async def run() -> None:
        raise RuntimeError("a bug")

    task = BackgroundTask("a task", run)
    with caplog.at_level(logging.ERROR):
        task.start()
        while task.is_running:
            await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert "background task a task failed" in caplog.text
    assert "a bug" in caplog.text
    await task.stop()


async def test_waiting_for_an_event_ends_with_the_time_and_with_the_event() -> None:
    event = asyncio.Event()
    await wait_until_set(event, 0.01)
    await wait_until_set(event, -1.0)
    assert not event.is_set()
    asyncio.get_running_loop().call_later(0.01, event.set)
    async with asyncio.timeout(5):
        await wait_until_set(event, 3600)
    assert event.is_set()
