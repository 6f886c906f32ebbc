"""Counts of how often people were shown are written a moment later, together, and before the process ends."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from handlers.runtime.showings import Showings
from storage.matches import Matches
from storage.mongodb.database import UNJOURNALED, Database
from tests.waiting import eventually

PEOPLE = ("65f0c0ffee0000000000000a", "65f0c0ffee0000000000000b")
TODAY = "2026-03-02"


async def counts(database: Database) -> dict[str, int]:
    exposure = database.collection("exposure").with_options(**UNJOURNALED)
    return {doc["_id"]: doc["n"] async for doc in exposure.find()}


def note(showings: Showings, people: Sequence[str], *, day: str = TODAY) -> None:
    showings.note(people, day=day)


async def test_counts_of_several_decks_are_written_together_a_moment_later(database: Database) -> None:
    showings = Showings(Matches(database))
    note(showings, PEOPLE)
    note(showings, PEOPLE[:1])
    note(showings, PEOPLE[:1], day="2026-03-03")
    assert await counts(database) == {}

    async def are_written() -> bool:
        return len(await counts(database)) == 3

    await eventually(are_written)
    assert await counts(database) == {
        f"{TODAY}:{PEOPLE[0]}": 2,
        f"{TODAY}:{PEOPLE[1]}": 1,
        f"2026-03-03:{PEOPLE[0]}": 1,
    }
    note(showings, PEOPLE[:1])
    await showings.close()
    assert (await counts(database))[f"{TODAY}:{PEOPLE[0]}"] == 3


async def test_what_is_left_is_written_at_the_end_once(database: Database) -> None:
    showings = Showings(Matches(database))
    note(showings, PEOPLE)
    await showings.close()
    await showings.close()
    assert sorted((await counts(database)).values()) == [1, 1]


async def test_counts_that_cannot_be_written_disturb_nobody(
    database_uri: str, caplog: pytest.LogCaptureFixture
) -> None:
    opened = await Database.open(database_uri)
    showings = Showings(Matches(opened))
    await opened.close()
    for wait in (lambda: eventually(lambda: "showings were not counted" in caplog.text), showings.close):
        note(showings, PEOPLE)
        await wait()
    assert "the last showings were not counted" in caplog.text
