"""Connection to MongoDB: the one file that knows the driver, PyMongo's async client."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, TypeVar, cast
from urllib.parse import parse_qsl

from bson import ObjectId, Timestamp
from pymongo import AsyncMongoClient, ReadPreference, WriteConcern
from pymongo.errors import ConfigurationError, InvalidURI, OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern

from domain.errors import Unavailable
from storage.mongodb import driver_waits
from storage.mongodb.change_batches import BatchedStream
from storage.mongodb.clock import ServerClock
from storage.mongodb.foreign_indexes import MAX_DROPS, ForeignIndexes, IndexMet
from storage.mongodb.guarded_collection import GuardedCollection
from storage.mongodb.problems import LINE_LENGTH, DatabaseProblem

T = TypeVar("T")
Document = dict[str, Any]
Session = Any  # a driver session; passed through to store methods, opaque to them

DATABASE_ERRORS = (PyMongoError,)
"""Errors that are answered with "try again": the database did not reply in time, or has no primary."""

DEFAULT_DATABASE = "skillswap"
OLDEST_SERVER = (5, 0)  # the first with operators that our pipelines use
PING_SECONDS = 1.0
TRANSACTION_SECONDS = 10.0
WATCH_AWAIT_MS = 1000  # below socketTimeoutMS, or an idle stream would look like a dead connection
AUTH_FAILED = (13, 18, 8000)  # Unauthorized, AuthenticationFailed, Atlas' own

UNJOURNALED: Mapping[str, Any] = {"write_concern": WriteConcern(w=1, j=False), "read_concern": ReadConcern("local")}
"""Options of a collection whose writes wait neither for the disk nor for other servers: what a crash or a failover
loses is written again by itself, or not missed. A majority's read would see them a moment later only."""

# Defaults that the URI overrides.
CLIENT_OPTIONS: Mapping[str, Any] = {
    "w": "majority",
    "journal": True,
    "wTimeoutMS": 5000,
    "readConcernLevel": "majority",
    "readPreference": "primary",
    "retryWrites": True,
    "retryReads": True,
    "serverSelectionTimeoutMS": 8000,
    "connectTimeoutMS": 2000,
    "socketTimeoutMS": 5000,
    "heartbeatFrequencyMS": 1000,
    "maxPoolSize": 50,
    "waitQueueTimeoutMS": 8000,  # a burst waits for one of the connections; a request has its own deadline
    # A date outside datetime's range, written by another program, is decoded as a number instead of an error.
    "datetime_conversion": "DATETIME_AUTO",
}


