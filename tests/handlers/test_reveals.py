"""Ratings are told of once, also when the process dies between writing the last one and telling."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.errors import Conflict
from domain.planning import Meeting
from domain.reviews import Rating, seat_for, written
from domain.swaps import ACCEPTED
from handlers import sessions
from handlers.reviews import write_review
from handlers.runtime.deps import Deps
from handlers.timeline import do_due_steps
from storage.mongodb.database import Database, new_id
from tests.factories import MakeSwap, MakeUser, later, recipients_of


async def test_the_sweep_tells_of_ratings_whose_last_writer_was_killed_before_telling(
    deps: Deps, database: Database, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user(telegram_id=True), await make_user(telegram_id=True)
    running = await make_swap(ada, ben, status=ACCEPTED)
    await sessions.note_session(deps, ada, running.id, Meeting(()))
    await sessions.answer_session(deps, ben, running.id, "1", "yes")
    await sessions.finish_swap(deps, ada, running.id)
    done = await sessions.finish_swap(deps, ben, running.id)
    await write_review(deps, ada, done.id, None, Rating(5))
    assert await do_due_steps(deps) == 0

    last = written(done, seat_for(done, ben.id, None), Rating(4), review_id=new_id(), all_written=(), at=deps.now())
    await deps.store.reviews.insert(last)  # all that a process has done which dies here

    assert await do_due_steps(deps) == 1
    assert sorted(await recipients_of(database, done.id, "review.revealed")) == sorted([ada.id, ben.id])
    for days in (7, 12, 14):
        await do_due_steps(later(deps, timedelta(days=days, minutes=1)))
    assert len(await recipients_of(database, done.id, "review.revealed")) == 2
    assert await recipients_of(database, done.id, "review.soon") == []
    with pytest.raises(Conflict, match=r"review\.written"):
        await write_review(deps, ben, done.id, None, Rating(4))
