"""Backup of the whole database as one file, and restore: a gzipped tar of BSON files, as MongoDB's own tools write
them.

All collections are read from one snapshot, so a backup of a running service is consistent. Every function blocks; call
from a thread.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final

import bson
from bson.codec_options import CodecOptions
from bson.errors import BSONError
from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from storage.mongodb.database import CLIENT_OPTIONS, DEFAULT_DATABASE
from storage.mongodb.problems import DatabaseProblem

MANIFEST: Final = "manifest.json"
SUFFIX: Final = ".bson"
LEFT_OUT: Final = ("leases",)
"""Collections that are not backed up: no lease is held after a restore."""
BATCH_BYTES: Final = 8_000_000
READ_BATCH: Final = 500

_RAW: Final = CodecOptions(document_class=RawBSONDocument)

Counts = dict[str, int]


def write_backup(uri: str, target: Path) -> Counts:
    """Write all documents to `target` (readable by this user only) and return their number by collection.

    The file appears when it is complete. Raises DatabaseProblem.
    """
    unfinished = target.with_name(f"{target.name}.part")
    try:
        with _client(uri) as client, _private(unfinished) as file:
            counts = _dump(client, file)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(target)
    except OSError as problem:
        raise DatabaseProblem(f"{target} cannot be written: {problem.strerror}") from None
    except PyMongoError as problem:
        raise DatabaseProblem(f"the database could not be read: {type(problem).__name__}") from None
    finally:
        unfinished.unlink(missing_ok=True)
    return counts


def read_backup(uri: str, source: Path, *, replace: bool = False) -> Counts:
    """Insert all documents of a backup into the database, which must be empty, or is emptied with `replace`.

    The file is verified before anything is changed. Indexes are created by the next start. Raises DatabaseProblem.
    """
    counts = check_backup(source)
    try:
        with _client(uri) as client:
            database = client.get_default_database(DEFAULT_DATABASE)
            there = [name for name in database.list_collection_names() if not name.startswith("system.")]
            if not replace and any(database[name].find_one({}, {"_id": 1}) for name in there if name not in LEFT_OUT):
                raise DatabaseProblem("the database is not empty; --replace overwrites it with the backup")
            for name in there:
                database.drop_collection(name)
            for name, documents in _documents(source):
                for batch in _batches(documents):
                    database[name].insert_many(batch)
    except PyMongoError as problem:
        raise DatabaseProblem(f"the database could not be written: {type(problem).__name__}; run it again") from None
    return counts


def check_backup(source: Path) -> Counts:
    """Return the number of documents by collection. Raises DatabaseProblem for an incomplete file or no backup."""
    try:
        with gzip.open(source) as whole:  # up to the checksum at its end
            while whole.read(BATCH_BYTES):
                pass
        with tarfile.open(source, "r:gz") as archive:
            manifest = archive.extractfile(MANIFEST)
            wanted: Counts = json.load(manifest)["documents"] if manifest else {}
        found = {name: sum(1 for _ in documents) for name, documents in _documents(source)}
    except OSError as problem:
        raise DatabaseProblem(f"{source} cannot be read: {problem.strerror or 'it is not a backup'}") from None
    except (tarfile.TarError, EOFError, zlib.error, BSONError, KeyError, ValueError):
        raise DatabaseProblem(f"{source} is not a backup, or is truncated") from None
    if found != wanted:
        raise DatabaseProblem(f"{source} is truncated")
    return found


def _client(uri: str) -> MongoClient[RawBSONDocument]:
    given = uri.partition("?")[2].lower()
    options = {key: value for key, value in CLIENT_OPTIONS.items() if f"{key.lower()}=" not in given}
    return MongoClient(uri, document_class=RawBSONDocument, **options)


def _private(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def _dump(client: MongoClient[RawBSONDocument], file: IO[bytes]) -> Counts:
    database = client.get_default_database(DEFAULT_DATABASE)
    names = sorted(name for name in database.list_collection_names() if not name.startswith("system."))
    counts: Counts = {}
    with client.start_session(snapshot=True) as session, tarfile.open(fileobj=file, mode="w:gz") as archive:
        for name in (name for name in names if name not in LEFT_OUT):
            with tempfile.TemporaryFile() as spool:
                counts[name] = 0
                for document in database[name].find(session=session, batch_size=READ_BATCH):
                    spool.write(document.raw)
                    counts[name] += 1
                _add(archive, f"{name}{SUFFIX}", spool)
        with tempfile.TemporaryFile() as spool:
            spool.write(json.dumps({"documents": counts}).encode())
            _add(archive, MANIFEST, spool)
    return counts


def _add(archive: tarfile.TarFile, name: str, spool: IO[bytes]) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = spool.tell(), 0o600
    spool.seek(0)
    archive.addfile(entry, spool)


def _documents(source: Path) -> Iterator[tuple[str, Iterator[RawBSONDocument]]]:
    """Yield each collection's name and documents; nothing is unpacked to the disk."""
    with tarfile.open(source, "r:gz") as archive:
        for entry in archive:
            file = archive.extractfile(entry)
            if file is not None and entry.name.endswith(SUFFIX):
                with contextlib.closing(file):
                    yield entry.name.removesuffix(SUFFIX), bson.decode_file_iter(file, codec_options=_RAW)


def _batches(documents: Iterator[RawBSONDocument]) -> Iterator[list[Any]]:
    batch: list[Any] = []
    size = 0
    for document in documents:
        batch.append(document)
        size += len(document.raw)
        if size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
