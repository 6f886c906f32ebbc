"""Calendars as parsers that are not ours read them, for a weekly pair in two zones across a change of clocks."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from domain.local_times import read_time
from domain.planning import Meeting
from domain.swaps import Swap
from domain.users import User
from handlers import sessions
from handlers.calendar import get_session_ics
from handlers.calendar_feeds import issue_feed, read_feed
from handlers.runtime.deps import Deps
from handlers.swaps import accept_swap
from tests.factories import MakeUser, at_time, insert_swap
from tests.npm_packages import npm_folder, skip_on_old_node

NODE = 20
"""Oldest Node.js of node-ical."""
MADRID, NEW_YORK = "Europe/Madrid", "America/New_York"
NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
WEEKS = ("2026-03-23", "2026-03-30", "2026-04-06")
"""Mondays; in Madrid the clocks go forward on 29 March, in New York they did on 8 March."""
PLACE = "Café Sol, 2º; «al fondo»\\patio, junto a la ventana grande que da a la plaza 🎸"

Entries = dict[str, dict[str, Any]]


@pytest.fixture(scope="session")
def npm(request: pytest.FixtureRequest) -> Path:
    skip_on_old_node(NODE, what="calendars' parsers")
    return npm_folder(request, Path(__file__).parent / "npm", what="calendars' parsers")


@pytest.fixture
async def weekly(deps: Deps, make_user: MakeUser) -> tuple[Deps, User, User, Swap]:
    """Three Mondays at six in the evening by Madrid's clock."""
    deps = at_time(deps, NOW)
    ada = await make_user("Ada, “A;B”", timezone=MADRID, skills_offered=("Python",))
    ben = await make_user("Ben", timezone=NEW_YORK, skills_offered=("Guitar",), locale="de")
    swap = await accept_swap(deps, ben, (await insert_swap(deps, ada, ben)).id)
    for day in WEEKS:
        start = read_time(f"{day}T18:00", MADRID, "slots")
        offered = await sessions.offer_session(deps, ada, swap.id, Meeting((start,), mode="in_person", place=PLACE))
        await sessions.agree_session(deps, ben, swap.id, offered.plan.sessions[-1].id, start)
    return deps, ada, ben, swap


async def read_all(npm: Path, raw: bytes) -> list[Entries]:
    """Return what each parser makes of a calendar."""
    found = [await asyncio.to_thread(with_ical, raw)]
    for parser in ("ical.js", "node-ical"):
        done = await asyncio.to_thread(
            subprocess.run, ("node", "read.cjs", parser), cwd=npm, input=raw, capture_output=True, check=True
        )
        found.append({one["uid"]: one for one in json.loads(done.stdout)})
    return found


def with_ical(raw: bytes) -> Entries:
    from ical.calendar_stream import IcsCalendarStream

    calendar = IcsCalendarStream.calendar_from_ics(raw.decode())
    assert calendar.method == "PUBLISH"
    return {
        str(event.uid): {
            "uid": str(event.uid),
            "start": js_time(event.start),
            "end": js_time(event.end),
            "summary": event.summary,
            "location": event.location or "",
            "sequence": event.sequence,
            "status": str(getattr(event.status, "value", event.status)),
        }
        for event in calendar.events
    }


def js_time(at: Any) -> str:
    assert isinstance(at, datetime)
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def clocks(entries: Entries, zone: str) -> Sequence[str]:
    starts = sorted(datetime.fromisoformat(entry["start"]) for entry in entries.values())
    return [f"{start.astimezone(ZoneInfo(zone)):%m-%d %H:%M}" for start in starts]


async def test_a_weekly_pair_meets_at_the_same_hour_before_and_after_the_change(
    weekly: tuple[Deps, User, User, Swap], npm: Path
) -> None:
    deps, ada, ben, swap = weekly
    for reader, words in ((ada, " and "), (ben, " und ")):
        url = (await issue_feed(deps, reader)).url
        token = url.rsplit("/", 1)[1].removesuffix(".ics")
        for entries in await read_all(npm, await read_feed(deps, token, address="")):
            assert set(entries) == {f"{swap.id}-{number}@skillswap" for number in (1, 2, 3)}
            assert clocks(entries, MADRID) == ["03-23 18:00", "03-30 18:00", "04-06 18:00"]
            assert clocks(entries, NEW_YORK) == ["03-23 13:00", "03-30 12:00", "04-06 12:00"]
            for entry in entries.values():
                lasts = datetime.fromisoformat(entry["end"]) - datetime.fromisoformat(entry["start"])
                assert (lasts, entry["status"], entry["location"]) == (timedelta(hours=1), "CONFIRMED", PLACE)
                assert words in entry["summary"]


async def test_a_moved_and_a_called_off_session_are_newer_versions_of_their_entry(
    weekly: tuple[Deps, User, User, Swap], npm: Path
) -> None:
    deps, ada, ben, swap = weekly
    uid = f"{swap.id}-2@skillswap"
    start = read_time("2026-03-29T03:00", MADRID, "slots")  # the first minute of summer time
    await sessions.move_session(deps, ada, swap.id, "2", Meeting((start,), mode="in_person"))
    await sessions.agree_session(deps, ben, swap.id, "2", start)
    for entries in await read_all(npm, await get_session_ics(deps, ben, swap.id, "2")):
        entry = entries[uid]
        assert (entry["start"], entry["sequence"]) == ("2026-03-29T01:00:00.000Z", 3)
        assert "Ada, “A;B”" in entry["summary"]
    await sessions.call_off_session(deps, ben, swap.id, "2")
    for entries in await read_all(npm, await get_session_ics(deps, ada, swap.id, "2")):
        assert (entries[uid]["status"], entries[uid]["sequence"]) == ("CANCELLED", 4)
