"""Three users on REST, a socket and Telegram, with the real application objects in one process, for the state
machine."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import socketio
from bson import ObjectId

from bot.application import BotRunner
from bot.sandbox import Sandbox
from bot.updates.context import BotServices
from domain.users import User
from handlers.auth.sessions import issue_session
from handlers.runtime.deps import Deps, utc_now
from handlers.runtime.rate_limits import Rates
from storage.mongodb.database import Database
from tests.api.conftest import Web, open_web
from tests.factories import build_deps, insert_user
from tests.waiting import eventually

WITHIN = 20.0


class Clock:
    """The clock of the operations, `ahead` of the real time."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.ahead


class NoLimits(Rates):
    """Rate limits are not part of the model."""

    def take(self, *_: Any, **__: Any) -> None:
        return

    async def spend(self, *_: Any, **__: Any) -> None:
        return


@dataclass
class Stage:
    """The running parts; each play creates new users."""

    deps: Deps
    clock: Clock
    web: Web
    sandbox: Sandbox
    bot: BotRunner
    http: aiohttp.ClientSession

    async def quiet(self) -> None:
        """Wait until every Telegram update has been processed."""

        async def is_quiet() -> bool:
            if self.sandbox._world.inbox.waiting:  # checked first: an update that has left the sandbox is stored
                return False
            return not (await self.deps.store.telegram_updates.counts())["new"]

        await eventually(is_quiet, within=WITHIN)

    async def deliveries_done(self) -> None:
        """Wait until no delivery is queued, moving the clock to the deliveries that are due later."""

        async def is_done() -> bool:
            self.clock.ahead += timedelta(seconds=5)
            self.bot._notifier.wake()  # it sleeps by real time until a due time, and this clock jumps
            return (await self.deps.store.outbox.counts())["queued"] == 0

        await eventually(is_done, within=WITHIN)


@asynccontextmanager
async def open_stage(uri: str) -> AsyncIterator[Stage]:
    database = await Database.open(uri)
    clock = Clock()
    deps = replace(await build_deps(database), now=clock, rates=NoLimits())
    sandbox = Sandbox()
    await sandbox.start()
    async with open_web(deps) as web, aiohttp.ClientSession(web.url, cookie_jar=aiohttp.DummyCookieJar()) as http:
        services = BotServices(deps)
        bot = await asyncio.to_thread(
            BotRunner, services, web.feed, token=sandbox.token, worker="stage", api_url=sandbox.url
        )
        await bot.start()
        await bot.is_up.wait()
        try:
            yield Stage(deps, clock, web, sandbox, bot, http)
        finally:
            await bot.stop()
    await sandbox.stop()
    await database.command("dropDatabase")
    await database.close()


@dataclass
class Player:
    """One user on all three channels."""

    user: User
    chat: int
    headers: dict[str, str]
    client: Any = None
    received: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    """Messages received by the socket, by swap, in order."""

    async def connect(self, stage: Stage) -> None:
        self.client = socketio.AsyncClient(reconnection=False)

        async def receive(message: dict[str, Any]) -> None:
            self.received.setdefault(message["swap_id"], []).append((message["seq"], message["message"]))

        self.client.on("chat:receive", receive)
        await self.client.connect(stage.web.url, headers=self.headers, transports=["websocket"])

    async def leave(self) -> None:
        if self.client is not None:
            with contextlib.suppress(Exception):
                await asyncio.wait_for(self.client.disconnect(), 1)


async def players(stage: Stage, count: int = 3) -> list[Player]:
    """Create users who offer what the others want."""
    made = []
    for number in range(count):
        telegram_person = stage.sandbox.add_person(f"Player {number}")
        user = await insert_user(
            stage.deps,
            f"Player {number}",
            telegram_id=telegram_person.id,
            skills_offered=("Guitar", "Chess"),
            skills_wanted=("Python",),
        )
        headers = {"Authorization": f"Bearer {issue_session(stage.deps, user)}"}
        made.append(Player(user, telegram_person.id, headers))
        await stage.sandbox.send_text(telegram_person.id, "/swaps")
    await stage.quiet()
    return made


async def request(stage: Stage, player: Player, method: str, path: str, body: dict[str, Any]) -> tuple[int, Any]:
    async with stage.http.request(method, path, json=body, headers=player.headers) as reply:
        return reply.status, await reply.json()


def card_button(stage: Stage, player: Player, swap_id: str, verb: str) -> tuple[int, str] | None:
    """Return the id of the newest message of the bot with this button, and the button's data."""
    for message in reversed(stage.sandbox.chat(player.chat)):
        for button in message.buttons if message.from_bot else ():
            if button.data and swap_id in button.data and button.data.rpartition(":")[2] == verb:
                return message.id, button.data
    return None


def message_about(stage: Stage, player: Player, swap_id: str) -> int | None:
    """Return the id of a message in the chat that belongs to this swap, for a reply to it."""
    for message in reversed(stage.sandbox.chat(player.chat)):
        if message.from_bot and any(button.data and swap_id in button.data for button in message.buttons):
            return message.id
    return None


async def swaps_of(stage: Stage, ids: list[str]) -> dict[str, dict[str, Any]]:
    found = stage.deps.store.database.collection("swaps").find({"_id": {"$in": [ObjectId(one) for one in ids]}})
    return {str(doc["_id"]): doc async for doc in found}


async def messages_of(stage: Stage, swap_id: str) -> list[dict[str, Any]]:
    found = stage.deps.store.database.collection("messages").find({"swap_id": ObjectId(swap_id)})
    return [doc async for doc in found.sort("seq", 1)]


def shuffled(items: list[Any], seed: int) -> list[Any]:
    return random.Random(seed).sample(items, len(items))
