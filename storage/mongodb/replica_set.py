"""Set-up of a started mongod: a primary with the application's user."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from storage.mongodb.data_folder import DataFolder
from storage.mongodb.database import DEFAULT_DATABASE
from storage.mongodb.mongod import POLL_SECONDS, Mongod
from storage.mongodb.problems import DatabaseProblem

Client = MongoClient[dict[str, Any]]

READY_SECONDS = 60.0  # includes recovery after a crash
NOT_YET_INITIATED = 94
# A single node has no other member: elections need no delay, and there is no catch-up.
ELECTION = {
    "electionTimeoutMillis": 500,
    "heartbeatIntervalMillis": 500,
    "heartbeatTimeoutSecs": 2,
    "catchUpTimeoutMillis": 0,
}

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Address:
    """Address of a running database, and the credentials of its application user."""

    uri: str = field(repr=False)  # contains the password
    port: int
    pid: int
    version: str


def make_primary(folder: DataFolder, mongod: Mongod, port: int, abandoned: threading.Event) -> Address:
    """Wait for mongod and configure what is missing. Blocks; raises DatabaseProblem and what `Mongod.check` raises."""
    return _SetUp(folder, mongod, port, abandoned).run()


class _SetUp:
    """Steps from a started mongod to a primary with our user. An earlier start may have done each of them, or half of
    it.

    It authenticates as the server's internal user, whose password is the key file: so the localhost exception, by which
    any local process may create the first user, is never open.
    """

    def __init__(self, folder: DataFolder, mongod: Mongod, port: int, abandoned: threading.Event) -> None:
        self._mongod = mongod
        self._port = port
        self._abandoned = abandoned
        self._password = folder.secret("mongodb.password")
        self._key = folder.secret(folder.key_file.name)
        self._deadline = time.monotonic() + READY_SECONDS

    def run(self) -> Address:
        while not self._is_listening():
            self._pause()
        with self._client("__system", self._key, "local") as client:
            while not self._is_primary(client):
                self._pause()
            self._ensure_user(client)
            version = str(client.admin.command("buildInfo")["version"])
        user, where = DEFAULT_DATABASE, f"127.0.0.1:{self._port}/{DEFAULT_DATABASE}"
        uri = f"mongodb://{user}:{self._password}@{where}?replicaSet=rs0&authSource=admin"
        return Address(uri, self._port, os.getpid(), version)

    def _client(self, user: str, password: str, source: str) -> Client:
        return MongoClient(
            "127.0.0.1",
            self._port,
            directConnection=True,
            username=user,
            password=password,
            authSource=source,
            serverSelectionTimeoutMS=2000,
        )

    def _pause(self) -> None:
        self._mongod.check()
        if self._abandoned.wait(POLL_SECONDS):
            raise DatabaseProblem("the start of the embedded MongoDB was abandoned")
        if time.monotonic() > self._deadline:
            raise DatabaseProblem(f"the embedded MongoDB was not ready after {READY_SECONDS:.0f} s")

    def _is_listening(self) -> bool:
        with socket.socket() as probe:
            probe.settimeout(1.0)
            return probe.connect_ex(("127.0.0.1", self._port)) == 0

    def _is_primary(self, client: Client) -> bool:
        try:
            hello = client.admin.command("hello")
            if "setName" not in hello:
                self._configure(client)
        except PyMongoError as problem:  # still reading its configuration, or just becoming primary
            log.debug("the embedded MongoDB is not ready: %s", type(problem).__name__)
            return False
        return bool(hello.get("isWritablePrimary"))

    def _configure(self, client: Client) -> None:
        """Initiate the replica set, or reconfigure it with its new port, without which it is no member of its own
        set."""
        host = f"127.0.0.1:{self._port}"
        try:
            config = client.admin.command("replSetGetConfig")["config"]
        except OperationFailure as problem:
            if problem.code == NOT_YET_INITIATED:
                members = [{"_id": 0, "host": host}]
                client.admin.command("replSetInitiate", {"_id": "rs0", "members": members, "settings": ELECTION})
            return
        if config["members"][0]["host"] != host:
            config["members"][0]["host"] = host
            config["version"] += 1
            client.admin.command("replSetReconfig", config, force=True)

    def _ensure_user(self, client: Client) -> None:
        """Create or update the user: it has the rights of the service, in its own database, and the folder's
        password."""
        role, admin = f"{DEFAULT_DATABASE}-service", client.admin
        resource = {"db": DEFAULT_DATABASE, "collection": ""}
        if not admin.command("rolesInfo", role)["roles"]:
            privileges = [{"resource": resource, "actions": ["collMod"]}]
            admin.command(
                "createRole", role, privileges=privileges, roles=[{"role": "readWrite", "db": DEFAULT_DATABASE}]
            )
        if not admin.command("usersInfo", DEFAULT_DATABASE)["users"]:
            admin.command("createUser", DEFAULT_DATABASE, pwd=self._password, roles=[role])
            return
        try:
            with self._client(DEFAULT_DATABASE, self._password, "admin") as user:
                user[DEFAULT_DATABASE].command("ping")
        except OperationFailure:  # the password file was lost and created anew
            admin.command("updateUser", DEFAULT_DATABASE, pwd=self._password)
