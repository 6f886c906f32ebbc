"""Blocks, deletions and merges while sessions are planned, disputed or rated."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId

from domain.planning import Meeting
from domain.reviews import Rating
from domain.swaps import ACCEPTED, CANCELLED, COMPLETED, DISPUTED, Swap
from domain.users import MODERATOR, User
from handlers import sessions
from handlers.auth.accounts import accept_merge, offer_merge
from handlers.blocks import block_user
from handlers.disputes import decide_dispute
from handlers.records import count_records
from handlers.reviews import list_pending, list_reviews, reply_to_review, write_review
from handlers.runtime.deps import Deps
from handlers.sessions import list_sessions
from handlers.swaps import get_swap
from handlers.users import delete_account, get_user
from storage.mongodb.database import Database
from tests.factories import MakeSwap, MakeUser, later, recipients_of

DAY = timedelta(days=1)
HOME = "Calle Luna 4, third floor"
ROOM = "https://meet.example.org/ada-private"


@pytest.fixture
async def pair(make_user: MakeUser) -> tuple[User, User]:
    return await make_user("Ada", telegram_id=True), await make_user("Ben", telegram_id=True)


@pytest.fixture
async def running(pair: tuple[User, User], make_swap: MakeSwap) -> Swap:
    return await make_swap(*pair, status=ACCEPTED)


async def agree(deps: Deps, one: User, other: User, swap: Swap, *, at: timedelta = DAY, **where: Any) -> Swap:
    start = (deps.now() + at).replace(second=0, microsecond=0)
    offered = await sessions.offer_session(deps, one, swap.id, Meeting((start,), **where))
    return await sessions.agree_session(deps, other, swap.id, offered.plan.sessions[-1].id, start)


async def hold(deps: Deps, one: User, other: User, swap: Swap) -> Swap:
    noted = await sessions.note_session(deps, one, swap.id, Meeting(()))
    return await sessions.answer_session(deps, other, swap.id, noted.plan.sessions[-1].id, "yes")


async def complete(deps: Deps, one: User, other: User, swap: Swap) -> Swap:
    await hold(deps, one, other, swap)
    await sessions.finish_swap(deps, one, swap.id)
    return await sessions.finish_swap(deps, other, swap.id)


async def dispute(deps: Deps, one: User, other: User, swap: Swap) -> Swap:
    await agree(deps, one, other, swap)
    await sessions.answer_session(later(deps, 2 * DAY), one, swap.id, "1", "yes")
    await sessions.answer_session(later(deps, 2 * DAY), other, swap.id, "1", "no")
    return await sessions.answer_session(later(deps, 3 * DAY), other, swap.id, "1", "no")


async def merge(deps: Deps, *, survivor: User, loser: User) -> User:
    code, _ = await offer_merge(deps, survivor)
    return await accept_merge(deps, loser, code)


async def stored(database: Database, swap: Swap) -> str:
    return str(await database.collection("swaps").find_one({"_id": ObjectId(swap.id)}, {"_id": 0}))


# ---- deletion ------------------------------------------------------------------------------------------------------


async def test_deletion_erases_places_and_links_of_sessions(
    deps: Deps, database: Database, pair: tuple[User, User], running: Swap
) -> None:
    ada, ben = pair
    await agree(deps, ada, ben, running, mode="in_person", place=HOME)
    await agree(deps, ada, ben, running, at=2 * DAY, link=ROOM)
    assert HOME in await stored(database, running)
    await delete_account(deps, ada)
    assert HOME not in await stored(database, running)
    assert ROOM not in await stored(database, running)
    swap = await get_swap(deps, ben, running.id)
    assert [(session.status, session.place, session.link) for session in swap.plan.sessions] == 2 * [
        ("called_off", "", "")
    ]


async def test_deletion_erases_ones_own_statement_and_no_other(
    deps: Deps, database: Database, pair: tuple[User, User], running: Swap
) -> None:
    ada, ben = pair
    assert (await dispute(deps, ada, ben, running)).status == DISPUTED
    after = later(deps, 3 * DAY)
    await sessions.make_statement(after, ada, running.id, "I waited at the door of number 4.")
    await sessions.make_statement(after, ben, running.id, "Nobody was there.")
    await delete_account(after, ada)
    assert "number 4" not in await stored(database, running)
    assert "Nobody was there." in await stored(database, running)


async def test_deletion_of_a_rated_user_hides_no_rating_of_the_other(
    deps: Deps, database: Database, pair: tuple[User, User], running: Swap, make_user: MakeUser
) -> None:
    ada, ben = pair
    reader = await make_user()
    await complete(deps, ada, ben, running)
    await write_review(deps, ada, running.id, ben.id, Rating(5, text="A patient teacher."))
    about_ada = await write_review(deps, ben, running.id, ada.id, Rating(4, text="Lives above the bakery."))
    await reply_to_review(deps, ada, about_ada.id, "Come again!")
    assert len(await list_reviews(deps, reader, ben.id, limit=10)) == 1
    await delete_account(deps, ada)
    (left,) = await list_reviews(deps, reader, ben.id, limit=10)
    assert (left.review.text, left.author) == ("A patient teacher.", None)
    assert await list_pending(deps, ben) == []
    rows = str(await database.collection("reviews").find({}).to_list(None))
    assert "bakery" not in rows
    assert "Come again" not in rows


# ---- blocks --------------------------------------------------------------------------------------------------------


async def test_a_block_after_a_session_completes_the_swap_and_counts_it(
    deps: Deps, database: Database, pair: tuple[User, User], running: Swap
) -> None:
    ada, ben = pair
    await hold(deps, ada, ben, running)
    await block_user(deps, ada, ben.id)
    assert (await get_swap(deps, ben, running.id)).status == COMPLETED
    assert await recipients_of(database, running.id, "swap.completed") == [ben.id]
    assert [(await get_user(deps, person.id)).record.swaps_held for person in pair] == [1, 1]


async def test_a_deletion_after_a_session_counts_it_for_the_other(
    deps: Deps, pair: tuple[User, User], running: Swap
) -> None:
    ada, ben = pair
    await hold(deps, ada, ben, running)
    await delete_account(deps, ada)
    assert (await get_user(deps, ben.id)).record.swaps_held == 1


# ---- merges --------------------------------------------------------------------------------------------------------


async def test_a_merge_calls_off_the_sessions_of_the_swap_that_it_closes(
    deps: Deps, database: Database, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    survivor = await make_user("Web Ada", email="ada@example.org", skills_offered=("Python",))
    loser = await make_user("Bot Ada", telegram_id=81, skills_offered=("Python",))
    ben = await make_user("Ben", telegram_id=82, skills_offered=("Guitar",))
    kept = await make_swap(survivor, ben, status=ACCEPTED, offered_skill="Python", wanted_skill="Guitar")
    closed = await make_swap(loser, ben, status=ACCEPTED, offered_skill="Python", wanted_skill="Guitar")
    await agree(deps, survivor, ben, kept)
    await agree(deps, loser, ben, closed, at=2 * DAY)
    await merge(deps, survivor=survivor, loser=loser)
    listed = await list_sessions(deps, ben, since=deps.now(), until=deps.now() + 9 * DAY)
    assert [(one.swap.id, one.session.status) for one in listed] == [(kept.id, "agreed"), (closed.id, "called_off")]
    assert await recipients_of(database, closed.id, "swap.cancelled") == [ben.id]


async def test_a_merge_completes_a_closed_swap_of_which_a_session_was_held(
    deps: Deps, database: Database, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    survivor = await make_user("Web Ada", email="ada@example.org", skills_offered=("Python",))
    loser = await make_user("Bot Ada", telegram_id=81, skills_offered=("Python",))
    ben = await make_user("Ben", telegram_id=82, skills_offered=("Guitar",))
    await make_swap(survivor, ben, status=ACCEPTED, offered_skill="Python", wanted_skill="Guitar")
    closed = await make_swap(loser, ben, status=ACCEPTED, offered_skill="Python", wanted_skill="Guitar")
    await hold(deps, loser, ben, closed)
    merged = await merge(deps, survivor=survivor, loser=loser)
    assert (await get_swap(deps, ben, closed.id)).status == COMPLETED
    assert [pending.seat.about for pending in await list_pending(deps, ben)] == [merged.id]
    assert await recipients_of(database, closed.id, "swap.completed") == [ben.id]
    people = await deps.store.users.find_many([ben.id, merged.id])
    assert [people[one].record.swaps_held for one in (ben.id, merged.id)] == [1, 1]


# ---- long histories ------------------------------------------------------------------------------------------------


async def test_a_swap_with_a_long_dispute_is_known_to_have_run(
    deps: Deps, pair: tuple[User, User], running: Swap, make_user: MakeUser
) -> None:
    ada, ben = pair
    await dispute(deps, ada, ben, running)
    after = later(deps, 3 * DAY)
    for number in range(21):
        swap = await sessions.make_statement(after, ada, running.id, f"We met, and more: {number}")
    assert swap.has_run
    moderator = await make_user(role=MODERATOR)
    decided = await decide_dispute(after, moderator, running.id, CANCELLED, "Nobody can say.")
    assert decided.outcome == "ended"


async def test_a_long_plan_does_not_make_a_quick_reply_slow(
    deps: Deps, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ben = await make_user("Ben", skills_offered=("Guitar",), skills_wanted=("Python",))
    for _ in range(3):
        asker = await make_user(skills_offered=("Python",), skills_wanted=("Guitar",))
        swap = await make_swap(asker, ben, status=ACCEPTED, offered_skill="Python", wanted_skill="Guitar")
        for number in range(21):
            await sessions.have_not_met_yet(later(deps, (10 + number) * DAY), ben, swap.id)
    await count_records(deps, [ben.id])
    assert (await get_user(deps, ben.id)).record.replies == "within_an_hour"
