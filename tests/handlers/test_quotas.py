"""Quotas: how many requests somebody may have open, by how well they are known here."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.errors import TooMany
from domain.quotas import FIRST_DAY, FIRST_SWAP, FULL_PROFILE, MOST_PLACES
from domain.records import Record
from domain.swaps import ACCEPTED, CANCELLED, PENDING, REJECTED, Swap
from domain.users import User
from handlers.counter_offers import CounterOffer, counter_swap
from handlers.messages import Draft, send_message
from handlers.quotas import get_quota
from handlers.runtime.deps import Deps
from handlers.swaps import Proposal, accept_swap, answer_swap, cancel_swap, list_swaps, propose_swap
from tests.factories import MakeUser, later
from tests.handlers.test_swaps import outcomes

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FULL = {"photo_url": "/p", "skills_offered": ("Chess", "Yoga"), "skills_wanted": ("Go", "Tango")}


async def newcomer(deps: Deps, make_user: MakeUser, **fields: object) -> User:
    return await make_user("New", **{"skills_offered": ("Chess",), "created_at": deps.now(), **fields})


async def ask(deps: Deps, asker: User, partner: User) -> Swap:
    return await propose_swap(deps, asker, Proposal(partner.id, "Chess", partner.skills_offered[0]))


async def ask_all(deps: Deps, make_user: MakeUser, asker: User, count: int) -> list[tuple[Swap, User]]:
    partners = [await make_user(skills_offered=("Go",), skills_wanted=("Chess",)) for _ in range(count)]
    return [(await ask(deps, asker, partner), partner) for partner in partners]


@pytest.mark.parametrize(
    ("age", "fields", "places", "more"),
    [
        (0 * DAY, {}, 3, (FIRST_DAY, FULL_PROFILE, FIRST_SWAP)),
        (DAY, {}, 5, (FULL_PROFILE, FIRST_SWAP)),
        (0 * DAY, FULL, 8, (FIRST_DAY, FIRST_SWAP)),
        (0 * DAY, {**FULL, "photo_url": None}, 3, (FIRST_DAY, FULL_PROFILE, FIRST_SWAP)),
        (0 * DAY, {**FULL, "skills_wanted": ("Go",)}, 3, (FIRST_DAY, FULL_PROFILE, FIRST_SWAP)),
        (0 * DAY, {"record": Record(swaps_held=1)}, 13, (FIRST_DAY, FULL_PROFILE)),
        (DAY, {**FULL, "record": Record(swaps_held=1)}, MOST_PLACES, ()),
    ],
)
async def test_places_grow_with_what_is_known_about_somebody(
    deps: Deps, make_user: MakeUser, age: timedelta, fields: dict[str, object], places: int, more: tuple[str, ...]
) -> None:
    asker = await newcomer(deps, make_user, created_at=deps.now() - age, **fields)
    quota = await get_quota(deps, asker)
    assert (quota.limit, quota.used, quota.left, quota.more) == (places, 0, places, more)
    made = await ask_all(deps, make_user, asker, places)
    assert [swap.status for swap, _ in made] == [PENDING] * places
    with pytest.raises(TooMany, match=r"swap\.daily_limit") as refused:
        await ask_all(deps, make_user, asker, 1)
    assert refused.value.params["quota"].more == more


@pytest.mark.parametrize("answer", [ACCEPTED, REJECTED])
async def test_an_answer_frees_the_place(deps: Deps, make_user: MakeUser, answer: str) -> None:
    asker = await newcomer(deps, make_user)
    ((swap, partner), *_) = await ask_all(deps, make_user, asker, 3)
    await answer_swap(deps, partner, swap.id, answer)
    assert (await get_quota(deps, asker)).left == 1
    await ask_all(deps, make_user, asker, 1)


async def test_a_counter_offer_is_an_answer_and_an_expiry_frees_the_place(deps: Deps, make_user: MakeUser) -> None:
    asker = await newcomer(deps, make_user, skills_offered=("Chess", "Yoga"))
    ((swap, partner), *_) = await ask_all(deps, make_user, asker, 3)
    await counter_swap(deps, partner, swap.id, CounterOffer("Go", "Yoga"))
    assert (await get_quota(deps, asker)).left == 1
    assert (await get_quota(deps, partner)).used == 0
    await ask_all(deps, make_user, asker, 1)
    after = later(deps, timedelta(days=6))
    for one in await list_swaps(after, asker, statuses=[PENDING]):
        await deps.store.swaps.replace(one, one.expire(at=after.now()), [])
    assert (await get_quota(after, asker)).used == 0


async def test_taking_requests_back_is_no_way_round(deps: Deps, make_user: MakeUser) -> None:
    asker = await newcomer(deps, make_user)
    for swap, _ in await ask_all(deps, make_user, asker, 3):
        await cancel_swap(deps, asker, swap.id)
    with pytest.raises(TooMany) as refused:
        await ask_all(deps, make_user, asker, 1)
    assert 0 < (refused.value.retry_after or 0) <= DAY.total_seconds()
    tomorrow = later(deps, DAY + timedelta(seconds=1))
    assert (await get_quota(tomorrow, asker)).left == 5


async def test_ended_swaps_answers_and_messages_take_no_place(deps: Deps, make_user: MakeUser) -> None:
    asker = await newcomer(deps, make_user)
    ((swap, partner), *_) = await ask_all(deps, make_user, asker, 3)
    await accept_swap(deps, partner, swap.id)
    await send_message(deps, asker, Draft(swap.id, "When?", "web"))
    await answer_swap(deps, asker, swap.id, CANCELLED)
    assert (await get_quota(deps, asker)).used == 2
    await ask_all(deps, make_user, asker, 1)
    other = await make_user(skills_offered=("Go",), skills_wanted=("Chess",))
    asked = await propose_swap(deps, other, Proposal(asker.id, "Go", "Chess"))
    assert (await accept_swap(deps, asker, asked.id)).status == ACCEPTED  # an answer, with no place left


async def test_requests_at_once_do_not_exceed_the_quota(deps: Deps, make_user: MakeUser) -> None:
    asker = await newcomer(deps, make_user)
    people = [await make_user(skills_offered=("Go",)) for _ in range(12)]
    won, problems = await outcomes(*(ask(deps, asker, partner) for partner in people))
    assert len(won) == 3
    assert {problem.code for problem in problems} == {"swap.daily_limit"}
    assert len(await list_swaps(deps, asker)) == 3


async def test_a_refusal_says_when_the_next_place_is_free(deps: Deps, make_user: MakeUser) -> None:
    asker = await newcomer(deps, make_user, created_at=deps.now() - 23 * HOUR)
    await ask_all(deps, make_user, asker, 3)
    with pytest.raises(TooMany) as refused:
        await ask_all(deps, make_user, asker, 1)
    assert 3500 < (refused.value.retry_after or 0) <= 3600
    await ask_all(later(deps, HOUR), make_user, replace(asker), 2)