class Database:
    """Client of one database. Created by `open`, closed by `close`; bound to the loop that opened it."""

    def __init__(self, client: Any, name: str) -> None:
        self.name = name
        self._client = client
        self._db = client[name]
        self._collections: dict[str, Any] = {}
        self._aborting: set[asyncio.Task[Any]] = set()  # transactions that nobody waits for any more
        self.foreign_indexes = ForeignIndexes(self)
        self.clock = ServerClock(self.server_time)

    @classmethod
    async def open(cls, uri: str, *, app_name: str = "skillswap") -> Database:
        """Connect and verify that this server meets the requirements.

        Raises DatabaseProblem: unusable URI, unreachable, wrong credentials, too old, or no replica set.
        """
        if not uri.startswith(("mongodb://", "mongodb+srv://")):
            raise DatabaseProblem("MONGODB_URI cannot be used: it must begin with mongodb:// or mongodb+srv://")
        given = {key.lower() for key, _ in parse_qsl(uri.partition("?")[2], keep_blank_values=True)}
        options = {key: value for key, value in CLIENT_OPTIONS.items() if key.lower() not in given}
        driver_waits.install()
        try:  # in a thread: creating the client reads certificate files
            client = await asyncio.to_thread(_new_client, uri, appname=app_name, tz_aware=True, **options)
        except (InvalidURI, ConfigurationError, ValueError) as problem:
            raise DatabaseProblem(f"MONGODB_URI cannot be used: {_one_line(problem)}") from None
        database = cls(client, _database_name(client))
        try:
            await _check_server(client, database.name, where=_hosts(uri))
            await database.clock.read()
        except BaseException:
            await database.close()
            raise
        return database

    def collection(self, name: str) -> Any:
        """Return the driver's collection. `aggregate` and `list_indexes` are called on this class, not on it, but for
        an `aggregate` with options of its own."""
        if (known := self._collections.get(name)) is None:  # the driver creates a new object for each call
            known = self._collections[name] = GuardedCollection(self._db[name], self.foreign_indexes)
        return known

    async def aggregate(self, collection: str, pipeline: Sequence[Document], **options: Any) -> list[Document]:
        """Return all documents that the pipeline yields; end it with a $limit where there may be many."""
        cursor = await self.collection(collection).aggregate(list(pipeline), **options)
        return cast("list[Document]", await cursor.to_list(None))

    async def list_indexes(self, collection: str) -> list[Document]:
        cursor = await self.collection(collection).list_indexes()
        return cast("list[Document]", await cursor.to_list(None))

    async def command(self, command: str | Mapping[str, Any], **options: Any) -> Document:
        # Without its own codec options a command's times would have no time zone.
        return cast("Document", await self._db.command(command, codec_options=self._db.codec_options, **options))

    async def ping(self) -> bool:
        """Return whether a primary replies within a second."""
        try:
            async with asyncio.timeout(PING_SECONDS):
                reply = await self.command("hello")
        except (PyMongoError, TimeoutError):
            return False
        return bool(reply.get("isWritablePrimary"))

    async def server_time(self) -> datetime:
        """Return the server's clock (aware, UTC, milliseconds), which all processes share."""
        reply = await self.command("hello")
        return cast("datetime", reply["localTime"])

    async def operation_time(self) -> Timestamp:
        """Return the current end of the oplog, for `watch(start_at_operation_time=…)`."""
        reply = await self.command("hello")
        if "operationTime" not in reply:  # a new primary signs no times until it has its keys, for some seconds
            reply = {"operationTime": reply["lastWrite"]["opTime"]["ts"]}
        return cast("Timestamp", reply["operationTime"])

    @asynccontextmanager
    async def watch(
        self,
        pipeline: Sequence[Document] = (),
        *,
        resume_after: Mapping[str, Any] | None = None,
        start_at_operation_time: Timestamp | None = None,
        full_document: str | None = None,
        max_await_ms: int = WATCH_AWAIT_MS,
        pause: Callable[[], float] = lambda: 0.0,
    ) -> AsyncIterator[BatchedStream]:
        """Open a change stream over every collection of this database.

        Without a starting point it starts at the moment of entering: later writes are reported, however late the first
        read is. `pause` returns the seconds to let pass between two reads.
        """
        if resume_after is None and start_at_operation_time is None:
            start_at_operation_time = await self.operation_time()
            start_at_operation_time = Timestamp(start_at_operation_time.time, start_at_operation_time.inc + 1)
        options: dict[str, Any] = {
            "full_document": full_document,
            "resume_after": resume_after,
            "start_at_operation_time": start_at_operation_time,
            "max_await_time_ms": max_await_ms,
        }
        async with await self._db.watch(list(pipeline), **options) as stream:
            yield BatchedStream(stream, pause=pause)

    async def transaction(self, work: Callable[[Session], Awaitable[T]]) -> T:
        """Run `work` in a transaction (snapshot reads, majority writes) and commit it.

        `work` may run several times: it must be idempotent and pass the session to every call. Raises Unavailable when
        ten seconds do not suffice; whether it was committed is then unknown.
        """
        for _ in range(MAX_DROPS):
            try:
                return await self._transaction(work)
            except IndexMet as met:  # nothing was committed
                for name in met.names:
                    await self.foreign_indexes.drop(met.collection, name)
        return await self._transaction(work)

    async def _transaction(self, work: Callable[[Session], Awaitable[T]]) -> T:
        """Run it in a task of its own: a caller who is cancelled does not wait until a silent server has heard of the
        abort, for which the driver takes up to two times five seconds."""
        running = asyncio.create_task(self._run_transaction(work), name="transaction")
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            self._aborting.add(running)
            running.add_done_callback(self._has_ended)
            running.cancel()
            raise

    def _has_ended(self, transaction: asyncio.Task[Any]) -> None:
        self._aborting.discard(transaction)
        if not transaction.cancelled():
            transaction.exception()  # nobody waits for it

    async def _run_transaction(self, work: Callable[[Session], Awaitable[T]]) -> T:
        try:
            async with asyncio.timeout(TRANSACTION_SECONDS), self._client.start_session() as session:
                result = await session.with_transaction(
                    work,
                    read_concern=ReadConcern("snapshot"),
                    write_concern=WriteConcern("majority", wtimeout=5000, j=True),
                    read_preference=ReadPreference.PRIMARY,
                    max_commit_time_ms=5000,
                )
        except TimeoutError:
            raise Unavailable("database.unavailable") from None
        return cast("T", result)

    async def close(self) -> None:
        """Close all connections. Idempotent."""
        await self._client.close()


def new_id() -> str:
    """Return a new id: 24 hex characters, roughly in order of time."""
    return str(ObjectId())


def object_id(text: str) -> ObjectId | None:
    """Return the id, or None for anything but 24 hex characters."""
    return ObjectId(text) if len(text) == 24 and ObjectId.is_valid(text) else None


def _new_client(uri: str, **options: Any) -> Any:
    return AsyncMongoClient[Document](uri, **options)


def _database_name(client: Any) -> str:
    return str(client.get_default_database(DEFAULT_DATABASE).name)


async def _check_server(client: Any, name: str, *, where: str) -> None:
    try:
        hello = await client[name].command("hello")
        version = tuple((await client[name].command("buildInfo"))["versionArray"][:2])
    except OperationFailure as problem:
        if problem.code in AUTH_FAILED:
            raise DatabaseProblem(f"MongoDB at {where} refused the user name or password of MONGODB_URI") from None
        raise DatabaseProblem(f"MongoDB at {where} rejected the connection: {_one_line(problem)}") from None
    except PyMongoError as problem:
        raise DatabaseProblem(f"MongoDB at {where} cannot be reached: {_one_line(problem)}") from None
    if version < OLDEST_SERVER:
        wanted, found = (".".join(map(str, numbers)) for numbers in (OLDEST_SERVER, version))
        raise DatabaseProblem(f"MongoDB at {where} is version {found}; {wanted} or later is needed")
    if "setName" not in hello and hello.get("msg") != "isdbgrid":
        raise DatabaseProblem(
            f"MongoDB at {where} needs a replica set: start mongod with --replSet and run rs.initiate()"
        )


def _hosts(uri: str) -> str:
    """Return the hosts of a URI without user and password, split as the driver does: `#` is nothing special here."""
    authority = re.split("[/?]", uri.rpartition("://")[2], maxsplit=1)[0]
    return authority.rpartition("@")[2] or "?"


def _one_line(problem: Exception) -> str:
    """Return the driver's first clause; the rest (topology descriptions, server replies) is not for operators."""
    lines = str(problem).splitlines()
    line = lines[0] if lines else type(problem).__name__
    for rest in (" (configured timeouts", ", Timeout:", ", full error:"):
        line = line.partition(rest)[0]
    return line[:LINE_LENGTH]
