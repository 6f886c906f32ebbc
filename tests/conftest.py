"""What every test stands on: a real MongoDB, a database of its own, and a guard against blocking the event loop."""

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

pytest_plugins = ["tests.factories", "tests.leak_scan"]

ROOT = Path(__file__).parent.parent
OUR_PACKAGES = ("skillswap", "bot", "api", "mail", "handlers", "storage", "domain")
SLOW_DISK_MS = 30_000  # what a test prepares may take this long; the service's own bound is tested where it matters
# Calls that look blocking and are not, or that happen once: (file, functions, why).
HARMLESS: list[tuple[str, str, str]] = [
    ("<frozen importlib._bootstrap>", "_find_and_load", "an import inside a function reads its file once"),
    ("concurrent/futures/thread.py", "submit", "what asyncio.to_thread itself does: a lock held for microseconds"),
    ("concurrent/futures/thread.py", "_adjust_thread_count", "a new worker thread says that it runs"),
    ("logging/__init__.py", "emit", "a log line goes to the terminal or to a file that pytest reads"),
    ("zoneinfo/_tzpath.py", "find_tzfile", "a time zone is looked for once, and kept in memory"),
    ("zoneinfo/_common.py", "load_tzdata", "a time zone that the system does not have is read once from a package"),
    ("domain/availability.py", "minutes_ahead_of_utc", "a time zone is read once, a file of two kilobytes"),
    ("linecache.py", "updatecache", "a traceback shows its source lines"),
    ("telegram/ext/_application.py", "__init__", "the application looks, once, at who builds it"),
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
    """A stand-in that names the folder only: the guard looks at paths, and nothing has to be imported for it."""
    package = ModuleType(name)
    package.__path__ = [f"{ROOT / name}{os.sep}"]
    return package


@pytest.fixture(scope="session")
async def mongo_uri(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """One MongoDB for the run (one per xdist worker), with a user that may make and drop any database.

    TEST_MONGODB_URI names another server; its user needs the same rights.
    """
    if given := os.environ.get("TEST_MONGODB_URI"):
        yield given
        return
    folder = tmp_path_factory.mktemp("mongodb")
    server = await EmbeddedMongo.start(folder)
    yield await asyncio.to_thread(_tester_uri, folder, server.port)
    await server.stop()
    await asyncio.to_thread(shutil.rmtree, folder)  # 300 MB, and pytest would keep three runs of it


def _tester_uri(folder: Path, port: int) -> str:
    """Sign in as the server's internal user, whose password is the key file, and make a user for the tests."""
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
async def kept_database(mongo_uri: str) -> AsyncIterator[Database]:
    """One database for all tests of a run: making its indexes anew for each takes longer than most of the tests."""
    opened = await Database.open(_with_database(mongo_uri, f"test_{secrets.token_hex(6)}"))
    await ensure_validators(opened)
    yield opened
    await opened.command("dropDatabase")
    await opened.close()


@pytest.fixture
async def database(kept_database: Database) -> Database:
    """An open and empty database."""
    reply = await kept_database.command("listCollections", nameOnly=True)
    names = [found["name"] for found in reply["cursor"]["firstBatch"] if not found["name"].startswith("system.")]
    await asyncio.gather(*(kept_database.collection(name).delete_many({}) for name in names))
    return kept_database


@pytest.fixture
async def database_uri(database: Database, mongo_uri: str) -> str:
    """The address of `database`: what a whole service under test is given."""
    return _with_database(mongo_uri, database.name)


@pytest.fixture
async def new_database(mongo_uri: str) -> AsyncIterator[Database]:
    """A database that nobody has used, for what is done to a database as a whole; dropped afterwards."""
    opened = await Database.open(_with_database(mongo_uri, f"test_{secrets.token_hex(6)}"))
    yield opened
    await opened.command("dropDatabase")
    await opened.close()


def _with_database(uri: str, name: str) -> str:
    """The URI with its database name replaced; its user still signs in where it is kept."""
    parsed = parse_uri(uri)
    head, _, query = uri.partition("?")
    scheme, _, rest = head.partition("://")
    source = "" if "authsource" in query.lower() else f"&authSource={parsed['database'] or 'admin'}"
    return f"{scheme}://{rest.partition('/')[0]}/{name}?{query}{source}"
