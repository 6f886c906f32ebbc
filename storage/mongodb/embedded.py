"""Embedded database: a real MongoDB, started by this service when no MONGODB_URI is set.

Everything is in the data folder: `mongodb/` (its files), `mongodb.log`, `mongodb.key` and `mongodb.password` (created
once), `mongodb.lock` (held by the one process that owns the folder) and `mongodb.json` (the port; while it runs also
its address, by which other processes of this user connect as guests).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from storage.mongodb.data_folder import DataFolder
from storage.mongodb.mongod import (
    Mongod,
    PortTaken,
    UnknownParameter,
    command_line,
    end_leftover,
    find_mongod,
    rotate_log,
)
from storage.mongodb.problems import DatabaseProblem

if TYPE_CHECKING:
    from storage.mongodb.replica_set import Address

MIN_FREE_BYTES = 500_000_000
GUEST_SECONDS = 60.0  # time limit for another owner to become ready
START_TRIES = 8
NO_MONGOD = "no mongod is on this machine; install MongoDB or set MONGODB_URI"
DYING_SECONDS = 0.3  # the system's time to end a killed process

log = logging.getLogger(__name__)


class EmbeddedMongo:
    """Running mongod (a replica set of one, authentication on), owned by this process or by another one."""

    def __init__(self, address: Address, folder: DataFolder, mongod: Mongod | None) -> None:
        self.uri = address.uri
        self.port = address.port
        self.version = address.version
        self.owner_pid = address.pid
        self.owned = mongod is not None
        self._folder = folder
        self._mongod = mongod

    @classmethod
    async def start(
        cls,
        data_dir: Path,
        *,
        notify: Callable[[str], None] = log.warning,
        min_free_bytes: int = MIN_FREE_BYTES,
    ) -> EmbeddedMongo:
        """Own the folder and run its database, or connect as a guest to the database of the owning process.

        `notify` is called with one line when mongod died and is restarted. Raises DatabaseProblem.
        """
        loop = asyncio.get_running_loop()
        abandoned = threading.Event()

        def report(text: str) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended; so will mongod
                loop.call_soon_threadsafe(notify, text)

        def work() -> EmbeddedMongo:
            return _own_or_visit(DataFolder(data_dir.absolute()), report, min_free_bytes, abandoned)

        starting = asyncio.ensure_future(asyncio.to_thread(work))
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            abandoned.set()
            with contextlib.suppress(DatabaseProblem):
                await (await starting).stop()
            raise

    @property
    def mongod_pid(self) -> int | None:
        """Process id of mongod; None for a guest."""
        return self._mongod.pid if self._mongod else None

    async def stop(self) -> None:
        """Stop the database cleanly if this process owns it. Idempotent."""
        if self._mongod is not None:
            mongod, self._mongod = self._mongod, None
            await asyncio.to_thread(_leave, self._folder, mongod, self.port)


def _own_or_visit(
    folder: DataFolder, notify: Callable[[str], None], min_free_bytes: int, abandoned: threading.Event
) -> EmbeddedMongo:
    folder.prepare(min_free_bytes)
    deadline = time.monotonic() + GUEST_SECONDS
    while not folder.take_lock():
        # An owner that was killed a moment ago still holds the lock, and its database still replies.
        is_abandoned = abandoned.wait(DYING_SECONDS)
        if folder.take_lock():
            break
        if (address := _reachable(folder.read_state())) is not None:
            return EmbeddedMongo(address, folder, None)
        if is_abandoned or time.monotonic() > deadline:
            raise DatabaseProblem(f"another process owns {folder.path}, but its database does not answer")
    try:
        folder.write_state(port=folder.read_state().get("port"))  # drops the address of the previous owner's database
        end_leftover(folder.data)
        rotate_log(folder.log)
        return _run(folder, notify, abandoned)
    except BaseException:
        folder.free_lock()
        raise


def _reachable(state: dict[str, Any]) -> Address | None:
    if "uri" not in state:
        return None
    from pymongo import MongoClient
    from pymongo.errors import PyMongoError

    from storage.mongodb.replica_set import Address

    address = Address(state["uri"], state["port"], state["pid"], state["version"])
    try:
        with MongoClient[dict[str, Any]](address.uri, serverSelectionTimeoutMS=500) as client:
            client.admin.command("ping")
    except PyMongoError:
        return None
    return address


def _run(folder: DataFolder, notify: Callable[[str], None], abandoned: threading.Event) -> EmbeddedMongo:
    program = find_mongod()
    if program is None:
        raise DatabaseProblem(NO_MONGOD)
    folder.secret(folder.key_file.name)
    port = _free_port(folder.read_state().get("port"))
    without: list[str] = []
    for _ in range(START_TRIES):
        command = command_line(program, data=folder.data, key=folder.key_file, port=port, without=without)
        mongod = Mongod(command, folder.log, notify)
        try:
            mongod.start()
            # Here and not above: mongod starts on another core while this one imports the driver.
            from storage.mongodb.replica_set import make_primary

            address = make_primary(folder, mongod, port, abandoned)
            mongod.keep()
        except PortTaken:
            port = _free_port(None)
        except UnknownParameter as unknown:
            without.append(unknown.args[0])
        except BaseException:
            mongod.stop()
            raise
        else:
            folder.write_state(port=port, pid=address.pid, uri=address.uri, version=address.version)
            return EmbeddedMongo(address, folder, mongod)
    raise DatabaseProblem(f"the embedded MongoDB did not start in {START_TRIES} tries (log: {folder.log})")


def _free_port(wanted: object) -> int:
    """Return the wanted port if it is free, so that the replica set's configuration and guests stay valid; else any."""
    for port in (wanted, 0):
        if isinstance(port, int):
            with socket.socket() as probe, contextlib.suppress(OSError, OverflowError):
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", port))
                return int(probe.getsockname()[1])
    raise DatabaseProblem("no port is free on 127.0.0.1")


def _leave(folder: DataFolder, mongod: Mongod, port: int) -> None:
    try:
        with contextlib.suppress(OSError):  # a full disk must not keep mongod from ending
            folder.write_state(port=port)
        mongod.stop()
    finally:
        folder.free_lock()
