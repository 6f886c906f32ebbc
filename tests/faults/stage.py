"""Three people, each at three doors, on the real application objects in one process: what the state machine acts on."""

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
    """The time of the operations: real, and as far ahead or behind as it was set."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.ahead


class NoLimits(Rates):
    """How often somebody may do something is not what is played here."""

    def take(self, *_: Any, **__: Any) -> None:
        return

    async def spend(self, *_: Any, **__: Any) -> None:
        return


@dataclass
class Stage:
    """What runs all the time; people come new for each play."""

    deps: Deps
    clock: Clock
    web: Web
    sandbox: Sandbox
    door: BotRunner
    http: aiohttp.ClientSession

    async def quiet(self) -> None:
        """Return when every update has been acted on."""

        async def is_quiet() -> bool:
            if self.sandbox._world.inbox.waiting:  # looked at first: what has left it is stored by then
                return False
            return not (await self.deps.store.telegram_updates.counts())["new"]

        await eventually(is_quiet, within=WITHIN)

    async def told(self) -> None:
        """Return when no delivery waits any more; what waits for a later time is brought forward."""

        async def is_told() -> bool:
            self.clock.ahead += timedelta(seconds=5)
            return (await self.deps.store.outbox.counts())["queued"] == 0

        await eventually(is_told, within=WITHIN)


@asynccontextmanager
async def open_stage(uri: str) -> AsyncIterator[Stage]:
    database = await Database.open(uri)
    clock = Clock()
    deps = replace(await build_deps(database), now=clock, rates=NoLimits())
    sandbox = Sandbox()
    await sandbox.start()
    async with open_web(deps) as web, aiohttp.ClientSession(web.url, cookie_jar=aiohttp.DummyCookieJar()) as http:
        services = BotServices(deps)
        door = await asyncio.to_thread(
            BotRunner, services, web.feed, token=sandbox.token, worker="stage", api_url=sandbox.url
        )
        await door.start()
        await door.is_up.wait()
        try:
            yield Stage(deps, clock, web, sandbox, door, http)
        finally:
            await door.stop()
    await sandbox.stop()
    await database.command("dropDatabase")
    await database.close()


@dataclass
class Player:
    """One person at all three doors."""

    user: User
    chat: int
    headers: dict[str, str]
    client: Any = None
    heard: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    """By swap, what the socket brought, in its order."""

    async def connect(self, stage: Stage) -> None:
        self.client = socketio.AsyncClient(reconnection=False)

        async def receive(message: dict[str, Any]) -> None:
            self.heard.setdefault(message["swap_id"], []).append((message["seq"], message["message"]))

        self.client.on("chat:receive", receive)
        await self.client.connect(stage.web.url, headers=self.headers, transports=["websocket"])

    async def leave(self) -> None:
        if self.client is not None:
            with contextlib.suppress(Exception):
                await asyncio.wait_for(self.client.disconnect(), 1)


async def players(stage: Stage, count: int = 3) -> list[Player]:
    """New people; everybody teaches what the others want."""
    made = []
    for number in range(count):
        someone = stage.sandbox.add_person(f"Player {number}")
        user = await insert_user(
            stage.deps,
            f"Player {number}",
            telegram_id=someone.id,
            skills_offered=("Guitar", "Chess"),
            skills_wanted=("Python",),
        )
        headers = {"Authorization": f"Bearer {issue_session(stage.deps, user)}"}
        made.append(Player(user, someone.id, headers))
        await stage.sandbox.send_text(someone.id, "/swaps")
    await stage.quiet()
    return made


async def request(stage: Stage, player: Player, method: str, path: str, body: dict[str, Any]) -> tuple[int, Any]:
    async with stage.http.request(method, path, json=body, headers=player.headers) as reply:
        return reply.status, await reply.json()


def card_button(stage: Stage, player: Player, swap_id: str, verb: str) -> tuple[int, str] | None:
    """The newest message of the bot with this button, and the button's data."""
    for message in reversed(stage.sandbox.chat(player.chat)):
        for button in message.buttons if message.from_bot else ():
            if button.data and swap_id in button.data and button.data.rpartition(":")[2] == verb:
                return message.id, button.data
    return None


def message_about(stage: Stage, player: Player, swap_id: str) -> int | None:
    """A message in the person's chat that a reply to this swap can be tied to."""
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
