"""`skillswap demo`: stories in a scratch community, each step of which is checked on the other side.

The bot runs against a sandbox of Telegram; the web side is REST over HTTP and a real Socket.IO client. The command
returns 0 only if every change made through one channel was seen in the other.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

import aiohttp
from socketio.exceptions import SocketIOError

from bot.sandbox import Clock, Sandbox
from skillswap.bootstrap import Service, running
from skillswap.demo.circle_story import CircleStory
from skillswap.demo.door_story import DoorStory
from skillswap.demo.endings import Endings
from skillswap.demo.late_story import LateStory
from skillswap.demo.life_story import LifeStory
from skillswap.demo.scene import Community, StepFailed
from skillswap.demo.seeding import add_people
from skillswap.demo.story import Story
from skillswap.loopback import free_port
from skillswap.output import say
from skillswap.settings import Settings
from storage.clock_moves import ClockMoves
from storage.mongodb.database import Database

SEED: Final = 7
PARTS: Final[Mapping[str, tuple[type[Community], ...]]] = {
    "swaps": (Story, CircleStory, LifeStory, Endings, LateStory),
    "door": (DoorStory,),
}
"""The parts of each story, in the order in which they are told. The names are those of `skillswap.cli.STORIES`."""


async def play(names: Sequence[str], *, people: int, is_kept: bool) -> int:
    """Play these stories, each in a community of its own, and print them; returns 0 when every step was seen on the
    other side, else 1."""
    for name in names:
        if code := await _play(PARTS[name], people=people, is_kept=is_kept):
            return code
    return 0


async def _play(parts: Sequence[type[Community]], *, people: int, is_kept: bool) -> int:
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="skillswap-demo-"))
    say("Starting everything on a scratch folder …")
    started, steps = time.monotonic(), 0
    try:
        async with _community(folder) as (service, sandbox):
            say(f"Up after {time.monotonic() - started:.1f} s. Inviting {people} made-up people …")
            await add_people(service.deps, people, seed_number=SEED)
            assert service.address is not None
            for part in parts:
                told = part(sandbox, service.deps, service.address)
                await told.tell()
                steps += told.steps
            say(f"\nAll {steps} steps were seen on the other side, {time.monotonic() - started:.0f} s after the start.")
        return 0
    except (StepFailed, TimeoutError, aiohttp.ClientError, SocketIOError) as problem:
        say(f"\nFAILED: {problem or type(problem).__name__}")
        return 1
    finally:
        if is_kept:
            say(f"The data folder is kept: {folder}")
        else:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


class _ServiceClock:
    """The clock of a service that starts after its sandbox: until then, that of this machine."""

    def __init__(self) -> None:
        self.database: Database | None = None

    def now(self) -> float:
        return time.time() if self.database is None else self.database.clock.now().timestamp()

    async def move(self, step: timedelta) -> None:
        if self.database is None:
            raise ValueError("the service has not been started")
        await ClockMoves(self.database).move(step)


@asynccontextmanager
async def _community(folder: Path) -> AsyncIterator[tuple[Service, Sandbox]]:
    """Run a sandbox, and the service with its bot in it as it would be with a token: Telegram's signatures count."""
    clock = _ServiceClock()
    sandbox = Sandbox(clock=Clock(clock.now, clock.move))
    await sandbox.start()
    try:
        settings = Settings.load(
            env_file=None,
            data_dir=folder,
            host="127.0.0.1",
            port=free_port(),
            skillswap_env="development",
            mongodb_uri=None,
            telegram_bot_token=sandbox.token,
            telegram_api_url=sandbox.url,
            telegram_webhook_url=None,
            nextauth_url=None,
            email_server=None,
            admin_telegram_ids="",
            cloudinary_cloud_name=None,
            cloudinary_api_key=None,
            cloudinary_api_secret=None,
        )
        async with running(settings, "run", notify=lambda _: None) as service:
            clock.database = service.database
            yield service, sandbox
    finally:
        await sandbox.stop()
