"""Private calendar feeds: a user's sessions under an address that only they know, for any calendar to subscribe to."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.errors import NotFound
from domain.languages import locale_or_default
from domain.planning import sessions_of
from domain.standing import READ_OWN
from domain.timetable import MAX_AHEAD
from domain.users import BANNED, DELETED, User
from handlers.calendar import calendar_start, entries_of, write_calendar
from handlers.community import service_name
from handlers.runtime.deps import Deps
from handlers.runtime.rate_limits import Rate
from handlers.standing import require_right

SHOWN_SINCE: Final = timedelta(days=60)
"""Sessions stay in the feed for so long, those called off included: calendars take an entry off when they read that it
is cancelled, and some read once a day."""
REFRESH: Final = timedelta(hours=1)
MAX_TOKEN_LENGTH: Final = 100
ISSUES: Final = Rate(burst=10, seconds=360)
READS: Final = Rate(burst=30, seconds=10)
"""Rate at which one feed is read, by all calendars together, and unknown ones by one address."""


@dataclass(frozen=True, slots=True)
class Feed:
    """A user's feed; `url` is known only when it has just been issued."""

    created_at: datetime
    url: str = ""


async def find_feed(deps: Deps, actor: User) -> Feed | None:
    """Return the actor's feed; None for no feed."""
    created_at = await deps.store.calendar_feeds.created_at(actor.id)
    return Feed(created_at) if created_at is not None else None


async def issue_feed(deps: Deps, actor: User) -> Feed:
    """Return a new feed of the actor; the address of the one before ends. Raises TooMany."""
    await require_right(deps, actor, READ_OWN)
    now = deps.now()
    await deps.rates.spend("calendar", f"new {actor.id}", ISSUES, at=now)
    token = await deps.store.calendar_feeds.issue(actor.id, at=now)
    return Feed(now, f"{deps.public_url}/calendar/{token}.ics")


async def revoke_feed(deps: Deps, actor: User) -> None:
    await deps.store.calendar_feeds.erase(actor.id)


async def read_feed(deps: Deps, token: str, *, address: str) -> bytes:
    """Return the sessions of the user whose feed this token opens, as iCalendar. Raises NotFound, TooMany.

    `address` is that of the client, for the limit of tries with unknown tokens.
    """
    user_id = await deps.store.calendar_feeds.find(token) if len(token) <= MAX_TOKEN_LENGTH else None
    deps.rates.take("calendar", user_id or f"address {address}", READS, at=deps.now())
    user = await deps.store.users.find(user_id) if user_id is not None else None
    if user is None or user.status in (DELETED, BANNED):
        raise NotFound("calendar.not_found")
    since, until = deps.now() - SHOWN_SINCE, deps.now() + MAX_AHEAD
    swaps = await deps.store.swaps.with_sessions(user.id, since=since, until=until)
    found = [
        (swap, session)
        for swap in swaps
        for session in sessions_of(swap, user.id)
        if (start := calendar_start(session)) is not None and since <= start < until
    ]
    entries = await entries_of(deps, user, found)
    texts = deps.texts[locale_or_default(user.locale)]
    return await asyncio.to_thread(
        write_calendar, entries, texts, address=deps.public_url, name=service_name(deps), refresh_every=REFRESH
    )
