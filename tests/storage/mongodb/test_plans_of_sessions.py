"""The queries about sessions, reminders, ratings and records are answered from indexes, whatever the size of data."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from domain.planning import Meeting
from domain.reviews import Rating
from domain.swaps import ACCEPTED
from domain.users import MODERATOR
from handlers import sessions
from handlers.calendar_feeds import issue_feed, read_feed
from handlers.records import count_records
from handlers.reviews import list_notes, list_pending, list_reviews, write_review
from handlers.swaps import list_swaps
from handlers.timeline import do_due_steps, next_step_at
from tests.factories import later
from tests.storage.mongodb.test_indexes import Community, community, complaints, watch

__all__ = ["community"]
DAY = timedelta(days=1)


async def test_sessions_and_ratings_use_indexes(community: Community) -> None:
    deps, me = community.deps, community.me
    swap = next(swap for swap in await list_swaps(deps, me, statuses=[ACCEPTED]))
    other = next(person for person in community.others if person.id in swap.participants)
    feed = await issue_feed(deps, me)
    token = feed.url.rpartition("/")[2].removesuffix(".ics")
    await watch(community.database)
    start = (deps.now() + DAY).replace(second=0, microsecond=0)
    await sessions.offer_session(deps, me, swap.id, Meeting((start,)))
    await sessions.agree_session(deps, other, swap.id, "1", start)
    assert await sessions.list_sessions(deps, me, since=deps.now(), until=deps.now() + 9 * DAY)
    assert await sessions.list_upcoming(deps, me)
    assert b"VEVENT" in await read_feed(deps, token, address="a")
    after = later(deps, 2 * DAY)
    await sessions.answer_session(after, me, swap.id, "1", "yes")
    await sessions.answer_session(after, other, swap.id, "1", "yes")
    await sessions.finish_swap(after, me, swap.id)
    await sessions.finish_swap(after, other, swap.id)
    assert await list_pending(after, me)
    await write_review(after, me, swap.id, None, Rating(5, note="A line."))
    await write_review(after, other, swap.id, None, Rating(4))
    assert await list_reviews(after, me, other.id, limit=20)
    assert await list_notes(after, replace(me, role=MODERATOR))
    await count_records(after, [me.id, other.id])
    assert await complaints(community.database) == []


async def test_the_sweep_uses_indexes(community: Community) -> None:
    after = later(community.deps, 3 * DAY)  # times are to be suggested in hundreds of swaps
    await watch(community.database)
    assert await next_step_at(after) is not None
    assert await do_due_steps(after) >= 500
    assert await complaints(community.database) == []
