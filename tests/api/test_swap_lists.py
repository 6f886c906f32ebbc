"""The list of swaps from memory: the same bytes as from the database, after whatever anybody does, wherever."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from bson import ObjectId

from api.app import Server, build_app
from domain.errors import Problem
from domain.planning import Meeting
from domain.reviews import Rating
from domain.swaps import ACCEPTED, CANCELLED, MAX_PAGE, OPEN, REJECTED
from domain.users import User
from handlers.auth.accounts import accept_merge, offer_merge
from handlers.blocks import block_user
from handlers.counter_offers import CounterOffer, counter_swap
from handlers.reviews import write_review
from handlers.runtime.change_feed import ChangeFeed
from handlers.runtime.deps import Deps
from handlers.sessions import answer_session, finish_swap, note_session, offer_session
from handlers.swaps import Proposal, answer_swap, propose_swap
from handlers.users import delete_account
from storage.mongodb.database import Database
from tests.api.conftest import COOKIE, Client, Web
from tests.factories import MakeSwap, MakeUser, SignIn, build_deps
from tests.waiting import eventually

ACTS = 70
SKILLS = ("Python", "Guitar", "Chess", "Judo")
QUERIES = ("", "?limit=2", "?status=pending", "?status=accepted&limit=1")

Answer = tuple[int, str | None, bytes]


class Doors:
    """The service in this process, whose lists are in memory, and in another one, whose lists are not."""

    def __init__(self, own: Client, other: Callable[[User], aiohttp.ClientSession], other_deps: Deps) -> None:
        self._own = own
        self._other = other
        self.other_deps = other_deps

    async def remembered(self, user: User, path: str = "/api/swap") -> Answer:
        return await self._get(self._own(user), path)

    async def stored(self, user: User, path: str = "/api/swap") -> Answer:
        return await self._get(self._other(user), path)

    async def _get(self, session: aiohttp.ClientSession, path: str) -> Answer:
        async with session.get(path) as answer:
            return answer.status, answer.headers.get("Link"), await answer.read()

    async def agree(self, user: User, path: str = "/api/swap") -> bool:
        return await self.remembered(user, path) == await self.stored(user, path)


@pytest.fixture
async def doors(web: Web, database: Database, client: Client, sign_in: SignIn) -> AsyncIterator[Doors]:
    other = await build_deps(database)

    async def is_ready() -> dict[str, bool]:
        return {"database": True}

    server = Server(build_app(other, ChangeFeed(other), is_ready=is_ready), "127.0.0.1", 0)  # the feed does not run
    await server.start()
    async with AsyncExitStack() as stack:
        sessions: dict[str, aiohttp.ClientSession] = {}

        def open_session(user: User) -> aiohttp.ClientSession:
            if user.id not in sessions:
                headers = {"Cookie": f"{COOKIE}={sign_in(user)}"}
                url = f"http://127.0.0.1:{server.port}"
                sessions[user.id] = aiohttp.ClientSession(url, headers=headers, cookie_jar=aiohttp.DummyCookieJar())
                stack.push_async_callback(sessions[user.id].close)
            return sessions[user.id]

        await web.catch_up()
        yield Doors(client, open_session, other)
    await server.stop()


async def act(deps: Deps, actor: User, people: list[User], rng: random.Random) -> None:
    """Let a user do something that they may perhaps not."""
    swaps = await deps.store.swaps.list_of(actor.id, limit=20)
    partner = rng.choice([one for one in people if one.id != actor.id])
    offered, wanted = actor.skills_offered[0], partner.skills_offered[0]
    what = rng.choice(["ask", "ask", "yes", "yes", "no", "counter", "end", "offer", "met", "done", "rate"])
    if what == "ask" or not swaps:
        await propose_swap(deps, actor, Proposal(partner.id, offered, wanted, rng.choice(["", "Hello?"])))
        return
    swap = rng.choice(swaps)
    in_an_hour = deps.now() + timedelta(hours=1)
    match what:
        case "yes":
            await answer_swap(deps, actor, swap.id, ACCEPTED)
        case "no":
            await answer_swap(deps, actor, swap.id, REJECTED, reason=rng.choice(["", "no_time"]))
        case "counter":
            offer = CounterOffer(offered, swap.learnt_by(actor.id), "Rather?", slots=(in_an_hour,))
            await counter_swap(deps, actor, swap.id, offer)
        case "end":
            await answer_swap(deps, actor, swap.id, CANCELLED)
        case "offer":
            await offer_session(deps, actor, swap.id, Meeting((in_an_hour,)))
        case "met":
            await note_session(deps, actor, swap.id, Meeting(()))
        case "done":
            await finish_swap(deps, actor, swap.id)
        case "rate":
            await write_review(deps, actor, swap.id, None, Rating(5))


async def write_past_us(database: Database, rng: random.Random) -> None:
    """Write in a swap as another program, or somebody at the database's console, may."""
    swaps = database.collection("swaps")
    found = await swaps.find({}, {"_id": 1, "status": 1}).to_list(100)
    if not found:
        return
    one = rng.choice(found)
    change: dict[str, Any] = rng.choice(
        [
            {"$set": {"message": "written past us"}},
            {"$set": {"is_parted": True}},
            {"$unset": {"offers": ""}},
            {"$push": {"history": {"$each": [], "$slice": 1}}},
            {"$set": {"legs.0.skill": "Sewing", "outbox": []}},
        ]
    )
    await swaps.update_one({"_id": one["_id"]}, change)
    if one["status"] not in OPEN and rng.random() < 0.3:
        await swaps.delete_one({"_id": one["_id"]})


