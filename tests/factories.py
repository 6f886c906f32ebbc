"""Factories: the operations on an empty database, and users, swaps and session tokens created through them."""

from __future__ import annotations

import asyncio
import io
import itertools
import os
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import pytest
from bson import ObjectId
from PIL import Image

from domain.circle_views import CircleView
from domain.swaps import ACCEPTED, CANCELLED, PENDING, REJECTED, Swap
from domain.users import User, with_keys
from handlers.auth.session_tokens import SessionTokens
from handlers.auth.sessions import issue_session
from handlers.circles import browse_possible
from handlers.runtime.deps import Deps, utc_now
from handlers.runtime.rate_limits import Rates
from handlers.runtime.showings import Showings
from handlers.runtime.texts import load_texts
from handlers.swaps import Proposal, answer_swap, propose_swap
from storage.cities.reader import Cities
from storage.media.photos import Photos
from storage.mongodb.database import Database, new_id
from storage.store import open_store
from storage.vocabulary import load_vocabulary
from tests.databases import LATE_WRITERS, index

SECRET = "a secret that only tests know, of 32 bytes or more"
CITIES = Path(tempfile.gettempdir()) / f"skillswap-tests-{os.getuid()}"
"""Folder of the table of cities: made once, for all processes of all test runs."""
PUBLIC_URL = "http://skills.example.org"

NAMES = ("Ada", "Ben", "Chloe", "Dmitri", "Elena", "Farid", "Grace", "Hiro", "Ines", "Jonas")
_numbers = itertools.count(1)
SETTLED_AFTER = timedelta(days=2)
"""Age of a made-up account: past its first day."""


class Clock:
    """A clock that is `ahead` of another one."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return self._now() + self.ahead


class MakeUser(Protocol):
    """Create a user. Users offer Python for Guitar and Guitar for Python in turn, so that two in a row match.

    Keywords are the fields of `User`; `telegram_id=True` sets a made-up one.
    """

    async def __call__(self, name: str | None = None, /, **fields: Any) -> User: ...


class MakeSwap(Protocol):
    """Create a swap requested by the first user from the second, brought into `status` through the operations."""

    async def __call__(
        self, asker: User, partner: User, *, status: str = PENDING, message: str = "", **skills: str
    ) -> Swap: ...


class SignIn(Protocol):
    """Return a session token of the user: the value of the cookie `next-auth.session-token`."""

    def __call__(self, user: User) -> str: ...


async def build_deps(database: Database, *, public_url: str = PUBLIC_URL) -> Deps:
    """Return the operations on this database, with the indexes of the service; photos are stored in the database."""
    await index(database)
    store = open_store(database, await asyncio.to_thread(load_vocabulary))
    showings = Showings(store.matches)
    LATE_WRITERS.add(showings)
    return Deps(
        store=store,
        photos=Photos(database, None, base_url=public_url),
        session_tokens=SessionTokens([SECRET]),
        rates=Rates(),
        showings=showings,
        public_url=public_url,
        now=lambda: utc_now() + database.clock.ahead,  # ahead: `move_clock`
        unmoved=database.clock.unmoved,
        texts=await asyncio.to_thread(load_texts),
        cities=Cities(CITIES),
    )


async def insert_user(deps: Deps, name: str | None = None, /, **fields: Any) -> User:
    number = next(_numbers)
    skills = ("Python",), ("Guitar",)
    if fields.get("telegram_id") is True:
        fields["telegram_id"] = 7_000_000 + number
    values: dict[str, Any] = {
        "skills_offered": skills[number % 2],
        "skills_wanted": skills[1 - number % 2],
        **fields,
    }
    values.setdefault("created_at", deps.now() - SETTLED_AFTER)
    user = User(id=new_id(), name=name or NAMES[number % len(NAMES)], **values)
    user = with_keys(user, deps.vocabulary.key_of)
    assert await deps.store.users.insert(user), "a user with this Telegram id or address exists"
    return user


async def insert_swap(
    deps: Deps, asker: User, partner: User, *, status: str = PENDING, message: str = "", **skills: str
) -> Swap:
    offered = skills.get("offered_skill", asker.skills_offered[0])
    wanted = skills.get("wanted_skill") or next(skill for skill in partner.skills_offered if skill != offered)
    swap = await propose_swap(deps, asker, Proposal(partner.id, offered, wanted, message))
    match status:
        case "pending":
            return swap
        case "accepted" | "rejected":
            return await answer_swap(deps, partner, swap.id, ACCEPTED if status == ACCEPTED else REJECTED)
        case "cancelled":
            return await answer_swap(deps, asker, swap.id, CANCELLED)
    raise AssertionError(f"no factory brings a swap into the state {status}")


def later(deps: Deps, by: timedelta) -> Deps:
    """Return the operations at a later time."""
    return replace(deps, now=lambda: deps.now() + by)


def at_time(deps: Deps, at: datetime) -> Deps:
    """Return the operations at one time, which stands still."""
    return replace(deps, now=lambda: at)


async def deliveries_of(database: Database, swap_id: str) -> list[tuple[str, str]]:
    """Return the (event, user id) of each delivery of a swap or circle, in the order in which they were added."""
    doc = await database.collection("swaps").find_one({"_id": ObjectId(swap_id)})
    assert doc is not None
    return [(line["event"], str(line["to"])) for line in doc.get("outbox", ())]


async def recipients_of(database: Database, swap_id: str, event: str) -> list[str]:
    """Return the user ids to which an event of a swap or circle goes."""
    return [to for name, to in await deliveries_of(database, swap_id) if name == event]


async def list_possible(deps: Deps, actor: User) -> list[CircleView]:
    """Return the first page of the circles that the actor could ask for."""
    return (await browse_possible(deps, actor)).views


def jpeg(*, side: int = 64, colour: str = "teal", **options: Any) -> bytes:
    """Return a small photo; options are Pillow's, such as `exif`."""
    out = io.BytesIO()
    Image.new("RGB", (side, side), colour).save(out, "JPEG", **options)
    return out.getvalue()


@pytest.fixture
async def deps(database: Database) -> Deps:
    """The operations on an empty database."""
    return await build_deps(database)


@pytest.fixture
def make_user(deps: Deps) -> MakeUser:
    async def make(name: str | None = None, /, **fields: Any) -> User:
        return await insert_user(deps, name, **fields)

    return make


@pytest.fixture
def make_swap(deps: Deps) -> MakeSwap:
    async def make(asker: User, partner: User, *, status: str = PENDING, message: str = "", **skills: str) -> Swap:
        return await insert_swap(deps, asker, partner, status=status, message=message, **skills)

    return make


@pytest.fixture
def sign_in(deps: Deps) -> SignIn:
    def issue(user: User) -> str:
        return issue_session(deps, user)

    return issue
