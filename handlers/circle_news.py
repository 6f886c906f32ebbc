"""News of circles: whoever's changed profile makes a circle of three possible is told so, once."""

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
    """What one delivery says: to whom, and the best of the circles that it tells of and that are still possible."""

    person: User
    view: CircleView


async def look_for_circles(deps: Deps) -> int:
    """Look at those whose profiles have changed, and tell them of circles that are new to them; returns how many.

    A job: safe to run twice at once, and to be killed anywhere. One look costs what opening /circles does; a run makes
    LOOKS_AT_ONCE of them at most.
    """
    return sum([await _look(deps, *waiting) for waiting in await deps.store.circle_news.waiting(deps.now())])


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
        names = [found.ring.name for found in await find_circles(deps, person)]
    is_stored = not set(news.rings).issuperset(names) and await _store_news(deps, news, names, now)
    await deps.store.circle_news.finish(user_id, since)
    return is_stored


async def _store_news(deps: Deps, news: CircleNews, names: list[str], now: datetime) -> bool:
    """Store a notification of all these circles, for the screen that it leads to shows all of them. False when the user
    cannot be reached, or another process has stored one."""
    deliveries = await deliveries_to(deps, [news.user_id], CIRCLE_POSSIBLE)
    return bool(deliveries) and await deps.store.circle_news.tell(news, names, deliveries, at=now)


async def load_circle_notification(deps: Deps, delivery: Delivery) -> CircleNotification | None:
    """What there is to say as things stand now; None when the person shows themselves no more, or no such circle is
    possible any more: it may have been asked for."""
    person = await deps.store.users.find(delivery.to)
    if person is None or not person.is_listed:
        return None
    names = await deps.store.circle_news.told_of(person.id, delivery.id)
    possible = await find_circles(deps, person, limit=MAX_RANKED)
    found = next((each for each in possible if each.ring.name in names), None)
    return CircleNotification(person, view_possible(deps, found)) if found is not None else None
