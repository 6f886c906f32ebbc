"""`skillswap backup` and `skillswap restore`: the whole database as one file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from skillswap.output import say
from skillswap.settings import Settings
from storage.mongodb.backups import check_backup, read_backup, write_backup
from storage.mongodb.embedded import EmbeddedMongo
from storage.mongodb.problems import DatabaseProblem


async def backup(settings: Settings, target: Path) -> int:
    """Write the database to `target`. The service may be running. Raises DatabaseProblem."""
    async with _database(settings) as (uri, _):
        counts = await asyncio.to_thread(write_backup, uri, target)
    say(f"{sum(counts.values())} documents of {len(counts)} collections are in {target}")
    return 0


async def restore(settings: Settings, source: Path, *, replace: bool) -> int:
    """Restore a backup into the database, which must be empty unless `replace`. Raises DatabaseProblem."""
    await asyncio.to_thread(check_backup, source)
    async with _database(settings) as (uri, is_ours):
        if not is_ours:
            raise DatabaseProblem("the service is running on this database; end it first")
        counts = await asyncio.to_thread(lambda: read_backup(uri, source, replace=replace))
    say(f"{sum(counts.values())} documents of {len(counts)} collections are back; the next start makes their indexes")
    return 0


@asynccontextmanager
async def _database(settings: Settings) -> AsyncIterator[tuple[str, bool]]:
    """Return the URI, and whether the database is known to be unused; of an external server that is never known."""
    if settings.mongodb_uri is not None:
        yield settings.mongodb_uri.get_secret_value(), True
        return
    mongo = await EmbeddedMongo.start(settings.data_dir)
    try:
        yield mongo.uri, mongo.owned
    finally:
        await mongo.stop()
