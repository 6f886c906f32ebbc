"""Fixtures: real Mongoose models and NextAuth's MongoDB adapters in Node.js, on a new database of the service."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from handlers.outside_writes import OutsideWrites
from handlers.runtime.change_feed import ChangeFeed
from handlers.runtime.deps import Deps
from skillswap.schedule import JOBS, Schedule, outside_job
from storage.mongodb.database import Database
from storage.mongodb.indexes import ensure_indexes
from storage.mongodb.validators import ensure_validators
from tests.api.conftest import client, connect, web
from tests.bot.conftest import bot
from tests.conftest import with_database
from tests.factories import build_deps
from tests.npm_packages import npm_folder, skip_on_old_node
from tests.waiting import eventually

__all__ = ["bot", "client", "connect", "web"]

NODE_SECONDS = 30.0
GENERATIONS = ("mongoose8", "mongoose9")
ADAPTERS = ("@next-auth/mongodb-adapter", "@auth/mongodb-adapter")


class NodeError(Exception):
    """An error thrown by a script: `name`, `code` and `info` as in JavaScript."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(f"{error['name']}: {error['message']}")
        self.name: str = error["name"]
        self.code: Any = error["code"]
        self.info: Any = error["info"]


class Node:
    """Scripts in Node.js, each in a process of its own, that connects to the database as a front end does."""

    def __init__(self, folder: Path, uri: str) -> None:
        self.folder = folder
        self.uri = uri

    async def run(self, using: str, body: str, *, auto_index: bool = True, **args: Any) -> Any:
        """Run the body of an async function and return its value, which has gone through JSON (ids as hex strings).

        `using` is one of GENERATIONS: `User`, `Swap`, `Message`, `mongoose`, `db` and `args` are in scope, and the
        indexes of the models have been built, if that is possible. Or one of ADAPTERS: `adapter`, `db` and `args`.
        Raises NodeError.
        """
        job = {"uri": self.uri, "using": using, "autoIndex": auto_index, "body": body, "args": args}
        pipe = asyncio.subprocess.PIPE
        child = await asyncio.create_subprocess_exec(
            "node", "run.cjs", cwd=self.folder, stdin=pipe, stdout=pipe, stderr=pipe
        )
        try:
            out, err = await asyncio.wait_for(child.communicate(json.dumps(job).encode()), NODE_SECONDS)
        except TimeoutError:
            child.kill()
            raise
        assert out, err.decode()
        answer: dict[str, Any] = json.loads(out)
        if "error" in answer:
            raise NodeError(answer["error"])
        return answer["value"]


@pytest.fixture(scope="session")
def mongoose_folder(request: pytest.FixtureRequest) -> Path:
    """The scripts with Mongoose and the adapters installed."""
    return npm_folder(request, Path(__file__).parent / "npm", what="Mongoose")


@pytest.fixture
async def database(new_database: Database) -> Database:
    """A database of its own, with the indexes and validators of the service: the models leave indexes behind."""
    await ensure_validators(new_database)
    await ensure_indexes(new_database)
    return new_database


@pytest.fixture
def database_uri(database: Database, mongo_uri: str) -> str:
    """The URI of `database`."""
    return with_database(mongo_uri, database.name)


@pytest.fixture
def node(mongoose_folder: Path, database_uri: str) -> Node:
    """Node.js on the database of the test."""
    return Node(mongoose_folder, database_uri)


@pytest.fixture(params=GENERATIONS)
def generation(request: pytest.FixtureRequest, mongoose_folder: Path) -> str:
    """Each generation of Mongoose in turn."""
    if request.param == "mongoose9":
        skip_on_old_node(20, what="Mongoose 9")
    return str(request.param)


@pytest.fixture(params=ADAPTERS)
def adapter(request: pytest.FixtureRequest) -> str:
    """Each generation of the adapter in turn."""
    return str(request.param)


@asynccontextmanager
async def running_jobs(database: Database, worker: str = "jobs") -> AsyncIterator[Deps]:
    """Run the scheduled jobs of a process of its own, which may wait for another one's lease; yields its
    dependencies."""
    deps = await build_deps(database)
    outside, feed = OutsideWrites(), ChangeFeed(deps)
    schedule = Schedule(deps, worker=worker, jobs=(*JOBS, outside_job(outside)))
    feed.subscribe(outside.on_change)
    feed.subscribe(schedule.on_change)
    schedule.start()
    feed.start()
    await eventually(lambda: feed.is_live)
    yield deps
    await schedule.stop()
    await feed.stop()


@pytest.fixture
async def jobs(database: Database) -> AsyncIterator[Deps]:
    """The scheduled jobs, running in another process than the operations of the test."""
    async with running_jobs(database) as deps:
        yield deps
