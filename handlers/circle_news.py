"""Circle news: a user whose changed profile makes a circle of three possible is notified, once per circle."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.circle_candidates import MAX_RANKED
from domain.circle_news import CircleNews
from domain.circle_views import CircleView
from domain.deliveries import Delivery
from domain.events import CIRCLE_POSSIBLE
from domain.users import User
from handlers.circle_search import find_circles
from handlers.circles import fill_place, view_possible
from handlers.notifications import deliveries_to
from handlers.runtime.deps import Deps


@dataclass(frozen=True, slots=True)
class CircleNotification:
    """Content of one notification: its recipient, and the best of its circles that are still possible."""

    person: User
    view: CircleView


async def look_for_circles(deps: Deps) -> int:
    """Look for circles around users whose profiles have changed, and notify them of new ones; returns how many.

    A job: it may run twice at the same time and be killed at any point. One look costs as much as opening /circles; a
    run makes at most SEARCHES_AT_ONCE of them.
    """
    return sum([await _look(deps, *waiting) for waiting in await deps.store.circle_news.waiting(deps.now())])


async def next_circle_look(deps: Deps) -> datetime | None:
    """Return when `look_for_circles` is to run again; None while no profile waits."""
    return await deps.store.circle_news.next_search()


async def _look(deps: Deps, user_id: str, since: datetime) -> bool:
    news, now = await deps.store.circle_news.of(user_id), deps.now()
    if news.quiet_until is not None and news.quiet_until > now:
        await deps.store.circle_news.finish(user_id, since, again_at=news.quiet_until)
        return False
    person = await deps.store.users.find(user_id)
    names: list[str] = []
    if person is not None and person.is_listed:
        for swap in await deps.store.circles.with_place_for(person.trades):
            await fill_place(deps, swap)
        names = [found.candidate.name for found in await find_circles(deps, person)]
    is_stored = not set(news.circles).issuperset(names) and await _store_news(deps, news, names, now)
    await deps.store.circle_news.finish(user_id, since)
    return is_stored


async def _store_news(deps: Deps, news: CircleNews, names: list[str], now: datetime) -> bool:
    """Store a notification of all these circles, for the screen that it leads to shows all of them. False when the user
    cannot be reached, or another process has stored one."""
    deliveries = await deliveries_to(deps, [news.user_id], CIRCLE_POSSIBLE)
    return bool(deliveries) and await deps.store.circle_news.add(news, names, deliveries, at=now)


async def load_circle_notification(deps: Deps, delivery: Delivery) -> CircleNotification | None:
    """Return the content of a notification as of now; None when the user is not listed any more or none of its circles
    is possible: one may have been asked for."""
    person = await deps.store.users.find(delivery.to)
    if person is None or not person.is_listed:
        return None
    names = await deps.store.circle_news.reported_circles(person.id, delivery.id)
    possible = await find_circles(deps, person, limit=MAX_RANKED)
    found = next((each for each in possible if each.candidate.name in names), None)
    return CircleNotification(person, view_possible(deps, found)) if found is not None else None
