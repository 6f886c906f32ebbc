"""The change stream: every change once, in order, across a lost connection, without irrelevant ones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from urllib.parse import urlsplit

import pytest

from domain.deliveries import PARKED
from domain.swaps import ACCEPTED
from domain.users import DELETED, MODERATOR, ProfileChanges
from domain.vocabulary import Vocabulary
from handlers.alerts import add_alert, look_for_alerts
from handlers.auth.accounts import accept_merge, offer_merge
from handlers.circle_news import look_for_circles
from handlers.dead_letters import retry_delivery
from handlers.messages import Draft, send_message
from handlers.moderation import merge_skill
from handlers.notifications import claim_delivery, dead_letter, finish_delivery, mark_reachable, remember_card
from handlers.runtime.deps import Deps
from handlers.swaps import cancel_swap
from handlers.users import delete_account, update_profile
from storage.mongodb.change_stream import ALERT_WORK, CIRCLE_WORK, SKILL_WORK, Change, Changes
from storage.mongodb.database import Database
from storage.skills import Skills
from storage.swaps import Swaps
from storage.users import Users
from tests.factories import MakeSwap, MakeUser
from tests.waiting import eventually


class Line:
    """A TCP line to the server that the test can cut, or hold up."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._open: set[asyncio.StreamWriter] = set()
        self._pumps: set[asyncio.Task[None]] = set()
        self.is_refusing = False
        self.flows = asyncio.Event()
        self.flows.set()
        self.port = 0

    async def __aenter__(self) -> Line:
        self._server = await asyncio.start_server(self._join, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.cut()
        for pump in self._pumps:
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)

    def cut(self) -> None:
        for writer in self._open:
            writer.transport.abort()
        self._open.clear()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_refusing:
            writer.transport.abort()
            return
        far_reader, far_writer = await asyncio.open_connection(*self._target)
        self._open |= {writer, far_writer}
        for source, sink in ((reader, far_writer), (far_reader, writer)):
            pump = asyncio.create_task(self._pump(source, sink))
            self._pumps.add(pump)
            pump.add_done_callback(self._pumps.discard)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(65536):
                await self.flows.wait()
                sink.write(data)
                await sink.drain()
        sink.transport.abort()


def changes_of(database: Database) -> Changes:
    return Changes(database, Users(database, Skills(database, Vocabulary.build((), ()))), Swaps(database))


async def heard(changes: Changes, *, until: str, into: list[Change]) -> None:
    """Follow until a message with that text has come."""
    async with aclosing(changes.follow()) as stream:
        async for batch in stream:
            into.extend(batch)
            if any(change.message is not None and change.message.message == until for change in batch):
                return


async def live(changes: Changes) -> None:
    await eventually(lambda: changes.is_live)
    await asyncio.sleep(0.05)  # the driver opens the stream at its first read


@pytest.fixture
async def line(database_uri: str) -> AsyncIterator[Line]:
    parts = urlsplit(database_uri)
    async with Line(parts.hostname or "", parts.port or 27017) as made:
        yield made


@pytest.fixture
async def through(line: Line, database_uri: str) -> AsyncIterator[Database]:
    """The database, over the line."""
    parts = urlsplit(database_uri)
    secret = (parts.netloc).rpartition("@")[0]
    uri = f"mongodb://{secret}@127.0.0.1:{line.port}{parts.path}?directConnection=true&authSource=admin"
    opened = await Database.open(uri)
    yield opened
    await opened.close()


