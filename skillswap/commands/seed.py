"""`skillswap seed`: fill the database with a made-up community."""

from __future__ import annotations

import secrets

from skillswap.bootstrap import open_deps
from skillswap.demo.seeding import add_people
from skillswap.output import say
from skillswap.settings import Settings
from storage.mongodb.database import Database
from storage.mongodb.embedded import EmbeddedMongo


async def seed(settings: Settings, *, people: int, seed_number: int) -> int:
    """Fill the configured database, or the embedded one of the data folder; prints progress. Returns 0."""
    mongo = None if settings.mongodb_uri else await EmbeddedMongo.start(settings.data_dir)
    uri = mongo.uri if mongo else settings.mongodb_uri.get_secret_value() if settings.mongodb_uri else ""
    try:
        database = await Database.open(uri)
        try:
            deps = await open_deps(settings, database, worker=f"seed:{secrets.token_hex(3)}", notify=say)
            try:
                added = await add_people(deps, people, seed_number=seed_number)
            finally:
                await deps.photos.close()
        finally:
            await database.close()
    finally:
        if mongo is not None:
            await mongo.stop()
    say(_summary(people, added))
    return 0


def _summary(people: int, added: int) -> str:
    if added == people:
        return f"{added} people have been added."
    if added == 0:
        return f"Nothing to do: all {people} people were there before. Another --seed makes others."
    return f"{added} people have been added; {people - added} were there before."
