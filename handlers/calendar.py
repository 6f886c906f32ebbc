"""Sessions as iCalendar (RFC 5545), for calendars of any make.

One VEVENT a session, in UTC and without VTIMEZONE: calendars differ in how they read zones across a change of clocks,
but not in UTC. A session keeps its UID, and SEQUENCE says which version of it is newer.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from domain.errors import Conflict
from domain.languages import locale_or_default
from domain.planning import people_of
from domain.sessions import CALLED_OFF, OFFERED, Session
from domain.swaps import Swap
from domain.users import User
from handlers.runtime.deps import Deps
from handlers.runtime.texts import Texts
from handlers.sessions import get_session
from handlers.users import get_people

if TYPE_CHECKING:
    from icalendar import Event

CALENDAR_TYPE: Final = "text/calendar; charset=utf-8; method=PUBLISH"
FILE_NAME: Final = "session.ics"

_CONTROLS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Characters that iCalendar or UTF-8 does not allow; other programs may have stored some."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A session as it stands in the calendar of one of its two; `partner` is the other one's name."""

    swap: Swap
    session: Session
    viewer_id: str
    partner: str


async def get_session_ics(deps: Deps, actor: User, swap_id: str, session_id: str) -> bytes:
    """Return one of the actor's sessions as a file. Raises NotFound, and Conflict while it has no time."""
    found = await get_session(deps, actor, swap_id, session_id)
    if calendar_start(found.session) is None:
        raise Conflict("session.not_dated", current=found.swap)
    return await session_ics(deps, actor, found.swap, found.session)


async def session_ics(deps: Deps, viewer: User, swap: Swap, session: Session) -> bytes:
    """Return a session that `calendar_start` knows a time of as a file for one of its two, in the viewer's language."""
    (entry,) = await entries_of(deps, viewer, [(swap, session)])
    texts = deps.texts[locale_or_default(viewer.locale)]
    return await asyncio.to_thread(write_calendar, [entry], texts, address=deps.public_url)


async def entries_of(deps: Deps, viewer: User, sessions: Iterable[tuple[Swap, Session]]) -> list[Entry]:
    """Return the entries of these sessions for one of their two; a partner who has left is "?"."""
    pairs = [(swap, session, _partner(swap, session, viewer.id)) for swap, session in sessions]
    people = await get_people(deps, tuple({partner for _, _, partner in pairs}))
    names = {user_id: person.name for user_id, person in people.items()}
    return [Entry(swap, session, viewer.id, names.get(partner, "?")) for swap, session, partner in pairs]


def calendar_start(session: Session) -> datetime | None:
    """Return the start under which calendars know a session: the agreed one, or the one before a move.

    None for one that never had a time, or was noted after it had taken place.
    """
    return None if session.noted_by else session.starts_at or session.was_at


def write_calendar(
    entries: Iterable[Entry], texts: Texts, *, address: str, name: str = "", refresh_every: timedelta | None = None
) -> bytes:
    """Return these entries as iCalendar; a feed has a name and says how often to read it. Blocking: loads a library."""
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", "-//Skill Swap//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    if name:
        calendar.add("name", name)  # RFC 7986
        calendar.add("x-wr-calname", name)
    if refresh_every is not None:
        calendar.add("refresh-interval", refresh_every, parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", f"PT{refresh_every // timedelta(hours=1)}H")  # Outlook
    for entry in entries:
        calendar.add_component(_event(entry, texts, address))
    return bytes(calendar.to_ical())


def _event(entry: Entry, texts: Texts, address: str) -> Event:
    from icalendar import Event

    session, start = entry.session, calendar_start(entry.session)
    assert start is not None, "a session without a time is in no calendar"
    event = Event()
    event.add("uid", f"{entry.swap.id}-{session.id}@skillswap")
    event.add("sequence", session.sequence)
    # Any other zone than the standard library's UTC, MongoDB's own included, would be written as a TZID.
    changed, start = session.changed_at.astimezone(UTC), start.astimezone(UTC)
    event.add("dtstamp", changed)
    event.add("last-modified", changed)
    event.add("dtstart", start)
    event.add("dtend", start + timedelta(minutes=session.minutes))
    event.add("status", "CANCELLED" if session.status in (CALLED_OFF, OFFERED) else "CONFIRMED")
    event.add("summary", _clean(_summary(entry, texts)))
    event.add("description", _clean("\n".join([*_directions(entry, texts), f"{address}/swaps/{entry.swap.id}"])))
    if session.link:
        event.add("url", "".join(_clean(session.link).split()))
    if where := session.place or session.link:
        event.add("location", _clean(where))
    return event


def _summary(entry: Entry, texts: Texts) -> str:
    skills = [texts.skill_name(entry.swap.legs[leg].skill) for leg in entry.session.legs]
    return texts.plain("calendar.summary", name=entry.partner, skills=texts.enumerate(skills))


def _directions(entry: Entry, texts: Texts) -> list[str]:
    """Return a line for each leg: what the viewer learns, and what they teach."""
    legs = [entry.swap.legs[leg] for leg in entry.session.legs]
    return [
        texts.plain(
            "calendar.learn" if leg.learner == entry.viewer_id else "calendar.teach",
            skill=texts.skill(leg.skill),
        )
        for leg in legs
    ]


def _partner(swap: Swap, session: Session, viewer_id: str) -> str:
    return next(person for person in people_of(swap, session) if person != viewer_id)


def _clean(text: str) -> str:
    return _CONTROLS.sub("", text)
