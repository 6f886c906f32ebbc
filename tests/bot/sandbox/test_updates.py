"""Delivery of updates: kept until confirmed, repeated, pushed in turn, and safe from `kill -9`."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from telegram import Bot
from telegram.error import Conflict

from bot.sandbox import Person, Sandbox, StateFileProblem
from tests.bot.sandbox.conftest import bot_for, picture
from tests.waiting import eventually

SECRET = "a-secret-of-the-test"
ROOT = Path(__file__).parents[3]


async def texts(bot: Bot, **arguments: Any) -> list[str | None]:
    return [update.effective_message.text for update in await bot.get_updates(**arguments) if update.effective_message]


async def test_update_is_delivered_again_until_it_is_confirmed(sandbox: Sandbox, telegram: Bot, ana: Person) -> None:
    await sandbox.send_text(ana.id, "two")
    first = await telegram.get_updates()
    again = await telegram.get_updates()
    assert [update.update_id for update in again] == [update.update_id for update in first]
    assert await texts(telegram, offset=first[0].update_id + 1) == ["two"]
    assert await texts(telegram, offset=first[1].update_id + 1) == []
    assert await texts(telegram) == []


async def test_long_poll_returns_with_a_new_update(sandbox: Sandbox, telegram: Bot, ana: Person) -> None:
    [start] = await telegram.get_updates()
    poll = asyncio.create_task(texts(telegram, offset=start.update_id + 1, timeout=10))
    await eventually(lambda: sandbox.is_polled)
    await sandbox.send_text(ana.id, "news")
    assert await asyncio.wait_for(poll, 2) == ["news"]


async def test_second_poller_ends_the_first(sandbox: Sandbox, telegram: Bot) -> None:
    first = asyncio.create_task(telegram.get_updates(timeout=10))
    await eventually(lambda: sandbox.is_polled)
    async with bot_for(sandbox) as other:
        await other.get_updates()
    with pytest.raises(Conflict, match="terminated by other getUpdates request"):
        await first


async def test_only_allowed_updates_are_delivered(sandbox: Sandbox, telegram: Bot, ana: Person) -> None:
    [start] = await telegram.get_updates(allowed_updates=["edited_message"])
    await telegram.get_updates(offset=start.update_id + 1)
    sent = await sandbox.send_text(ana.id, "not asked for")
    await sandbox.edit_text(ana.id, sent, "edited")
    [update] = await telegram.get_updates()
    assert update.edited_message is not None


async def test_updates_can_be_duplicated_and_reordered(sandbox: Sandbox, telegram: Bot, ana: Person) -> None:
    await sandbox.send_text(ana.id, "two")
    sandbox.duplicate_updates(1)
    assert await texts(telegram) == ["/start", "/start", "two"]
    sandbox.reorder_updates(1)
    assert await texts(telegram) == ["two", "/start"]
    assert await texts(telegram) == ["/start", "two"]


class Webhook:
    """A webhook receiver on loopback; it responds with the statuses in `answers`, then 200."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str | None]] = []
        self.answers: list[int] = []
        self.in_flight = self.most_in_flight = 0

    async def receive(self, request: web.Request) -> web.Response:
        self.in_flight += 1
        self.most_in_flight = max(self.in_flight, self.most_in_flight)
        update = await request.json()
        await asyncio.sleep(0.01)
        self.seen.append((update["message"]["text"], request.headers.get("X-Telegram-Bot-Api-Secret-Token")))
        self.in_flight -= 1
        return web.Response(status=self.answers.pop(0) if self.answers else 200)


@pytest.fixture
async def webhook() -> AsyncIterator[tuple[Webhook, str]]:
    receiver = Webhook()
    app = web.Application()
    app.router.add_post("/hook", receiver.receive)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield receiver, f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    await runner.cleanup()


async def test_webhook_gets_each_update_in_turn_until_it_accepts_it(
    sandbox: Sandbox, telegram: Bot, ana: Person, webhook: tuple[Webhook, str]
) -> None:
    receiver, url = webhook
    receiver.answers = [500]
    await telegram.set_webhook(url, secret_token=SECRET)
    await sandbox.send_text(ana.id, "two")
    await sandbox.send_text(ana.id, "three")
    await eventually(lambda: len(receiver.seen) == 4)
    assert receiver.seen == [(text, SECRET) for text in ("/start", "/start", "two", "three")]
    assert receiver.most_in_flight == 1
    info = await telegram.get_webhook_info()
    assert info.last_error_message == "Wrong response from the webhook: 500 Internal Server Error"
    with pytest.raises(Conflict, match="can't use getUpdates method while webhook is active"):
        await telegram.get_updates()
    await telegram.delete_webhook()
    assert await texts(telegram) == []


async def test_everything_survives_a_restart(tmp_path: Path) -> None:
    state = tmp_path / "deep" / "state"
    first = Sandbox(state_file=state)
    await first.start()
    ana = first.add_person("Ana", profile_photo=picture())
    sent = await first.send_photo(ana.id, picture(), caption="kept")
    async with bot_for(first) as bot:
        await bot.set_my_commands([("help", "Help")])
        await bot.send_message(ana.id, "kept too", reply_to_message_id=sent)
    with pytest.raises(StateFileProblem, match="cannot be used"):
        await Sandbox(state_file=state).start()
    await first.stop()

    second = Sandbox(state_file=state)
    await second.start()
    shown = second.chat(ana.id)
    assert [(message.words, message.photo) for message in shown] == [("kept", picture()), ("kept too", None)]
    async with bot_for(second) as bot:
        [update] = await bot.get_updates()
        assert update.message is not None
        assert update.message.caption == "kept"
        assert (await bot.get_my_commands())[0].command == "help"
        assert (await bot.get_user_profile_photos(ana.id)).total_count == 1
    assert await second.send_text(ana.id, "next") == shown[-1].id + 1
    await second.stop()


async def test_message_survives_kill_9(tmp_path: Path) -> None:
    state = tmp_path / "state"
    async with aiohttp.ClientSession() as http:
        process, url = await spawn(state, "--people", "Ana:es,Li")
        async with http.get(f"{url}/sandbox/api/state") as response:
            people = (await response.json())["people"]
        path = f"{url}/sandbox/api/people/{people[0]['id']}/text"
        async with http.post(path, json={"text": "still here"}) as response:
            assert response.status == 200
        os.kill(process.pid, signal.SIGKILL)
        await process.wait()

        process, url = await spawn(state, "--people", "Ana:es,Li")
        async with http.get(f"{url}/sandbox/api/state") as response:
            people = (await response.json())["people"]
        assert [(person["first_name"], person["language_code"]) for person in people] == [("Ana", "es"), ("Li", "en")]
        async with http.post(f"{url}/bot{Sandbox().token}/getUpdates") as response:
            [update] = (await response.json())["result"]
        assert update["message"]["text"] == "still here"
        process.terminate()
        assert await process.wait() == 0


async def spawn(state: Path, *more: str) -> tuple[asyncio.subprocess.Process, str]:
    """Start `python -m bot.sandbox`; return the process and the URL that it prints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.sandbox", "--port", "0", "--state", str(state), *more,
        stdout=asyncio.subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    assert process.stdout is not None
    await process.stdout.readline()
    line = (await process.stdout.readline()).decode()
    return process, line.split()[1]
