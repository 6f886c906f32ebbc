"""Files of sessions for calendars: one entry, in UTC, known again by its UID, newer by its SEQUENCE."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from bson import ObjectId
from icalendar import Calendar, Event

from domain.errors import Conflict, NotFound
from domain.planning import Meeting
from domain.swaps import Swap
from domain.users import User
from handlers import sessions
from handlers.calendar import get_session_ics
from handlers.runtime.deps import Deps
from handlers.swaps import accept_swap
from storage.mongodb.database import Database
from tests.factories import MakeSwap, MakeUser

DAY = timedelta(days=1)


@pytest.fixture
async def pair(make_user: MakeUser) -> tuple[User, User]:
    return await make_user("Ada; Love, Lace\nÑ"), await make_user("Ben", locale="de")


@pytest.fixture
async def running(deps: Deps, pair: tuple[User, User], make_swap: MakeSwap) -> Swap:
    return await accept_swap(deps, pair[1], (await make_swap(*pair)).id)


async def entry(deps: Deps, person: User, swap: Swap) -> Event:
    raw = await get_session_ics(deps, person, swap.id, "1")
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    calendar = Calendar.from_ical(raw)
    assert (calendar["method"], calendar["version"]) == ("PUBLISH", "2.0")
    (event,) = calendar.walk("VEVENT")
    assert b"VTIMEZONE" not in raw
    assert b"RRULE" not in raw
    return event


def start_in(deps: Deps, days: int) -> datetime:
    return (deps.now() + days * DAY).replace(second=0, microsecond=0)


async def test_an_agreed_session_is_an_entry_in_the_language_of_each(
    deps: Deps, pair: tuple[User, User], running: Swap
) -> None:
    start = start_in(deps, 3)
    meeting = Meeting((start,), minutes=90, mode="in_person", place="Café, 2; Stock\\links", link="")
    await sessions.offer_session(deps, pair[0], running.id, meeting)
    await sessions.agree_session(deps, pair[1], running.id, "1", start)
    ada, ben = await entry(deps, pair[0], running), await entry(deps, pair[1], running)
    for event in (ada, ben):
        assert (event["uid"], event["status"], event["sequence"]) == (f"{running.id}-1@skillswap", "CONFIRMED", 1)
        assert (event.start, event.end) == (start, start + timedelta(minutes=90))
        assert event["location"] == "Café, 2; Stock\\links"
        assert b"DTSTART:" in event.to_ical(), "in UTC, without a TZID"
    taught = (running.taught_by(pair[0].id), running.taught_by(pair[1].id))
    assert ada["summary"] == f"{' and '.join(taught)} with Ben"
    assert "Ada; Love, Lace" in ben["summary"]
    assert " und " in ben["summary"]
    assert ben["description"].startswith(("Du lernst", "Du bringst bei"))


async def test_a_moved_and_a_called_off_session_keep_their_uid_and_cancel_the_entry(
    deps: Deps, pair: tuple[User, User], running: Swap
) -> None:
    start, other = start_in(deps, 3), start_in(deps, 4)
    link = "https://meet.example.org/a,b;c?d=1"
    await sessions.offer_session(deps, pair[0], running.id, Meeting((start,), link=link))
    await sessions.agree_session(deps, pair[1], running.id, "1", start)
    first = await entry(deps, pair[0], running)
    assert (first["url"], first["location"]) == (link, link)
    await sessions.move_session(deps, pair[1], running.id, "1", Meeting((other,)))
    moved = await entry(deps, pair[0], running)
    assert (moved["status"], moved.start) == ("CANCELLED", start)
    await sessions.agree_session(deps, pair[0], running.id, "1", other)
    again = await entry(deps, pair[0], running)
    assert (again["status"], again.start) == ("CONFIRMED", other)
    await sessions.call_off_session(deps, pair[0], running.id, "1")
    off = await entry(deps, pair[0], running)
    assert (off["status"], off.start) == ("CANCELLED", other)
    versions = (first, moved, again, off)
    assert len({event["uid"] for event in versions}) == 1
    assert [event["sequence"] for event in versions] == [1, 2, 3, 4]
    stamps = [event["dtstamp"].dt for event in versions]
    assert stamps == sorted(stamps)


async def test_what_has_no_time_or_is_anothers_is_no_file(
    deps: Deps, pair: tuple[User, User], running: Swap, make_user: MakeUser
) -> None:
    await sessions.offer_session(deps, pair[0], running.id, Meeting((start_in(deps, 3),)))
    with pytest.raises(Conflict, match=r"session\.not_dated"):
        await get_session_ics(deps, pair[0], running.id, "1")
    with pytest.raises(NotFound):
        await get_session_ics(deps, await make_user(), running.id, "1")
    with pytest.raises(NotFound):
        await get_session_ics(deps, pair[0], running.id, "2")
    await sessions.note_session(deps, pair[0], running.id, Meeting(()))
    with pytest.raises(Conflict, match=r"session\.not_dated"):
        await get_session_ics(deps, pair[0], running.id, "2")


async def test_characters_that_no_calendar_reads_are_left_out(
    deps: Deps, database: Database, pair: tuple[User, User], running: Swap
) -> None:
    start = start_in(deps, 1)
    await sessions.offer_session(deps, pair[1], running.id, Meeting((start,)))
    await sessions.agree_session(deps, pair[0], running.id, "1", start)
    # Another program has written this.
    written = {"plan.sessions.0.place": "Caf\x07é\r\nATTENDEE:x", "plan.sessions.0.link": "https://example.org/\r\nX:y"}
    await database.collection("swaps").update_one({"_id": ObjectId(running.id)}, {"$set": written})
    event = await entry(deps, pair[0], running)
    assert event["location"] == "Café\nATTENDEE:x"
    assert event["url"] == "https://example.org/X:y"
    assert "attendee" not in event
