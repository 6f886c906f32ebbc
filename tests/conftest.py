"""Fixtures of all tests: a real MongoDB, an empty database for each test, and a guard against blocking calls in the
event loop."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from blockbuster import BlockBuster
from pymongo import MongoClient
from pymongo.uri_parser import parse_uri

from storage.mongodb.database import Database
from storage.mongodb.embedded import EmbeddedMongo
from storage.mongodb.validators import ensure_validators
from tests.databases import empty
from tests.waiting import eventually

pytest_plugins = [
    "tests.factories",
    "tests.leak_scan",
    "tests.moved_clock",
    "tests.report_encoding",
    "tests.skip_summary",
]

ROOT = Path(__file__).parent.parent
OUR_PACKAGES = ("skillswap", "bot", "api", "mail", "handlers", "storage", "domain")
SLOW_DISK_MS = 30_000  # a bound for the set-up of tests on a slow disk; the bound of the service is tested on its own
# Calls that do not block or happen once: (file, function, reason).
HARMLESS: list[tuple[str, str, str]] = [
    ("<frozen importlib._bootstrap>", "_find_and_load", "an import inside a function reads its file once"),
    ("concurrent/futures/thread.py", "submit", "part of asyncio.to_thread: a lock held for microseconds"),
    ("concurrent/futures/thread.py", "_adjust_thread_count", "waits for the start of a worker thread"),
    ("logging/__init__.py", "emit", "a log line goes to the terminal or to a file that pytest reads"),
    ("zoneinfo/_tzpath.py", "find_tzfile", "a time zone is looked up once and cached"),
    ("zoneinfo/_common.py", "load_tzdata", "a time zone missing on the system is read once from a package"),
    ("domain/availability.py", "clock_of", "a time zone file of two kilobytes is read once"),
    ("api/http/handover.py", "start", "a Unix socket left by a killed process is removed once"),
    ("linecache.py", "updatecache", "a traceback reads its source lines"),
    ("pymongo/pool_options.py", "get_container_env_info", "a client looks at one file before it connects first"),
    ("telegram/ext/_application.py", "__init__", "the application inspects its caller once"),
]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pictures", metavar="FOLDER", help="save the screenshots of the browser tests there")


@pytest.fixture(scope="session", autouse=True)
def loop_guard() -> Iterator[BlockBuster]:
    """Raise BlockingError where our code makes a blocking call inside the event loop."""
    packages = [_package(name) for name in OUR_PACKAGES]
    guard = BlockBuster(packages)
    for function in guard.functions.values():
        for file, name, _ in HARMLESS:
            function.can_block_in(file, name)
    guard.activate()
    yield guard
    guard.deactivate()


def _package(name: str) -> ModuleType:
    """Return a module that has only its path: the guard compares paths, so no import is needed."""
    package = ModuleType(name)
    package.__path__ = [f"{ROOT / name}{os.sep}"]
    return package


@pytest.fixture(scope="session")
async def mongo_uri(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """One MongoDB for the run (one per xdist worker), with a user that may create and drop databases.

    TEST_MONGODB_URI names another server; its user needs the same rights.
    """
    if configured := os.environ.get("TEST_MONGODB_URI"):
        yield configured
        return
    folder = tmp_path_factory.mktemp("mongodb")
    server = await EmbeddedMongo.start(folder)
    yield await asyncio.to_thread(_tester_uri, folder, server.port)
    await server.stop()
    await asyncio.to_thread(shutil.rmtree, folder)  # 300 MB, and pytest keeps the folders of three runs


def _tester_uri(folder: Path, port: int) -> str:
    """Sign in as the internal user of the server, whose password is the key file, and create a user for the tests."""
    password = secrets.token_hex(16)
    key = (folder / "mongodb.key").read_text()
    with MongoClient[dict[str, object]](
        "127.0.0.1", port, directConnection=True, username="__system", password=key, authSource="local"
    ) as client:
        client.admin.command("createUser", "tester", pwd=password, roles=["root"])
    return (
        f"mongodb://tester:{password}@127.0.0.1:{port}/?replicaSet=rs0&authSource=admin&socketTimeoutMS={SLOW_DISK_MS}"
    )


@pytest.fixture(scope="session")
async def session_database(mongo_uri: str) -> AsyncIterator[Database]:
    """One database for all tests of a run: creating the indexes takes longer than most tests."""
    opened = await Database.open(with_database(mongo_uri, f"test_{secrets.token_hex(6)}"))
    await ensure_validators(opened)
    yield opened
    await opened.command("dropDatabase")
    await opened.close()


@pytest.fixture
async def database(session_database: Database) -> Database:
    """An open and empty database.

    Between two tests the loop stands still, for longer than a heartbeat may take where one builds something: the driver
    takes the server for gone then, for a moment.
    """
    await eventually(session_database.ping)
    await empty(session_database)
    session_database.clock.moves = ()
    return session_database


@pytest.fixture
async def database_uri(database: Database, mongo_uri: str) -> str:
    """The URI of `database`, for a service under test."""
    return with_database(mongo_uri, database.name)


@pytest.fixture
async def new_database(mongo_uri: str) -> AsyncIterator[Database]:
    """A newly created database, for tests of indexes, validators and migrations; dropped afterwards."""
    opened = await Database.open(with_database(mongo_uri, f"test_{secrets.token_hex(6)}"))
    yield opened
    await opened.command("dropDatabase")
    await opened.close()


def with_database(uri: str, name: str) -> str:
    """Return the URI with another database name; `authSource` stays."""
    parsed = parse_uri(uri)
    head, _, query = uri.partition("?")
    scheme, _, rest = head.partition("://")
    source = "" if "authsource" in query.lower() else f"&authSource={parsed['database'] or 'admin'}"
    return f"{scheme}://{rest.partition('/')[0]}/{name}?{query}{source}"