@pytest.mark.parametrize("seed", range(2))
async def test_memory_answers_as_the_database_does(
    deps: Deps, database: Database, doors: Doors, make_user: MakeUser, seed: int
) -> None:
    rng = random.Random(seed)
    people = [await make_user(skills_offered=(skill,), skills_wanted=SKILLS) for skill in SKILLS]
    deps.store.changes.pause = 0.02  # the stream is behind what this process writes
    for number in range(ACTS):
        actor = rng.choice(people)
        for person in people:
            await doors.remembered(person)
        if number % 9 == 8:
            await write_past_us(database, rng)
        else:
            with suppress(Problem):
                await act(doors.other_deps if number % 3 == 2 else deps, actor, people, rng)
        if number % 9 != 8 and number % 3 != 2:
            assert await doors.agree(actor), "whoever has done something here sees it at once"
        for person in people:
            path = f"/api/swap{rng.choice(QUERIES)}"
            await eventually(lambda person=person, path=path: doors.agree(person, path))


async def test_whoever_does_something_here_sees_it_before_the_stream_brings_it(
    deps: Deps, doors: Doors, make_user: MakeUser
) -> None:
    ada, ben = await make_user(), await make_user()
    for person in (ada, ben):
        await doors.remembered(person)
    deps.store.changes.pause = 0.5
    swap = await propose_swap(deps, ada, Proposal(ben.id, ada.skills_offered[0], ben.skills_offered[0]))
    in_an_hour = deps.now() + timedelta(hours=1)
    offer = CounterOffer(ben.skills_offered[0], ada.skills_offered[0], "Rather?", slots=(in_an_hour,))
    steps: list[tuple[User, Callable[[], Awaitable[object]]]] = [
        (ben, lambda: counter_swap(deps, ben, swap.id, offer)),
        (ada, lambda: answer_swap(deps, ada, swap.id, ACCEPTED)),
        (ada, lambda: note_session(deps, ada, swap.id, Meeting(()))),
        (ben, lambda: answer_session(deps, ben, swap.id, "1", "yes", legs=(0, 1))),
        (ada, lambda: finish_swap(deps, ada, swap.id)),
        (ben, lambda: finish_swap(deps, ben, swap.id)),
        (ada, lambda: write_review(deps, ada, swap.id, None, Rating(5))),
        (ben, lambda: write_review(deps, ben, swap.id, None, None)),
        (ada, lambda: block_user(deps, ada, ben.id)),
    ]
    for number, (actor, do) in enumerate(steps):
        for person in (ada, ben):
            await doors.remembered(person)
        await do()
        assert await doors.agree(actor), number
    assert b'"completed"' in (await doors.remembered(ada))[2]


async def test_the_first_page_asks_the_database_nothing(
    deps: Deps, doors: Doors, make_user: MakeUser, make_swap: MakeSwap, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, ben = await make_user(), await make_user()
    await make_swap(ada, ben)
    first = await doors.remembered(ada)

    async def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the database was asked")

    monkeypatch.setattr(deps.store.swaps, "list_of", refuse)
    assert await doors.remembered(ada) == first == await doors.stored(ada)
    assert await doors.remembered(ada, "/api/swap?status=accepted") == (200, None, b"[]")


async def test_a_silent_stream_is_not_believed(
    deps: Deps, doors: Doors, make_user: MakeUser, make_swap: MakeSwap, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben)
    assert await doors.agree(ada)
    monkeypatch.setattr(deps.store.swaps.lists, "put", lambda swap: None)  # nothing arrives
    await answer_swap(doors.other_deps, ben, swap.id, ACCEPTED)
    monkeypatch.setattr(type(deps.store.changes), "is_current", False)
    assert await doors.agree(ada)


async def test_a_full_page_links_to_the_next_from_memory_too(
    database: Database, doors: Doors, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status=REJECTED)
    docs = database.collection("swaps")
    doc = await docs.find_one({"_id": ObjectId(swap.id)}, {"request_number": 0})
    assert doc is not None
    await docs.insert_many([doc | {"_id": ObjectId()} for _ in range(MAX_PAGE)])
    await eventually(lambda: doors.agree(ada))
    status, link, body = await doors.remembered(ada)
    assert (status, body.count(b'"_id"')) == (200, MAX_PAGE)
    assert link is not None
    for path in (link[1 : link.index(">")], "/api/swap?status=accepted", "/api/swap?limit=3"):
        assert await doors.agree(ada, path)


@pytest.mark.parametrize("how", ["a merge", "an erasure", "a block", "a collection that is gone"])
async def test_what_changes_many_swaps_at_once_shows_at_once(
    deps: Deps, database: Database, doors: Doors, make_user: MakeUser, make_swap: MakeSwap, how: str
) -> None:
    deps.store.changes.pause = 0.02
    ada, ben = await make_user(telegram_id=True), await make_user(email="ben@example.org")
    noor = await make_user(skills_offered=("Chess",), skills_wanted=("Guitar", "Python"))
    await make_swap(noor, ben, status=REJECTED)
    await make_swap(ben, noor, message="Hello from Ben")
    for person in (ada, ben, noor):
        assert await doors.agree(person)
    match how:
        case "a merge":
            code, _ = await offer_merge(deps, ada)
            await accept_merge(deps, ben, code)
            assert (await doors.remembered(ada))[2].count(ada.id.encode()) > 0
        case "an erasure":
            await delete_account(deps, ben)
            assert b"Hello from Ben" not in (await doors.remembered(noor))[2]
        case "a block":
            await block_user(deps, noor, ben.id)
        case "a collection that is gone":
            await database.collection("swaps").rename("swaps_of_yesterday")
            await eventually(lambda: doors.agree(noor))
    for person in (ada, noor):
        assert await doors.agree(person)
