"""Indexes that another program has added to our collections and that reject our documents: they are dropped.

A Mongoose model with `email: {unique: true}` builds `email_1` when it connects, and a second user without an address
cannot be stored any more. Each such index is dropped at start and when a write meets it, logged and counted. Indexes of
this service stay, under whatever name, and so do those that a newer version of it has recorded in `meta`: during an
upgrade both versions run.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from pymongo import IndexModel
from pymongo.errors import BulkWriteError, OperationFailure, PyMongoError

log = logging.getLogger(__name__)

Index = dict[str, Any]

RECORD: Final = "indexes"
"""Id of the document in `meta` with the names of our unique indexes, by collection."""

DUPLICATE_KEY: Final = 11000
PARALLEL_ARRAYS: Final = 171
KINDS: Final = {16766: "hashed", 16755: "2dsphere", 13027: "2d"}
"""Errors of an index that cannot hold a value: code → its kind."""

GONE: Final = (26, 27)  # NamespaceNotFound, IndexNotFound: another process was first
NOT_ALLOWED: Final = (13, 8000)  # Unauthorized, Atlas' own
OPTIONS: Final = ("unique", "sparse", "partialFilterExpression", "expireAfterSeconds")
MAX_DROPS: Final = 8
"""Bound of the indexes that are dropped for one write: the other program may build them again meanwhile."""

_NAME: Final = re.compile(r" index: (.+?) (?:collation: \{.*?\} )?dup key: ", re.DOTALL)
_ARRAY: Final = re.compile(r"\[(.+?)\]")


class Commands(Protocol):
    """Methods of the database that are used here; it imports this module."""

    name: str

    def collection(self, name: str) -> Any: ...
    async def list_indexes(self, collection: str) -> list[Index]: ...
    async def command(self, command: str, **options: Any) -> dict[str, Any]: ...


class IndexInTheWay(PyMongoError):
    """A write is rejected by an index of another program that this service may not drop: to be tried again later."""


class IndexMet(PyMongoError):
    """A write in a transaction has met an index of another program: drop it and run the transaction again."""

    def __init__(self, collection: str, names: Sequence[str]) -> None:
        super().__init__(f"an index of another program rejects a document of {collection}")
        self.collection = collection
        self.names = names


class ForeignIndexes:
    """Finds and drops them. Drops nothing before `ours` is set: our indexes by collection."""

    def __init__(self, database: Commands) -> None:
        self.ours: Mapping[str, Sequence[IndexModel]] | None = None
        self.dropped: Counter[tuple[str, str]] = Counter()
        """Number of drops by (collection, index)."""
        self._database = database
        self._stuck: set[tuple[str, str]] = set()
        self._told: set[tuple[str, str]] = set()

    # ---- finding -----------------------------------------------------------------------------------------------

    async def at_start(self, collection: str, existing: Sequence[Index]) -> list[Index]:
        """Return those of the existing indexes that reject our documents whatever these contain.

        A sparse or partial one does not hold documents without its fields; it is dropped if a write meets it.
        """
        keys = [model.document["key"] for model in self._models(collection) if model.document.get("unique")]

        def rejects(index: Index) -> bool:
            is_selective = index.get("sparse") and index["key"] not in keys
            return _is_unique(index) and "partialFilterExpression" not in index and not is_selective

        return await self._foreign(collection, list(filter(rejects, existing)), existing)

    async def met_by(self, collection: str, error: OperationFailure) -> list[str] | None:
        """Return the names of the other programs' indexes that have rejected this write; none left when another process
        has dropped them meanwhile. None when one of ours has rejected it, or no index."""
        if self.ours is None:
            return None
        found: set[str] = set()
        is_foreign = False
        for problem in _problems(error):
            rejects = _rejecting(problem)
            if rejects is None or _name_in(problem) in {"_id_", *self._names(collection)}:
                continue  # the usual case costs no command
            existing = await self._database.list_indexes(collection)
            rejecting = list(filter(rejects, existing))
            foreign = await self._foreign(collection, rejecting, existing)
            is_foreign = is_foreign or bool(foreign) or not rejecting
            found |= {index["name"] for index in foreign}
        return sorted(found) if is_foreign else None

    async def _foreign(self, collection: str, some: Sequence[Index], existing: Sequence[Index]) -> list[Index]:
        ours = [identity(model.document, standard_of(existing)) for model in self._models(collection)]
        found = [index for index in some if "_id" not in index["key"] and identity(index) not in ours]
        if not found:
            return []
        record = await self._database.collection("meta").find_one({"_id": RECORD}) or {}
        known = {*self._names(collection), *record.get(collection, ())}
        return [index for index in found if index["name"] not in known]

    def _models(self, collection: str) -> Sequence[IndexModel]:
        return (self.ours or {}).get(collection, ())

    def _names(self, collection: str) -> set[str]:
        return {model.document["name"] for model in self._models(collection)}

    # ---- dropping ----------------------------------------------------------------------------------------------

    async def remove(self, collection: str, name: str) -> bool:
        """Remove an index. False when another process has done so."""
        try:
            await self._database.collection(collection).drop_index(name)
        except OperationFailure as error:
            if error.code not in GONE:
                raise
            return False
        return True

    async def drop(self, collection: str, name: str) -> None:
        """Drop the index; harmless when another process has done so. Raises IndexInTheWay when that is forbidden."""
        try:
            if not await self.remove(collection, name):
                return
        except OperationFailure as error:
            if error.code not in NOT_ALLOWED:
                raise
            self._stuck.add((collection, name))
            if (collection, name) not in self._told:
                self._told.add((collection, name))
                log.error(
                    "the index %s of %s rejects documents of this service, and the database user may not drop it: "
                    "drop it, or grant the user the action dropIndex",
                    name,
                    collection,
                )
            raise IndexInTheWay(f"the index {name} of {collection} rejects documents") from None
        self.dropped[collection, name] += 1
        log.warning(
            "dropped the index %s of %s: another program has built it, and it rejects documents of this service "
            "(a Mongoose model needs autoIndex: false)",
            name,
            collection,
        )

    async def may_drop(self, collection: str) -> bool:
        """Return whether the database user has the right to drop indexes of this collection."""
        login = (await self._database.command("connectionStatus", showPrivileges=True))["authInfo"]
        here = (("", ""), ("", collection), (self._database.name, ""), (self._database.name, collection))
        return not login["authenticatedUsers"] or any(
            "dropIndex" in privilege["actions"]
            and (
                privilege["resource"].get("anyResource")
                or (privilege["resource"].get("db"), privilege["resource"].get("collection")) in here
            )
            for privilege in login["authenticatedUserPrivileges"]
        )

    async def is_clear(self) -> bool:
        """Return whether no index is in the way that we may not drop. Asks the database only if one was."""
        for collection, name in list(self._stuck):
            if name not in {index["name"] for index in await self._database.list_indexes(collection)}:
                self._stuck.discard((collection, name))
        return not self._stuck

    async def record(self) -> None:
        """Add the names of our unique indexes to those that no other version of the service drops.

        A unique index that leaves the table needs a migration that drops it and takes its name from the record.
        """
        meta = self._database.collection("meta")
        known = await meta.find_one({"_id": RECORD}) or {}
        names = {
            collection: [model.document["name"] for model in models if model.document.get("unique")]
            for collection, models in (self.ours or {}).items()
        }
        new = {name: more for name, unique in names.items() if (more := sorted({*unique} - {*known.get(name, ())}))}
        if new:
            change = {"$addToSet": {name: {"$each": more} for name, more in new.items()}}
            await meta.update_one({"_id": RECORD}, change, upsert=True)


def standard_of(existing: Sequence[Index]) -> Any:
    """Return the collation that a collection, given its indexes, uses for an index without one: that of `_id_`."""
    return existing[0].get("collation") if existing else None


def identity(index: Index, standard: Any = None) -> tuple[Any, ...]:
    """Return the properties by which two indexes are equal, whatever their names."""
    collation = index.get("collation") or standard
    short = (collation["locale"], collation.get("strength", 3)) if collation else None
    return list(index["key"].items()), *(_with_plain_times(index.get(option)) for option in OPTIONS), short


def _with_plain_times(value: Any) -> Any:
    """Return an option with its times as the server lists them: in UTC, without a zone."""
    if isinstance(value, Mapping):
        return {name: _with_plain_times(part) for name, part in value.items()}
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) and value.tzinfo else value


def _is_unique(index: Index) -> bool:
    return bool(index.get("unique") or index.get("prepareUnique"))


def _problems(error: OperationFailure) -> list[dict[str, Any]]:
    details: Any = error.details or {}
    return (
        list(details.get("writeErrors", ())) if isinstance(error, BulkWriteError) else [{**details, "code": error.code}]
    )


def _name_in(problem: dict[str, Any]) -> str:
    """Return the name of the unique index in the server's words; "" when there is none."""
    found = _NAME.search(problem.get("errmsg") or "") if problem.get("code") == DUPLICATE_KEY else None
    return found[1] if found else ""


def _rejecting(problem: dict[str, Any]) -> Callable[[Index], bool] | None:
    """Return a test for the index that has rejected a write; None for errors that come from no index."""
    code = problem.get("code")
    if code == DUPLICATE_KEY:
        name = _name_in(problem)
        return lambda index: bool(index["name"] == name)
    if code == PARALLEL_ARRAYS:
        paths = set(_ARRAY.findall(problem.get("errmsg") or ""))
        return lambda index: paths <= set(index["key"])
    if code in KINDS:
        kind = KINDS[code]
        return lambda index: kind in index["key"].values()
    return None
