"""Users, swaps and settings of a fault run; half of the users are on the web, half in Telegram."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bson import ObjectId

from bot.sandbox import Sandbox
from domain.swaps import ACCEPTED, Event, Leg, Swap, propose
from domain.users import User
from handlers.auth.session_tokens import SessionTokens
from handlers.runtime.deps import Deps, utc_now
from skillswap.bootstrap import open_deps
from skillswap.loopback import free_port
from skillswap.settings import Settings
from storage.derived_fields import derived_fields
from storage.mongodb.database import Database, new_id
from storage.swaps import swap_doc
from tests.service import Service, start_service

SECRET = "a secret for the fault suite only, of 32 bytes and more"
FIRST_TELEGRAM_ID = 5_000_000
CRASH_POINTS = "tests.faults.crash_points"
LOG_TAIL = 3000


@dataclass
class Cluster:
    """`swaps` are running swaps: each Telegram user has one, the web users share the others."""

    env: dict[str, str]
    sandbox: Sandbox
    deps: Deps
    folder: Path
    web: list[User]
    telegram: list[User]
    swaps: list[Swap]
    port: int
    services: list[Service] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self, role: str = "run", *, port: int | None = None, **env: str) -> Service:
        """Start a service process; `env` may contain the variables of `tests.faults.crash_points`."""
        log = self.folder / f"{role}.log"
        try:
            service = await start_service(
                self.env | env, role=role, port=port or self.port, log=log, module=CRASH_POINTS
            )
        except RuntimeError as error:
            log_end = (await asyncio.to_thread(log.read_text))[-LOG_TAIL:]
            raise RuntimeError(f"{error}; its log ends with:\n{log_end}") from None
        self.services.append(service)
        return service

    def token(self, user: User) -> str:
        return SessionTokens([SECRET]).issue(user.id, name=user.name, email=None, picture=None, now=datetime.now(UTC))

    def headers(self, user: User) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(user)}"}

    async def open_chats(self) -> None:
        """Let every Telegram user open the conversation of their swap."""

        async def one(user: User) -> None:
            assert user.telegram_id is not None
            await self.sandbox.send_text(user.telegram_id, "/chat")
            await self.sandbox.wait_for(user.telegram_id, lambda message: message.from_bot, timeout=60)

        await asyncio.gather(*(one(user) for user in self.telegram))


@asynccontextmanager
async def open_cluster(
    folder: Path, mongodb_uri: str, *, people: int = 50, swaps: int = 200, seed: int = 1, **env: str
) -> AsyncIterator[Cluster]:
    """Create `people` web users, as many Telegram users, and `swaps` running swaps. No process is started."""
    folder.mkdir(parents=True, exist_ok=True)
    sandbox = Sandbox()
    await sandbox.start()
    port = free_port()
    settings = Settings.load(env_file=None, data_dir=folder, mongodb_uri=mongodb_uri, nextauth_secret=SECRET)
    database = await Database.open(mongodb_uri)
    deps = await open_deps(settings, database, worker="faults", notify=lambda _: None)
    web, telegram = _people(people, 0), _people(people, FIRST_TELEGRAM_ID)
    agreed = _swaps(web, telegram, swaps, random.Random(seed))
    await database.collection("users").insert_many([_user_doc(user) for user in (*web, *telegram)])
    await database.collection("swaps").insert_many([swap_doc(swap) for swap in agreed])
    for user in telegram:
        sandbox.add_person(user.name, person_id=user.telegram_id)
    settings_of_service = {
        "DATA_DIR": str(folder),
        "MONGODB_URI": mongodb_uri,
        "NEXTAUTH_SECRET": SECRET,
        "TELEGRAM_API_URL": sandbox.url,
        "TELEGRAM_BOT_TOKEN": sandbox.token,
        **env,
    }
    cluster = Cluster(settings_of_service, sandbox, deps, folder, web, telegram, agreed, port)
    try:
        yield cluster
    finally:
        for service in cluster.services:
            await _end(service)
        await deps.rates.close()
        await deps.photos.close()
        await database.close()
        await sandbox.stop()


async def _end(service: Service) -> None:
    try:
        await service.stop()
    except TimeoutError:  # a process that does not stop has failed the run, but must not stay
        await service.kill()


def _people(count: int, first_telegram_id: int) -> list[User]:
    return [
        User(
            id=new_id(),
            name=f"{'Tele' if first_telegram_id else 'Web'} {number}",
            created_at=utc_now(),
            telegram_id=first_telegram_id + number if first_telegram_id else None,
            skills_offered=("Guitar", f"Skill {number}"),
            skills_wanted=("Python",),
        )
        for number in range(count)
    ]


def _user_doc(user: User) -> dict[str, Any]:
    doc = {
        "_id": ObjectId(user.id),
        "name": user.name,
        "created_at": user.created_at,
        "is_public": user.is_public,
        "skills_offered": list(user.skills_offered),
        "skills_wanted": list(user.skills_wanted),
        "status": user.status,
        **derived_fields(user),
    }
    return doc | ({"telegram_id": user.telegram_id} if user.telegram_id else {})


def _swaps(web: list[User], telegram: list[User], count: int, rng: random.Random) -> list[Swap]:
    pairs = [(telegram_user, web[number % len(web)]) for number, telegram_user in enumerate(telegram)]
    while len(pairs) < count:
        one, other = rng.sample(web, 2)
        pairs.append((one, other))
    return [running_swap(one, other, f"Skill {number}") for number, (one, other) in enumerate(pairs)]


def running_swap(one: User, other: User, skill: str) -> Swap:
    """Return an accepted swap; `skill` distinguishes it from other swaps of the pair."""
    now = utc_now() - timedelta(days=1)
    return Swap(
        id=new_id(),
        from_user_id=one.id,
        to_user_id=other.id,
        offered_skill=skill,
        wanted_skill="Python",
        message="",
        status=ACCEPTED,
        created_at=now,
        updated_at=now,
        participants=(one.id, other.id),
        legs=(Leg(one.id, other.id, skill), Leg(other.id, one.id, "Python")),
        consents={one.id: 1, other.id: 2},
        version=2,
        history=(Event(now, one.id, "proposed", "pending"), Event(now, other.id, "accepted", ACCEPTED)),
    )


def pending_swap(asker: User, partner: User, skill: str) -> Swap:
    """Return a pending request."""
    return propose(
        swap_id=new_id(),
        from_id=asker.id,
        to_id=partner.id,
        offered_skill=skill,
        wanted_skill="Python",
        message="",
        at=utc_now(),
    )
