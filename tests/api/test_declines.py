"""A no and its reason: kind to whoever is declined, and weighed in the ranking."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.decks import NO_TIME_FACTOR, chance_of_answer
from domain.declines import REASON_WITHIN, REASONS
from domain.geo import Coordinates
from domain.matches import match_between
from domain.swaps import Swap
from domain.users import User
from handlers.runtime.deps import Deps
from handlers.swaps import answer_swap
from tests.api.conftest import Client, Connect
from tests.api.realtime.test_server import received
from tests.factories import MakeSwap, MakeUser, deliveries_of, later

Pair = tuple[User, User, Swap]


@pytest.fixture
async def pair(make_user: MakeUser, make_swap: MakeSwap) -> Pair:
    ada, ben = await make_user("Ada", telegram_id=True, locale="es"), await make_user("Ben")
    return ada, ben, await make_swap(ada, ben)


async def put(client: Client, actor: User, swap: Swap, status: str, **body: Any) -> tuple[int, dict[str, Any]]:
    async with client(actor).put(f"/api/swap/{swap.id}", json={"status": status, **body}) as answer:
        return answer.status, await answer.json()


async def seen(client: Client, viewer: User, swap: Swap, language: str = "en") -> dict[str, Any]:
    async with client(viewer).get(f"/api/swap/{swap.id}", headers={"Accept-Language": language}) as answer:
        return dict(await answer.json())


@pytest.mark.parametrize("reason", REASONS)
async def test_the_declined_reads_a_kind_sentence_and_never_the_reason(client: Client, pair: Pair, reason: str) -> None:
    ada, ben, swap = pair
    status, declined = await put(client, ben, swap, "rejected", reason=reason)
    assert (status, declined["status"], declined["decline_reason"], declined["decline_note"]) == (
        200,
        "rejected",
        reason,
        None,
    )
    theirs = await seen(client, ada, swap)
    assert theirs["decline_reason"] is None
    assert theirs["decline_note"]
    assert reason not in str(theirs)


async def test_a_reason_comes_after_the_no_once_and_is_told_without_a_sound(
    client: Client, connect: Connect, deps: Deps, pair: Pair
) -> None:
    ada, ben, swap = pair
    _, declined = await put(client, ben, swap, "rejected")
    assert declined["can"] == ["chat", "reason", "again"]
    socket = await connect(ada)
    answers = [await put(client, ben, swap, "rejected", reason="too_far") for _ in range(2)]
    assert [(status, one["version"], one["decline_reason"]) for status, one in answers] == [(200, 3, "too_far")] * 2
    _, other = await put(client, ben, swap, "rejected", reason="no_time")
    assert (other["decline_reason"], other["can"]) == ("too_far", ["chat", "again"])  # the first one stays
    assert await deliveries_of(deps.store.database, swap.id) == [
        ("swap.rejected", ada.id),
        ("swap.reason_given", ada.id),
    ]
    (_, update), *_ = await received(socket)
    assert "lejos" in update["decline_note"]


async def test_bad_reasons_are_refused_and_change_nothing(client: Client, deps: Deps, pair: Pair) -> None:
    ada, ben, swap = pair
    for actor, status, reason, expected, code in (
        (ben, "rejected", "ugly", 422, "invalid_field"),
        (ben, "accepted", "no_time", 422, "swap.reason_without_no"),
        (ada, "cancelled", "no_time", 422, "swap.reason_without_no"),
        (ada, "rejected", "no_time", 403, "swap.only_partner_answers"),
    ):
        got, problem = await put(client, actor, swap, status, reason=reason)
        assert (got, problem["code"]) == (expected, code)
    assert (await seen(client, ben, swap))["version"] == 1
    await put(client, ben, swap, "rejected")
    with pytest.raises(Exception, match=r"swap\.already_over"):
        await answer_swap(later(deps, REASON_WITHIN), ben, swap.id, "rejected", reason="no_time")
    assert (await put(client, ada, swap, "rejected", reason="no_time"))[0] in (403, 409)


async def test_of_simultaneous_reasons_one_stays(deps: Deps, pair: Pair) -> None:
    _, ben, swap = pair
    await answer_swap(deps, ben, swap.id, "rejected")
    given = await asyncio.gather(
        *(answer_swap(deps, ben, swap.id, "rejected", reason=reason) for reason in REASONS for _ in range(3))
    )
    assert len({swap.decline_reason for swap in given}) == 1
    assert {swap.version for swap in given} == {3}


async def test_too_far_makes_distance_weigh_more_for_whoever_said_it(deps: Deps, make_user: MakeUser) -> None:
    here, there = Coordinates(52.52, 13.40), Coordinates(52.60, 13.60)
    guitar: dict[str, Any] = {"skills_offered": ("Guitar",), "skills_wanted": ("Python",)}
    ben = await make_user("Ben", coordinates=here, skills_offered=("Python",), skills_wanted=("Guitar",))
    near = await make_user("Near", coordinates=here, **guitar)
    far = await make_user("Far", coordinates=there, **guitar)

    def score(other: User, viewer: User) -> float:
        return match_between(viewer, other, at=deps.now(), online=deps.online_places).score

    before = score(far, ben), score(near, ben)
    await deps.store.answers.note_decline(ben.id, "too_far", at=deps.now())
    stricter = await deps.store.users.find(ben.id)
    assert stricter is not None
    assert stricter.far_declines == 1
    stricter = replace(ben, far_declines=stricter.far_declines)
    assert score(far, stricter) < before[0]
    assert score(near, stricter) == before[1]


async def test_no_time_lowers_the_chance_of_an_answer_for_two_weeks(deps: Deps, pair: Pair) -> None:
    _, ben, swap = pair
    await answer_swap(deps, ben, swap.id, "rejected", reason="no_time")
    busy, now = await deps.store.users.find(ben.id), deps.now()
    assert busy is not None
    free = chance_of_answer(busy, at=now + timedelta(days=14, minutes=1))
    assert chance_of_answer(busy, at=now) == pytest.approx(NO_TIME_FACTOR * free, rel=0.2)