async def test_changes_are_reported_in_order_without_bookkeeping(
    deps: Deps, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    changes, got = deps.store.changes, list[Change]()
    one, other = await make_user(telegram_id=True), await make_user(telegram_id=True)
    following = asyncio.create_task(heard(changes, until="the end", into=got))
    await live(changes)
    swap = await make_swap(one, other, status=ACCEPTED)
    while (delivery := await claim_delivery(deps, "w", set())) is not None:
        await remember_card(deps, swap.id, delivery.to, 1, 2)
        await finish_delivery(deps, delivery, is_sent=True)
    await send_message(deps, one, Draft(swap.id, "hello", "web"))
    while (delivery := await claim_delivery(deps, "w", set())) is not None:
        await finish_delivery(deps, delivery, is_sent=True)
    await update_profile(deps, one, ProfileChanges(name="Augusta", skills_offered=(*one.skills_offered, "Chess")))
    await look_for_alerts(deps)
    await look_for_circles(deps)
    await mark_reachable(deps, other.telegram_id or 0, is_reachable=False)
    await send_message(deps, one, Draft(swap.id, "the end", "web"))
    async with asyncio.timeout(10):
        await following
    assert [change.kind for change in got] == ["swap", "swap", "message", "user", "message"]
    assert [change.message.seq for change in got if change.message] == [1, 2]
    assert got[1].swap is not None
    assert got[1].swap.status == ACCEPTED
    assert got[3].user is not None
    assert got[3].user.name == "Augusta"
    assert not changes.is_live  # no consumer is left


async def test_changes_name_the_work_they_leave_to_jobs(deps: Deps, make_user: MakeUser, make_swap: MakeSwap) -> None:
    changes, got = deps.store.changes, list[Change]()
    updates, outbox = deps.store.telegram_updates, deps.store.outbox
    mia = await make_user(telegram_id=True, role=MODERATOR)
    one, other = await make_user(telegram_id=True), await make_user(telegram_id=True, skills_offered=("Lutes",))
    swap = await make_swap(one, other, status=ACCEPTED)
    while (delivery := await claim_delivery(deps, "w", set())) is not None:
        await finish_delivery(deps, delivery, is_sent=True)
    assert await updates.store(1, 2, 3, {}, at=deps.now())
    (stored,) = await updates.waiting(1, besides=(), limit=1)
    await updates.dead_letter(stored)
    await add_alert(deps, one, "Guitar")
    following = asyncio.create_task(heard(changes, until="the end", into=got))
    await live(changes)
    await add_alert(deps, one, "Chess")  # not reported
    await update_profile(deps, other, ProfileChanges(skills_offered=("Lutes", "Guitar")))
    assert await look_for_alerts(deps) == 1
    found = await claim_delivery(deps, "w", set())
    assert found is not None
    await dead_letter(deps, found, "a test")
    assert await retry_delivery(deps, found.source_id, found.id)
    await merge_skill(deps, mia, "lutes", "Sitar")
    assert await updates.revive(1, 2, at=deps.now())
    await send_message(deps, one, Draft(swap.id, "parked", "web"))
    while (delivery := await claim_delivery(deps, "w", set())) is not None:
        await outbox.finish(delivery, PARKED)
    await outbox.unpark(other.id, due_at=deps.now())
    await send_message(deps, one, Draft(swap.id, "the end", "web"))
    async with asyncio.timeout(10):
        await following
    seen = [(change.kind, change.has_deliveries, set(change.work)) for change in got]
    vocabulary = ("vocabulary", False, {SKILL_WORK})
    assert [change for change in seen if change != vocabulary] == [
        ("user", False, {ALERT_WORK, CIRCLE_WORK}),
        ("delivery", True, set()),
        ("delivery", True, set()),
        ("update", False, set()),
        ("message", True, set()),
        ("delivery", True, set()),
        ("message", True, set()),
    ]
    assert vocabulary in seen


async def test_reconnect_neither_loses_nor_repeats_changes(
    deps: Deps, through: Database, line: Line, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    changes, got = changes_of(through), list[Change]()
    one, other = await make_user(), await make_user()
    swap = await make_swap(one, other, status=ACCEPTED)
    following = asyncio.create_task(heard(changes, until="9", into=got))
    await live(changes)
    for number in range(10):
        if number in (0, 4):  # the first time before anything has come
            line.is_refusing = True
            line.cut()
        await send_message(deps, one, Draft(swap.id, str(number), "web"))
        line.is_refusing = number in (4, 5)
    async with asyncio.timeout(20):
        await following
    assert [change.kind for change in got] == ["message"] * 10
    assert [change.message.message for change in got if change.message] == [str(number) for number in range(10)]


async def test_erasure_of_a_user_is_reported(deps: Deps, make_user: MakeUser, make_swap: MakeSwap) -> None:
    changes, got = deps.store.changes, list[Change]()
    leaver, one, other = await make_user(email="ada@example.org"), await make_user(), await make_user()
    swap = await make_swap(one, other, status=ACCEPTED)
    following = asyncio.create_task(heard(changes, until="the end", into=got))
    await live(changes)
    await delete_account(deps, leaver)
    await send_message(deps, one, Draft(swap.id, "the end", "web"))
    async with asyncio.timeout(10):
        await following
    (change,) = [change for change in got if change.kind == "user"]
    assert change.user is not None
    assert (change.user.id, change.user.status, change.user.email) == (leaver.id, DELETED, None)


async def test_merge_with_counts_of_requests_is_reported(deps: Deps, make_user: MakeUser, make_swap: MakeSwap) -> None:
    changes, got = deps.store.changes, list[Change]()
    survivor, loser = await make_user(telegram_id=True), await make_user(email="ana@example.org", answered=3, ignored=1)
    one, other = await make_user(), await make_user()
    swap = await make_swap(one, other, status=ACCEPTED)
    following = asyncio.create_task(heard(changes, until="the end", into=got))
    await live(changes)
    code, _ = await offer_merge(deps, survivor)
    await accept_merge(deps, loser, code)
    await send_message(deps, one, Draft(swap.id, "the end", "web"))
    async with asyncio.timeout(10):
        await following
    users = {change.user.id: change.user for change in got if change.user is not None}
    assert (users[survivor.id].email, users[survivor.id].answered) == ("ana@example.org", 3)
    assert users[loser.id].status == DELETED


async def test_profile_write_of_another_program_is_reported_and_cached(
    deps: Deps, database: Database, make_user: MakeUser
) -> None:
    changes, ada = deps.store.changes, await make_user()

    async def hear() -> Change:
        async with aclosing(changes.follow()) as stream:
            async for (change,) in stream:
                found = await deps.store.users.find_recent(ada.id)
                assert found is not None
                assert found.location == "Harbour"
                return change
        raise AssertionError("it ended")

    following = asyncio.create_task(hear())
    await live(changes)
    assert await deps.store.users.find_recent(ada.id) == ada
    await database.collection("users").update_one({}, {"$set": {"location": "Harbour"}})
    async with asyncio.timeout(10):
        change = await following
    assert change.user is not None
    assert change.user.location == "Harbour"


async def test_unreadable_document_does_not_end_the_stream(
    deps: Deps, database: Database, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    changes, got = deps.store.changes, list[Change]()
    swap = await make_swap(await make_user(), await make_user(), status=ACCEPTED)
    one = await deps.store.users.find(swap.from_user_id)
    assert one is not None
    following = asyncio.create_task(heard(changes, until="the end", into=got))
    await live(changes)
    for collection, doc in (("swaps", {"status": "pending"}), ("messages", {"text": "hello"})):
        # As another program left it, before there was a rule that refuses it.
        await database.command({"insert": collection, "documents": [doc], "bypassDocumentValidation": True})
    await cancel_swap(deps, one, (await make_swap(one, await make_user(skills_offered=("Juggling",)))).id)
    await send_message(deps, one, Draft(swap.id, "the end", "web"))
    async with asyncio.timeout(10):
        await following
    assert [change.kind for change in got] == ["swap", "swap", "message"]


async def test_a_database_that_was_dropped_and_restored_is_heard_after_a_gap_that_is_reported(
    new_database: Database,
) -> None:
    changes, got = changes_of(new_database), list[Change]()

    async def follow() -> None:
        async with aclosing(changes.follow()) as stream:
            async for batch in stream:
                got.extend(batch)

    following = asyncio.create_task(follow())
    await new_database.collection("telegram_updates").insert_one({"_id": 1})
    await live(changes)
    await new_database.command("dropDatabase")
    await eventually(lambda: "lost" in [change.kind for change in got])
    await live(changes)
    await new_database.collection("telegram_updates").insert_one({"_id": 2})
    await eventually(lambda: [change.kind for change in got][-1:] == ["update"])
    following.cancel()
