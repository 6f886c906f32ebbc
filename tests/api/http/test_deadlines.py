from __future__ import annotations

import asyncio
import time
from time import monotonic

import pytest
from aiohttp import ClientSession
from aiohttp.web import Request, Response, get

from api.http.deadlines import Deadlines
from api.openapi.operation import op
from domain.errors import Unavailable
from handlers.runtime.deps import Deps
from tests.api.conftest import open_web

SECONDS = 0.4
GRANULARITY = 0.1


@pytest.fixture(autouse=True)
def _short_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.http.deadlines.ANSWER_SECONDS", SECONDS)
    monkeypatch.setattr("api.http.deadlines.GRANULARITY_SECONDS", GRANULARITY)


async def test_every_request_that_hangs_is_answered_at_its_own_deadline(deps: Deps) -> None:
    @op(tags=("people",), ok=None, is_public=True)
    async def hang(request: Request) -> Response:
        await asyncio.Event().wait()
        raise AssertionError("never set")

    async with open_web(deps, extra_routes=[get("/hang", hang)]) as running, ClientSession(running.url) as session:

        async def ask(after: float) -> float:
            await asyncio.sleep(after)
            asked = monotonic()
            async with session.get("/hang") as answer:
                assert (answer.status, answer.headers["Retry-After"]) == (503, "2")
                assert (await answer.json())["code"] == "database.unavailable"
            return monotonic() - asked

        for waited in await asyncio.gather(*(ask(number * GRANULARITY / 2) for number in range(10))):
            assert waited > SECONDS - GRANULARITY - 0.01
        assert await ask(3 * GRANULARITY) > SECONDS - GRANULARITY - 0.01  # the timer has rested meanwhile


async def test_cancellation_by_another_is_not_taken_for_the_deadline() -> None:
    task = asyncio.create_task(Deadlines().keep(asyncio.Event().wait()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_cancellation_by_another_at_the_deadline_goes_through() -> None:
    heard = asyncio.Event()

    async def slow_to_end() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            heard.set()
            await asyncio.Event().wait()  # cancelled once more while it ends

    task = asyncio.create_task(Deadlines().keep(slow_to_end()))
    await heard.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_task_goes_on_after_a_deadline_and_can_be_timed_again() -> None:
    deadlines = Deadlines()
    for _ in range(2):
        with pytest.raises(Unavailable):
            await deadlines.keep(asyncio.Event().wait())
        await asyncio.sleep(0)
    current = asyncio.current_task()
    assert current is not None
    assert current.cancelling() == 0
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await deadlines.keep(asyncio.Event().wait())


async def test_an_answer_within_a_deadline_within_another_is_ended_by_the_outer_one() -> None:
    deadlines = Deadlines()

    async def inner() -> None:
        await asyncio.sleep(SECONDS - GRANULARITY * 1.5)
        await deadlines.keep(asyncio.Event().wait())

    begun = monotonic()
    with pytest.raises(Unavailable):
        await deadlines.keep(inner())
    assert monotonic() - begun > SECONDS - GRANULARITY - 0.01


async def test_what_begins_after_a_standstill_has_its_whole_time() -> None:
    deadlines = Deadlines()

    async def many_turns() -> str:
        for _ in range(100):
            await asyncio.sleep(0)
        return "answer"

    waiting = asyncio.create_task(deadlines.keep(asyncio.Event().wait()))
    await asyncio.sleep(GRANULARITY / 2)
    time.sleep(SECONDS * 2)  # the process was stopped, or its machine asleep
    first = asyncio.create_task(deadlines.keep(many_turns()))
    await asyncio.sleep(0)
    assert await deadlines.keep(many_turns()) == await first == "answer"
    with pytest.raises(Unavailable):
        await waiting


async def test_an_answer_that_is_there_keeps_nothing_alive() -> None:
    deadlines = Deadlines()
    assert await deadlines.keep(asyncio.sleep(0, "answer")) == "answer"
    with pytest.raises(KeyError, match="own"):
        await deadlines.keep(fail())
    await asyncio.sleep(GRANULARITY * 2)
    assert not deadlines.is_timing


async def fail() -> None:
    raise KeyError("own")
