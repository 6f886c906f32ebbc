"""Disputes: only moderators who have no part in them decide, once, and everybody concerned is told."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from api.schemas.swaps import swap_document
from domain.errors import Conflict, Forbidden, Invalid
from domain.planning import Meeting
from domain.swaps import CANCELLED, COMPLETED, NOT_HAPPENED, Swap
from domain.users import ADMIN, MODERATOR, User
from handlers import sessions
from handlers.disputes import decide_dispute, get_dispute
from handlers.runtime.deps import Deps
from handlers.swaps import accept_swap
from storage.mongodb.database import Database
from tests.factories import MakeSwap, MakeUser, later, recipients_of

DAY = timedelta(days=1)


@pytest.fixture
async def pair(make_user: MakeUser) -> tuple[User, User]:
    return await make_user(telegram_id=True, role=MODERATOR), await make_user(telegram_id=True)


@pytest.fixture
async def disputed(deps: Deps, pair: tuple[User, User], make_swap: MakeSwap) -> Swap:
    asker, partner = pair
    swap = await accept_swap(deps, partner, (await make_swap(asker, partner)).id)
    start = (deps.now() + DAY).replace(second=0, microsecond=0)
    await sessions.offer_session(deps, asker, swap.id, Meeting((start,)))
    await sessions.agree_session(deps, partner, swap.id, "1", start)
    over = later(deps, 2 * DAY)
    await sessions.answer_session(over, asker, swap.id, "1", "yes")
    await sessions.answer_session(over, partner, swap.id, "1", "no", reason="they_did_not_come")
    return await sessions.answer_session(later(deps, 3 * DAY), partner, swap.id, "1", "no", reason="they_did_not_come")


async def test_only_a_moderator_without_a_part_in_it_sees_and_decides_a_dispute(
    deps: Deps, pair: tuple[User, User], disputed: Swap, make_user: MakeUser
) -> None:
    asker, partner = pair
    for actor, code in ((partner, r"role\.moderator_needed"), (asker, r"swap\.own_dispute")):
        with pytest.raises(Forbidden, match=code):
            await decide_dispute(deps, actor, disputed.id, COMPLETED, "It did.")
        with pytest.raises(Forbidden, match=code):
            await get_dispute(deps, actor, disputed.id)
    moderator = await make_user(role=ADMIN)
    assert (await get_dispute(deps, moderator, disputed.id)).id == disputed.id
    with pytest.raises(Invalid):
        await decide_dispute(deps, moderator, disputed.id, "lapsed", "No.")
    with pytest.raises(Invalid):
        await decide_dispute(deps, moderator, disputed.id, COMPLETED, " ")


@pytest.mark.parametrize("decision", [COMPLETED, NOT_HAPPENED, CANCELLED])
async def test_both_are_told_of_a_decision_whatever_it_is(
    deps: Deps, database: Database, pair: tuple[User, User], disputed: Swap, make_user: MakeUser, decision: str
) -> None:
    moderator = await make_user(role=MODERATOR)
    swap = await decide_dispute(deps, moderator, disputed.id, decision, "Both have written to me.")
    assert (swap.status, swap.plan.decision) == (decision, "Both have written to me.")
    shown = swap_document(swap, pair[0].id, deps.now(), deps.texts["en"])
    assert (shown["history"][-1]["event"], shown["history"][-1]["by"]) == ("decided", None)  # not who it was
    told = await recipients_of(database, swap.id, f"swap.{decision}")
    assert sorted(told) == sorted(person.id for person in pair)


async def test_of_two_moderators_at_once_one_decides(
    deps: Deps, database: Database, disputed: Swap, make_user: MakeUser
) -> None:
    one, other = await make_user(role=MODERATOR), await make_user(role=MODERATOR)
    done = await asyncio.gather(
        decide_dispute(deps, one, disputed.id, COMPLETED, "Yes."),
        decide_dispute(deps, other, disputed.id, NOT_HAPPENED, "No."),
        return_exceptions=True,
    )
    assert sorted(isinstance(result, Conflict) for result in done) == [False, True]
    told = [await recipients_of(database, disputed.id, f"swap.{status}") for status in (COMPLETED, NOT_HAPPENED)]
    assert sorted(map(len, told)) == [0, 2]
