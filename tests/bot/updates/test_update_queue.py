"""The update queue: each update takes effect once and in order, despite failures of Telegram, the database or a
process."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from pymongo.errors import AutoReconnect, WTimeoutError

from bot.tokens import bot_id_of
from bot.updates import update_queue
from handlers.dead_letters import list_dead_updates, retry_update
from handlers.telegram_updates import MAX_ATTEMPTS, PAGE, StoredUpdate, store_update, waiting_updates

if TYPE_CHECKING:
    from domain.users import User
    from tests.bot.stage import Stage

pytest_plugins = ["tests.bot.stage"]

HELP = "You teach, you learn"


@pytest.fixture
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(update_queue, "MAX_PAUSE", 0.02)
    monkeypatch.setattr(update_queue, "RETRY_AFTER", 0.02)


async def test_chat_with_many_updates_does_not_delay_others(stage: Stage, ana: User, li: User) -> None:
    stage.sandbox.delay("sendMessage", 20)
    for _ in range(PAGE + 1):
        await stage.writes(ana, "/help")
    await stage.until(lambda: not stage.sandbox._world.inbox.waiting)
    sent = await stage.writes(li, "/help")
    await stage.sandbox.wait_for(li.telegram_id or 0, HELP, after=sent, timeout=5)
    assert stage.received(ana, HELP) == []


@pytest.mark.usefixtures("short_pauses")
async def test_answer_is_sent_after_a_long_outage_of_telegram(stage: Stage, ana: User) -> None:
    stage.sandbox.fail("sendMessage", times=3 * MAX_ATTEMPTS, status=502)
    await stage.says(ana, "/help", HELP)
    await stage.says(ana, "/privacy", "What I keep about you")
    assert len(stage.received(ana, HELP)) == 1


@pytest.mark.usefixtures("short_pauses")
async def test_update_that_always_fails_is_dead_lettered_and_the_next_one_is_answered(
    stage: Stage, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(update_queue, "MAX_RETRY_SECONDS", 0.2)
    stage.sandbox.fail("sendMessage", times=100_000, status=502)
    await stage.writes(ana, "/help")

    async def is_dead_lettered() -> bool:
        return (await stage.deps.store.telegram_updates.counts())["dead"] == 1

    await stage.until(is_dead_lettered)
    stage.sandbox.behave()
    await stage.says(ana, "/privacy", "What I keep about you")
    assert stage.received(ana, HELP) == []


async def test_bot_sends_nothing_during_retry_after(stage: Stage, ana: User) -> None:
    stage.sandbox.calls.clear()
    stage.sandbox.fail("sendMessage", times=1, status=429, retry_after=2)
    await stage.says(ana, "/help", HELP)
    refused, answered = [call.at for call in stage.sandbox.calls if call.method == "sendMessage"]
    assert answered - refused >= 2


@pytest.mark.usefixtures("short_pauses")
async def test_database_error_does_not_make_a_member_unregistered(
    stage: Stage, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    users = stage.deps.store.users
    find, failures = users.find_by_telegram, [True] * (MAX_ATTEMPTS + 1)

    async def failing_find(telegram_id: int) -> User | None:
        if failures:
            failures.pop()
            raise AutoReconnect("no primary")
        return await find(telegram_id)

    monkeypatch.setattr(users, "find_by_telegram", failing_find)
    sent = await stage.writes(ana, "/profile")
    answer = await stage.sees(ana, "Ana", after=sent)
    assert stage.buttons(answer)[0] == "✏️ Name"
    assert not failures

    async def is_done() -> bool:
        return not await waiting_updates(stage.deps, bot_id_of(stage.sandbox.token))

    await stage.until(is_done)
    assert [message.id for message in stage.chat(ana) if message.id > sent] == [answer.id]


@pytest.mark.usefixtures("short_pauses")
async def test_lagging_majority_dead_letters_no_update(
    stage: Stage, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    updates = stage.deps.store.telegram_updates
    start, failures = updates.start_attempt, [True] * (MAX_ATTEMPTS + 1)

    async def counted_and_failed(update: StoredUpdate) -> bool:
        is_started = await start(update)
        if failures:
            failures.pop()
            raise WTimeoutError("waiting for replication timed out", 64)
        return is_started

    monkeypatch.setattr(updates, "start_attempt", counted_and_failed)
    await stage.says(ana, "/help", HELP)
    assert not failures
    assert (await updates.counts())["dead"] == 0


async def test_suspended_process_does_not_repeat_a_finished_update(
    stage: Stage, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Suspend a process beyond its lease, with an update in progress that another process finishes meanwhile."""
    late = stage.runners[0]._update_queue
    process, started, resumed = late._process, list[StoredUpdate](), asyncio.Event()

    async def process_late(stored: StoredUpdate) -> float:
        started.append(stored)
        await resumed.wait()
        return await process(stored)

    monkeypatch.setattr(late, "_process", process_late)
    await stage.writes(ana, "/help")
    await stage.until(lambda: started)
    assert await stage.deps.store.telegram_updates.start_attempt(started[0])
    await stage.deps.store.telegram_updates.finish(started[0])
    resumed.set()
    await stage.says(ana, "/privacy", "What I keep about you")
    assert stage.received(ana, HELP) == []


async def test_update_that_kills_its_process_is_dead_lettered_reported_and_can_be_retried(
    stage: Stage, ana: User
) -> None:
    updates = stage.deps.store.telegram_updates
    await stage.runners.pop().stop()
    await stage.writes(ana, "/help")
    (update,) = await stage.sandbox._world.inbox.poll(0, 1, 1)
    bot_id = bot_id_of(stage.sandbox.token)
    assert await store_update(stage.deps, bot_id, update)
    (stored,) = await waiting_updates(stage.deps, bot_id)
    for attempts in range(MAX_ATTEMPTS):
        assert await updates.start_attempt(replace(stored, attempts=attempts))
    await stage.start_runner("another")
    await stage.sees(ana, "went wrong")
    await stage.says(ana, "/privacy", "What I keep about you")
    assert stage.received(ana, HELP) == []

    (dead,) = await list_dead_updates(stage.deps)
    assert (dead.update_id, dead.attempts) == (stored.update_id, MAX_ATTEMPTS)
    await retry_update(stage.deps, bot_id, dead.update_id)
    await stage.sees(ana, HELP)
    assert await list_dead_updates(stage.deps) == []


async def test_polled_update_that_cannot_be_stored_is_dead_and_the_next_one_is_answered(
    stage: Stage, ana: User
) -> None:
    world, chat_id = stage.sandbox._world, ana.telegram_id or 0
    nested: dict[str, object] = {}
    for _ in range(150):
        nested = {"x": nested}
    for strange in (nested, 2**63, "\ud800"):
        message = {"message_id": 1, "date": 1, "chat": {"id": chat_id, "type": "private"}, "strange": strange}
        world.add_update("message", chat_id, message)
    await stage.says(ana, "/privacy", "What I keep about you")
    dead = await list_dead_updates(stage.deps)
    assert len(dead) == 3
    assert not await retry_update(stage.deps, dead[0].bot_id, dead[0].update_id), "its content is not kept"
