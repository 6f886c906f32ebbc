"""Concurrent requests and answers: one wins, the others get the current state of the swap."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

import pytest

from domain.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from domain.swaps import (
    ACCEPTED,
    ANSWER_WITHIN,
    ASK_AGAIN_AFTER,
    CANCELLED,
    EXPIRED,
    PENDING,
    REJECTED,
    Swap,
)
from domain.users import BANNED, DELETED, PAUSED, User
from handlers.counter_offers import CounterOffer, counter_swap
from handlers.runtime.deps import Deps
from handlers.swaps import (
    Proposal,
    accept_swap,
    answer_swap,
    cancel_swap,
    expire_due_swaps,
    get_swap,
    list_swaps,
    propose_swap,
    reject_swap,
)
from storage.mongodb.database import Database, new_id
from tests.factories import MakeSwap, MakeUser, deliveries_of, later, recipients_of


@pytest.fixture
async def pair(make_user: MakeUser) -> tuple[User, User]:
    """Each can be reached in Telegram, and each suits the other."""
    return await make_user(telegram_id=True), await make_user(telegram_id=True)


async def outcomes(*calls: Awaitable[Any]) -> tuple[list[Any], list[Problem]]:
    """Return the results, and the problems of the rest; anything else is a bug."""
    done = await asyncio.gather(*calls, return_exceptions=True)
    problems = [result for result in done if isinstance(result, Problem)]
    won = [result for result in done if not isinstance(result, BaseException)]
    assert len(won) + len(problems) == len(done), done
    return won, problems


def replays(swap: Swap) -> bool:
    """Return whether the history leads to the state of the swap."""
    return swap.history[-1].status == swap.status and len(swap.history) == swap.version


async def test_fifty_concurrent_accepts_have_one_winner(
    deps: Deps, database: Database, pair: tuple[User, User], make_swap: MakeSwap
) -> None:
    asker, partner = pair
    swap = await make_swap(asker, partner)
    won, problems = await outcomes(*(accept_swap(deps, partner, swap.id) for _ in range(50)))
    assert not problems  # they are all the same person's same answer
    assert {(after.status, after.version) for after in won} == {(ACCEPTED, 2)}
    stored = await get_swap(deps, asker, swap.id)
    assert (stored.version, len(stored.history)) == (2, 2)
    assert await recipients_of(database, swap.id, "swap.accepted") == [asker.id]


@pytest.mark.parametrize("round_", range(4))
async def test_concurrent_different_answers_have_one_winner(
    deps: Deps, database: Database, pair: tuple[User, User], make_swap: MakeSwap, round_: int
) -> None:
    asker, partner = pair
    swap = await make_swap(asker, partner)
    after_due = later(deps, ANSWER_WITHIN)
    calls = [
        accept_swap(deps, partner, swap.id),
        reject_swap(deps, partner, swap.id),
        cancel_swap(deps, asker, swap.id),
    ]
    calls = calls[round_ % 3 :] + calls[: round_ % 3]
    (won, problems), expired = await asyncio.gather(
        outcomes(*calls), expire_due_swaps(after_due) if round_ % 2 else asyncio.sleep(0, 0)
    )
    stored = await get_swap(deps, asker, swap.id)
    assert replays(stored)
    # an acceptance may be followed by the asker's cancelling, which is no contradiction
    steps = [line.event for line in stored.history[1:]]
    assert len(steps) == 1 or steps == ["accepted", "cancelled"]
    assert len(won) + (expired or 0) == len(steps)
    assert all(isinstance(problem, Conflict | Forbidden) for problem in problems)
    for problem in problems:
        if isinstance(problem, Conflict):
            assert problem.current.version >= 2
    for step in steps:
        assert len(await recipients_of(database, swap.id, f"swap.{step}")) == (2 if step == "expired" else 1)


async def test_repeated_answer_is_no_error(deps: Deps, pair: tuple[User, User], make_swap: MakeSwap) -> None:
    asker, partner = pair
    swap = await make_swap(asker, partner)
    first = await accept_swap(deps, partner, swap.id, version=1)
    assert await accept_swap(deps, partner, swap.id, version=1) == first
    with pytest.raises(Conflict) as caught:
        await reject_swap(deps, partner, swap.id)
    assert caught.value.current == first
    with pytest.raises(Conflict, match=r"swap\.changed"):
        await cancel_swap(deps, asker, swap.id, version=1)
    ended = await cancel_swap(deps, asker, swap.id, version=2)
    assert await cancel_swap(deps, asker, swap.id) == ended
    with pytest.raises(Conflict, match=r"swap\.already_over"):
        await cancel_swap(deps, partner, swap.id)


async def test_request_expires_once_and_both_users_are_notified(
    deps: Deps, database: Database, pair: tuple[User, User], make_swap: MakeSwap
) -> None:
    asker, partner = pair
    swap = await make_swap(asker, partner)
    assert await expire_due_swaps(later(deps, ANSWER_WITHIN - timedelta(minutes=1))) == 0
    after_due = later(deps, ANSWER_WITHIN)
    with pytest.raises(Conflict, match=r"swap\.expired"):
        await accept_swap(after_due, partner, swap.id)
    assert sum(await asyncio.gather(*(expire_due_swaps(after_due) for _ in range(4)))) == 1
    assert (await get_swap(deps, asker, swap.id)).status == EXPIRED
    assert sorted(await recipients_of(database, swap.id, "swap.expired")) == sorted(person.id for person in pair)
    assert (await make_swap(asker, partner)).status == PENDING  # the place is free again


@pytest.mark.parametrize("status", [PENDING, ACCEPTED])
async def test_open_swap_is_not_opened_again(
    deps: Deps, pair: tuple[User, User], make_swap: MakeSwap, status: str
) -> None:
    asker, partner = pair
    swap = await make_swap(asker, partner, status=status)
    again = Proposal(partner.id, asker.skills_offered[0].upper(), f" {partner.skills_offered[0].lower()} ")
    with pytest.raises(Conflict, match=r"swap\.already_open") as caught:
        await propose_swap(deps, asker, again)
    assert caught.value.current == swap
    crossing = Proposal(asker.id, partner.skills_offered[0], asker.skills_offered[0])
    if status == PENDING:
        swap = await propose_swap(deps, partner, crossing)
        assert swap.status == ACCEPTED
    with pytest.raises(Conflict, match=r"swap\.already_open") as caught:
        await propose_swap(deps, partner, crossing)
    assert caught.value.current == swap


async def test_crossing_requests_at_once_become_one_swap(deps: Deps, database: Database, make_user: MakeUser) -> None:
    for _ in range(5):
        one, other = await make_user(), await make_user()
        calls = [
            propose_swap(deps, a, Proposal(b.id, a.skills_offered[0], b.skills_offered[0]))
            for a, b in ((one, other), (other, one)) * 3
        ]
        won, problems = await outcomes(*calls)
        assert sorted(swap.status for swap in won) == [ACCEPTED, PENDING]
        assert {problem.code for problem in problems} == {"swap.already_open"}
        assert {swap.id for swap in won} | {problem.current.id for problem in problems} == {won[0].id}
        (swap,) = await list_swaps(deps, one)
        assert (swap.id, swap.status, set(swap.consents)) == (won[0].id, ACCEPTED, {one.id, other.id})


async def test_the_note_of_a_crossing_request_stays_beside_the_first_and_both_are_told_once(
    deps: Deps, database: Database, make_user: MakeUser
) -> None:
    ada, ben = await make_user(telegram_id=True), await make_user(telegram_id=True)
    skills = ada.skills_offered[0], ben.skills_offered[0]
    first = await propose_swap(deps, ada, Proposal(ben.id, *skills, "Tuesdays?"))
    swap = await propose_swap(deps, ben, Proposal(ada.id, *skills[::-1], "I was about to ask you"))
    assert (swap.id, swap.status, swap.message) == (first.id, ACCEPTED, "I was about to ask you")
    assert [(offer.by, offer.message) for offer in swap.offers] == [(ada.id, "Tuesdays?")]
    assert (swap.author, swap.last_actor, swap.due_at) == (ben.id, ben.id, None)
    assert await deliveries_of(database, swap.id) == [
        ("swap.proposed", ben.id),
        ("swap.accepted", ada.id),
        ("swap.card", ben.id),
    ]


async def test_a_request_that_crosses_an_expired_one_is_a_new_request(
    deps: Deps, pair: tuple[User, User], make_swap: MakeSwap
) -> None:
    asker, partner = pair
    old = await make_swap(asker, partner)
    skills = partner.skills_offered[0], asker.skills_offered[0]
    new = await propose_swap(later(deps, ANSWER_WITHIN), partner, Proposal(asker.id, *skills))
    assert (new.status, new.from_user_id) == (PENDING, partner.id)
    assert (await get_swap(deps, asker, old.id)).status == EXPIRED


async def test_an_asker_who_repeats_the_counter_offer_as_a_request_accepts_it(
    deps: Deps, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user(skills_offered=("Python", "Chess")), await make_user(skills_offered=("Guitar",))
    swap = await make_swap(ada, ben, offered_skill="Python")
    await counter_swap(deps, ben, swap.id, CounterOffer("Guitar", "Chess"))
    accepted = await propose_swap(deps, ada, Proposal(ben.id, "Chess", "Guitar"))
    assert (accepted.id, accepted.status) == (swap.id, ACCEPTED)


async def test_request_for_a_skill_not_taught_is_refused(deps: Deps, pair: tuple[User, User]) -> None:
    asker, partner = pair
    taught, wanted = asker.skills_offered[0], partner.skills_offered[0]
    for offered, asked, field in (
        ("Juggling", wanted, "offered_skill"),
        (taught, "Juggling", "wanted_skill"),
        ("", wanted, "offered_skill"),
        (taught, "x" * 500, "wanted_skill"),
    ):
        with pytest.raises(Invalid) as caught:
            await propose_swap(deps, asker, Proposal(partner.id, offered, asked))
        assert caught.value.params["field"] == field
    with pytest.raises(Invalid, match=r"swap\.with_yourself"):
        await propose_swap(deps, asker, Proposal(asker.id, taught, wanted))
    with pytest.raises(Invalid):
        await propose_swap(deps, asker, Proposal(partner.id, taught, wanted, "n" * 501))


@pytest.mark.parametrize(
    "hidden", [{"is_public": False}, {"status": PAUSED}, {"status": BANNED}, {"status": DELETED}, None]
)
async def test_unavailable_partner_is_reported_as_not_found(
    deps: Deps, make_user: MakeUser, hidden: dict[str, Any] | None
) -> None:
    asker = await make_user(skills_offered=("Chess",))
    other = await make_user(skills_offered=("Go",), **(hidden or {})) if hidden is not None else None
    for absent in (other.id if other else new_id(), "", "no id", "$ne", "0" * 23 + "g"):
        with pytest.raises(NotFound, match=r"user\.not_found"):
            await propose_swap(deps, asker, Proposal(absent, "Chess", "Go"))


async def test_swap_of_other_users_is_not_found(
    deps: Deps, pair: tuple[User, User], make_user: MakeUser, make_swap: MakeSwap
) -> None:
    swap, stranger = await make_swap(*pair), await make_user()
    for swap_id in (swap.id, new_id(), "", "x" * 24):
        with pytest.raises(NotFound, match=r"swap\.not_found"):
            await get_swap(deps, stranger, swap_id)
        with pytest.raises(NotFound, match=r"swap\.not_found"):
            await answer_swap(deps, stranger, swap_id, ACCEPTED)
    for status in ("", "expired", "completed", "$set"):
        with pytest.raises(Invalid):
            await answer_swap(deps, pair[1], swap.id, status)
    assert await answer_swap(deps, pair[1], swap.id, "pending") == swap
    with pytest.raises(Forbidden):
        await accept_swap(deps, pair[0], swap.id)
    with pytest.raises(Forbidden):
        await cancel_swap(deps, pair[1], swap.id)


async def test_swaps_are_listed_newest_first_in_pages(deps: Deps, make_user: MakeUser, make_swap: MakeSwap) -> None:
    me = await make_user(skills_offered=("Chess",))
    made = [
        await make_swap(me, await make_user(skills_offered=("Go",)), status=status)
        for status in (PENDING, ACCEPTED, REJECTED, CANCELLED, PENDING)
    ]
    ids = [swap.id for swap in reversed(made)]
    assert [swap.id for swap in await list_swaps(deps, me)] == ids
    assert [swap.id for swap in await list_swaps(deps, me, before=ids[1], limit=2)] == ids[2:4]
    assert [swap.status for swap in await list_swaps(deps, me, statuses=[PENDING])] == [PENDING, PENDING]
    assert [len(await list_swaps(deps, me, limit=limit)) for limit in (0, -3, 1)] == [1, 1, 1]


async def test_the_declined_cannot_ask_again_for_two_weeks_but_the_one_who_declined_can(
    deps: Deps, pair: tuple[User, User]
) -> None:
    ana, ben = pair
    swap = await propose_swap(deps, ana, Proposal(ben.id, ana.skills_offered[0], ben.skills_offered[0]))
    await reject_swap(deps, ben, swap.id)
    with pytest.raises(Conflict, match=r"swap\.declined_lately") as refused:
        await propose_swap(deps, ana, Proposal(ben.id, ana.skills_offered[0], ben.skills_offered[0]))
    assert refused.value.params == {"n": 14}
    with pytest.raises(Conflict, match=r"swap\.declined_lately"):
        await propose_swap(
            later(deps, ASK_AGAIN_AFTER - timedelta(hours=1)),
            ana,
            Proposal(ben.id, ana.skills_offered[0], ben.skills_offered[0]),
        )
    back = await propose_swap(deps, ben, Proposal(ana.id, ben.skills_offered[0], ana.skills_offered[0]))
    await reject_swap(deps, ana, back.id)
    await propose_swap(deps, ana, Proposal(ben.id, ana.skills_offered[0], ben.skills_offered[0]))


async def test_the_declined_can_ask_again_after_two_weeks(deps: Deps, pair: tuple[User, User]) -> None:
    ana, ben = pair
    swap = await propose_swap(deps, ana, Proposal(ben.id, ana.skills_offered[0], ben.skills_offered[0]))
    await reject_swap(deps, ben, swap.id)
    again = later(deps, ASK_AGAIN_AFTER + timedelta(minutes=1))
    await propose_swap(again, ana, Proposal(ben.id, ana.skills_offered[0], ben.skills_offered[0]))
