"""The connection: durable writes, a replica set, and readable errors."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pymongo
import pytest
from bson import Timestamp
from pymongo import WriteConcern
from pymongo.errors import AutoReconnect, NetworkTimeout

from domain.errors import Unavailable
from skillswap.loopback import free_port
from storage.mongodb.database import Database, new_id, object_id
from storage.mongodb.driver_waits import KNOWN_DRIVER
from storage.mongodb.mongod import find_mongod
from storage.mongodb.problems import DatabaseProblem
from tests.storage.mongodb.test_change_stream import Line
from tests.waiting import eventually


@pytest.fixture
async def database(new_database: Database) -> Database:
    return new_database


async def test_writes_are_durable_unless_the_uri_says_otherwise(database: Database, database_uri: str) -> None:
    assert database.collection("swaps").write_concern == WriteConcern("majority", wtimeout=5000, j=True)
    relaxed = await Database.open(f"{database_uri}&w=1")
    assert relaxed.collection("swaps").write_concern.document["w"] == 1
    assert relaxed.name == database.name
    await relaxed.close()


async def test_a_uri_without_a_name_means_the_skillswap_database(mongo_uri: str) -> None:
    opened = await Database.open(mongo_uri)
    assert opened.name == "skillswap"
    await opened.close()
    await opened.close()


async def test_change_stream_reports_all_writes_after_its_start(database: Database) -> None:
    await database.collection("messages").insert_one({"_id": 0})
    async with database.watch([{"$match": {"operationType": "insert"}}]) as changes:
        await database.collection("messages").insert_one({"_id": 1})
        await database.collection("swaps").insert_one({"_id": 2})
        seen = [await anext(changes), await anext(changes)]
        token = changes.resume_token
    assert [change["documentKey"]["_id"] for change in seen] == [1, 2]

    await database.collection("messages").insert_one({"_id": 3})
    async with database.watch(resume_after=token) as changes:
        assert (await anext(changes))["documentKey"]["_id"] == 3


async def test_events_that_are_there_are_handed_over_as_one_batch(database: Database) -> None:
    start = await database.operation_time()
    await database.collection("messages").insert_many([{"_id": number} for number in range(40)])
    await asyncio.sleep(0.2)  # known to the majority
    start = Timestamp(start.time, start.inc + 1)
    async with asyncio.timeout(5), database.watch(start_at_operation_time=start) as changes:
        events = await changes.next_batch()
        token = changes.resume_token
    assert [event["documentKey"]["_id"] for event in events] == list(range(40))
    await database.collection("messages").insert_one({"_id": 40})
    async with asyncio.timeout(5), database.watch(resume_after=token) as changes:
        assert [event["documentKey"]["_id"] for event in await changes.next_batch()] == [40]


async def test_a_batch_may_be_taken_event_by_event(database: Database) -> None:
    start = await database.operation_time()
    await database.collection("messages").insert_many([{"_id": number} for number in range(5)])
    start = Timestamp(start.time, start.inc + 1)
    async with database.watch(start_at_operation_time=start) as changes:
        taken = [(await anext(changes))["documentKey"]["_id"] for _ in range(3)]
        token = changes.resume_token
    async with database.watch(resume_after=token) as changes:
        assert [*taken, (await anext(changes))["documentKey"]["_id"]] == [0, 1, 2, 3]


async def test_idle_change_stream_polls_none(database: Database) -> None:
    async with database.watch(max_await_ms=50) as changes:
        assert await changes.try_next() is None


async def test_a_transaction_is_all_or_nothing(database: Database) -> None:
    one, two = database.collection("one"), database.collection("two")
    await one.insert_one({"_id": 0})

    async def both(session: Any) -> str:
        await one.insert_one({"_id": 1}, session=session)
        await two.insert_one({"_id": 1}, session=session)
        return "done"

    async def half(session: Any) -> None:
        await one.insert_one({"_id": 2}, session=session)
        raise LookupError

    assert await database.transaction(both) == "done"
    with pytest.raises(LookupError):
        await database.transaction(half)
    assert await database.aggregate("one", [{"$sort": {"_id": 1}}]) == [{"_id": 0}, {"_id": 1}]
    assert await database.aggregate("two", []) == [{"_id": 1}]


async def test_transaction_that_takes_too_long_raises_unavailable(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.mongodb.database.TRANSACTION_SECONDS", 0.1)

    async def endless(session: Any) -> None:
        await database.collection("one").insert_one({"_id": 1}, session=session)
        await asyncio.Event().wait()

    with pytest.raises(Unavailable):
        await database.transaction(endless)
    assert await database.collection("one").find_one() is None


async def test_a_cancelled_call_ends_its_task_whatever_it_waits_for(database: Database) -> None:
    async def ask_for_ever() -> None:
        while True:
            await database.collection("one").find_one()

    await database.collection("one").insert_one({})
    for turns in range(60):
        task = asyncio.create_task(ask_for_ever())
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        done, _ = await asyncio.wait({task}, timeout=5)
        task.cancel()
        assert task in done, f"cancelled after {turns} turns of the loop, it goes on"


async def test_a_transaction_that_is_given_up_while_the_server_is_silent_is_over_at_once(
    database: Database, database_uri: str
) -> None:
    parts = urlsplit(database_uri)
    secret = parts.netloc.rpartition("@")[0]
    await database.collection("swaps").insert_one({"_id": 1})
    async with Line(parts.hostname or "", parts.port or 27017) as line:
        uri = f"mongodb://{secret}@127.0.0.1:{line.port}/{database.name}?directConnection=true&authSource=admin"
        opened = await Database.open(uri)

        async def work(session: Any) -> None:
            await opened.collection("swaps").update_one({"_id": 1}, {"$set": {"a": 1}}, session=session)
            line.flows.clear()
            await opened.collection("swaps").update_one({"_id": 1}, {"$set": {"a": 2}}, session=session)

        transaction = asyncio.create_task(opened.transaction(work))
        await eventually(lambda: not line.flows.is_set())
        await asyncio.sleep(0.2)  # the second update is under way
        transaction.cancel()
        _, pending = await asyncio.wait([transaction], timeout=2)  # the driver's abort waits for five seconds
        line.flows.set()
        assert not pending
        await opened.close()
    await database.command({"killAllSessions": []})  # the server would wait for it at its own end


@asynccontextmanager
async def silent_line(database: Database, uri: str, options: str) -> AsyncIterator[tuple[Database, Line]]:
    """Open the database through a line that a test silences, without a second try of what fails."""
    parts = urlsplit(uri)
    secret = parts.netloc.rpartition("@")[0]
    async with Line(parts.hostname or "", parts.port or 27017) as line:
        opened = await Database.open(
            f"mongodb://{secret}@127.0.0.1:{line.port}/{database.name}"
            f"?directConnection=true&authSource=admin&retryReads=false&{options}"
        )
        await opened.collection("swaps").find_one()
        yield opened, line
        line.flows.set()
        await opened.close()


async def test_a_call_that_is_not_answered_fails_when_its_time_is_over(database: Database, database_uri: str) -> None:
    async with silent_line(database, database_uri, "socketTimeoutMS=300") as (opened, line), asyncio.timeout(3):
        line.flows.clear()
        with pytest.raises(NetworkTimeout):
            await opened.collection("swaps").find_one()


async def test_a_call_on_a_connection_that_is_given_up_fails_before_its_time_is_over(
    database: Database, database_uri: str
) -> None:
    options = "socketTimeoutMS=60000&connectTimeoutMS=300&heartbeatFrequencyMS=500"
    async with silent_line(database, database_uri, options) as (opened, line), asyncio.timeout(6):
        line.flows.clear()
        with pytest.raises(AutoReconnect):
            await opened.collection("swaps").find_one()


async def test_an_answer_that_came_while_the_loop_stood_still_is_read(database: Database, database_uri: str) -> None:
    async with silent_line(database, database_uri, "socketTimeoutMS=300") as (opened, _):
        await database.collection("swaps").insert_one({"_id": 1})
        asked = asyncio.create_task(opened.collection("swaps").find_one({"_id": 1}))
        await asyncio.sleep(0.001)
        time.sleep(0.5)
        assert await asked == {"_id": 1}


def test_the_driver_is_of_the_version_whose_answers_are_read_here() -> None:
    assert pymongo.version_tuple[:2] == KNOWN_DRIVER


async def test_indexes_are_listed(database: Database) -> None:
    await database.collection("users").create_index("email", unique=True, name="email")
    assert {index["name"] for index in await database.list_indexes("users")} == {"_id_", "email"}


async def test_server_time_is_utc(database: Database) -> None:
    assert await database.ping()
    assert abs(await database.server_time() - datetime.now(UTC)) < timedelta(seconds=5)


async def test_a_standalone_server_is_refused() -> None:
    program = await asyncio.to_thread(find_mongod)
    assert program is not None
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        words = ("--dbpath", folder, "--port", str(port), "--bind_ip", "127.0.0.1", "--nounixsocket")
        server = await asyncio.create_subprocess_exec(program, *words, stdout=asyncio.subprocess.DEVNULL)
        try:
            with pytest.raises(DatabaseProblem, match="needs a replica set: start mongod with --replSet"):
                await Database.open(f"mongodb://127.0.0.1:{port}/skillswap")
        finally:
            server.terminate()
            await server.wait()


async def test_unreachable_server_is_named_without_the_password() -> None:
    port = free_port()
    with pytest.raises(DatabaseProblem, match=rf"MongoDB at 127.0.0.1:{port} cannot be reached") as caught:
        await Database.open(f"mongodb://robin:sesame@127.0.0.1:{port}/skillswap?serverSelectionTimeoutMS=100")
    assert "sesame" not in str(caught.value)


async def test_wrong_password_is_reported(mongo_uri: str) -> None:
    head, _, where = mongo_uri.rpartition("@")
    with pytest.raises(DatabaseProblem, match="refused the user name or password") as caught:
        await Database.open(f"{head.rpartition(':')[0]}:sesame@{where}")
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "mongodb://",
        "127.0.0.1:27017",
        "https://robin:sesame@127.0.0.1",
        "mongodb://robin:sesame",
        "mongodb://robin:ses@ame@127.0.0.1:1",
        "mongodb://robin:sesame/@127.0.0.1:1",
        "mongodb://robin:sesame%@127.0.0.1:1",
        "mongodb://robin:sesame#@127.0.0.1:1/?serverSelectionTimeoutMS=50",
        "mongodb://robin:sesame@127.0.0.1:99999",
        "mongodb://robin:sesame@[::1",
        "mongodb://robin:sesame@127.0.0.1:1/no name",
    ],
)
async def test_unusable_uri_is_reported_in_one_line_without_the_password(uri: str) -> None:
    with pytest.raises(DatabaseProblem) as caught:
        await Database.open(uri)
    assert "\n" not in str(caught.value)
    assert "sesame" not in str(caught.value)


def test_an_id_is_24_hex_characters_and_nothing_else() -> None:
    made = new_id()
    assert str(object_id(made)) == made
    for text in ("", "abc", made[:-1], made + "0", made[:-1] + "g", made[:-1] + "\n", "$" + made[1:], "é" * 12):
        assert object_id(text) is None


def test_mongod_of_the_package_is_found() -> None:
    assert isinstance(find_mongod(), Path)
