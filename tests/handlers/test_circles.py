"""Circles through the operations: found, proposed, closed by the last acceptance, repaired after a decline."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

import pytest
from bson import ObjectId

from api.schemas.swaps import swap_document
from domain.circle_views import DECLINED, CircleView
from domain.circles import ANSWER_WITHIN, MAX_OPEN_FOR_A_SKILL, MAX_RUNNING, REPLACE_WITHIN, Part, propose_circle
from domain.errors import Conflict, NotFound, Problem
from domain.messages import WEB
from domain.swaps import ACCEPTED, CANCELLED, EXPIRED, PROPOSED
from domain.users import BANNED, DELETED, PAUSED, User
from handlers.circles import (
    ask_circle,
    decline_circle,
    expire_due_circles,
    fill_places,
    get_circle,
    join_circle,
    leave_circle,
    list_circles,
)
from handlers.messages import Draft, list_conversations, list_messages, send_message
from handlers.runtime.deps import Deps
from handlers.swaps import get_swap, list_swaps
from handlers.users import delete_account
from storage.circles import MAX_CIRCLES, MAX_NEIGHBOURS
from storage.mongodb.database import Database
from tests.factories import MakeSwap, MakeUser, deliveries_of, later, list_possible


@dataclass(frozen=True, slots=True)
class Trio:
    """Ana teaches Li the guitar, Li teaches Noor Python, Noor teaches Ana Chinese."""

    ana: User
    li: User
    noor: User

    def __iter__(self) -> Any:
        return iter((self.ana, self.li, self.noor))


async def person(make_user: MakeUser, name: str, teaches: str, wants: str, **fields: Any) -> User:
    return await make_user(name, skills_offered=(teaches,), skills_wanted=(wants,), telegram_id=True, **fields)


async def make_trio(make_user: MakeUser) -> Trio:
    return Trio(
        await person(make_user, "Ana Alvarez", "Guitar", "Chinese"),
        await person(make_user, "Li", "Python", "guitar"),
        await person(make_user, "Noor", "chinese", "python"),
    )


@pytest.fixture
async def trio(make_user: MakeUser) -> Trio:
    return await make_trio(make_user)


async def ask(deps: Deps, actor: User) -> CircleView:
    (possible,) = await list_possible(deps, actor)
    return await ask_circle(deps, actor, possible.id)


async def join(deps: Deps, actor: User, circle: CircleView) -> CircleView:
    return await join_circle(deps, actor, circle.id, version=(await get_circle(deps, actor, circle.id)).version)


async def outcomes(*calls: Awaitable[CircleView]) -> tuple[list[CircleView], list[Problem]]:
    results = await asyncio.gather(*calls, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, Problem):
            raise result
    return [r for r in results if isinstance(r, CircleView)], [r for r in results if isinstance(r, Problem)]


async def test_three_people_close_a_circle_and_talk(deps: Deps, trio: Trio, database: Database) -> None:
    for someone in trio:  # each finds it from where they stand
        (found,) = await list_possible(deps, someone)
        assert found.can == ("ask",)
    (match_decisions,) = await list_possible(deps, trio.ana)
    assert (match_decisions.you_teach.name, match_decisions.you_teach.skill) == ("Li", "Guitar")
    assert (match_decisions.you_learn.name, match_decisions.you_learn.skill, match_decisions.between) == (
        "Noor",
        "chinese",
        "Python",
    )

    circle = await ask_circle(deps, trio.ana, match_decisions.id)
    assert await deliveries_of(database, circle.id) == [("swap.proposed", trio.li.id), ("swap.proposed", trio.noor.id)]
    assert await list_possible(deps, trio.li) == []  # it has been asked for
    assert (await join(deps, trio.li, circle)).status == PROPOSED
    with pytest.raises(NotFound):
        await send_message(deps, trio.ana, Draft(circle.id, "too early", WEB))
    closed = await join(deps, trio.noor, circle)
    assert (closed.status, closed.you_teach.user_id, closed.you_learn.user_id) == (ACCEPTED, trio.ana.id, trio.li.id)

    said = await send_message(deps, trio.noor, Draft(circle.id, "Hello you two", WEB))
    assert set(said.people) == {someone.id for someone in trio}
    for someone in trio:
        assert [message.message for message in await list_messages(deps, someone, circle.id)] == ["Hello you two"]
        assert [swap.id for swap in await list_conversations(deps, someone)] == [circle.id]


async def test_open_circle_shows_first_names_only(deps: Deps, trio: Trio, make_user: MakeUser) -> None:
    (found,) = await list_possible(deps, trio.ana)
    circle = await ask_circle(deps, trio.ana, found.id)
    for view in (found, circle, await get_circle(deps, trio.li, circle.id), *await list_circles(deps, trio.noor)):
        text = str(view)
        assert not any(someone.id in text for someone in trio)
        assert "Alvarez" not in text
    for someone in trio:
        with pytest.raises(NotFound):
            await get_swap(deps, someone, circle.id)
        assert await list_swaps(deps, someone) == []
    stranger = await make_user()
    for call in (get_circle(deps, stranger, circle.id), decline_circle(deps, stranger, circle.id)):
        with pytest.raises(NotFound):
            await call
    with pytest.raises(NotFound):
        await ask_circle(deps, stranger, found.id)  # a name is good for its own person only


@pytest.mark.parametrize("hidden", [{"is_public": False}, {"status": PAUSED}, {"status": BANNED}, {"status": DELETED}])
async def test_unlisted_user_is_in_no_circle(deps: Deps, make_user: MakeUser, hidden: dict[str, Any]) -> None:
    ana = await person(make_user, "Ana", "Guitar", "Chinese")
    await person(make_user, "Li", "Python", "Guitar")
    await person(make_user, "Noor", "Chinese", "Python", **hidden)
    assert await list_possible(deps, ana) == []


@pytest.mark.parametrize("places", [(0, 1), (1, 2), (2, 0)])
async def test_blocked_pair_anywhere_prevents_the_circle(deps: Deps, trio: Trio, places: tuple[int, int]) -> None:
    people = tuple(trio)
    circle = await ask(deps, trio.ana)
    await join(deps, trio.li, circle)
    await deps.store.blocks.add(people[places[1]].id, people[places[0]].id, at=deps.now())
    assert (await join(deps, trio.noor, circle)).status != ACCEPTED
    for someone in trio:
        assert await list_possible(deps, someone) == []


async def test_declined_place_is_offered_to_another_user(
    deps: Deps, trio: Trio, make_user: MakeUser, database: Database
) -> None:
    circle = await ask(deps, trio.ana)
    await join(deps, trio.noor, circle)
    omar = await person(make_user, "Omar", "Python", "Guitar")
    gone = await decline_circle(deps, trio.li, circle.id)
    assert (gone.status, gone.can) == (DECLINED, ())
    assert (await decline_circle(deps, trio.li, circle.id)).status == DECLINED  # said again
    assert [view.id for view in await list_circles(deps, trio.li)] == []
    assert ("circle.searching", trio.ana.id) in await deliveries_of(database, circle.id)
    assert ("swap.proposed", omar.id) in await deliveries_of(database, circle.id)

    match_decisions = await get_circle(deps, omar, circle.id)
    assert (match_decisions.you_learn.name, match_decisions.you_learn.skill, match_decisions.you_teach.name) == (
        "Ana",
        "Guitar",
        "Noor",
    )
    assert (match_decisions.you_learn.has_joined, match_decisions.you_teach.has_joined) == (True, True)
    assert (await join(deps, omar, circle)).status == ACCEPTED
    with pytest.raises(NotFound):
        await list_messages(deps, trio.li, circle.id)


async def test_circle_without_candidates_keeps_searching_and_expires(
    deps: Deps, trio: Trio, make_user: MakeUser, database: Database
) -> None:
    circle = await ask(deps, trio.ana)
    await join(deps, trio.noor, circle)
    await decline_circle(deps, trio.li, circle.id)
    assert (await get_circle(deps, trio.ana, circle.id)).is_searching
    assert await fill_places(deps) == 0
    assert await expire_due_circles(deps) == 0
    newcomer = await person(make_user, "Omar", "Python", "Guitar")
    assert await fill_places(deps) == 1
    assert (await get_circle(deps, newcomer, circle.id)).can == ("join", "leave")
    late = later(deps, REPLACE_WITHIN)
    assert await expire_due_circles(late) == 1
    assert (await get_circle(deps, trio.ana, circle.id)).status == EXPIRED
    assert ("swap.expired", trio.noor.id) in await deliveries_of(database, circle.id)
    with pytest.raises(Conflict, match=r"circle\.over"):
        await join_circle(deps, newcomer, circle.id, version=1)


async def test_silent_member_is_replaced_once(deps: Deps, trio: Trio, make_user: MakeUser) -> None:
    circle = await ask(deps, trio.ana)
    await join(deps, trio.noor, circle)
    omar = await person(make_user, "Omar", "Python", "Guitar")
    assert await expire_due_circles(later(deps, ANSWER_WITHIN)) == 1
    assert (await get_circle(deps, omar, circle.id)).status == PROPOSED
    assert (await get_circle(deps, trio.li, circle.id)).status == DECLINED
    assert (await join(deps, omar, circle)).status == ACCEPTED


async def test_concurrent_accept_and_decline_have_one_winner(deps: Deps, make_user: MakeUser) -> None:
    for _ in range(8):
        ana = await person(make_user, "Ana", "Guitar", "Chinese")
        await person(make_user, "Li", "Python", "Guitar")
        await person(make_user, "Noor", "Chinese", "Python")
        (found, *_) = await list_possible(deps, ana)
        circle = await ask_circle(deps, ana, found.id)
        swap = await deps.store.swaps.find(circle.id)
        assert swap is not None
        first, second = [(await deps.store.users.find(user_id)) for user_id in swap.others(ana.id)]
        assert first is not None
        assert second is not None
        await join(deps, first, circle)
        done, problems = await outcomes(
            join_circle(deps, second, circle.id, version=1), decline_circle(deps, first, circle.id)
        )
        is_declined = any(view.status == DECLINED for view in done)
        now = await deps.store.swaps.find(circle.id)
        assert now is not None
        assert now.circle is not None
        is_closed = now.status == ACCEPTED
        assert is_closed == (first.id not in now.circle.gone)
        assert is_closed != is_declined
        assert {problem.code for problem in problems} <= {"circle.closed", "circle.over", "circle.changed"}
        assert len(done) + len(problems) == 2
        for someone in (ana, first, second):
            await delete_account(deps, someone)


async def test_concurrent_circles_promise_a_user_once(deps: Deps, make_user: MakeUser) -> None:
    for _ in range(5):
        shared = await person(make_user, "Ana", "Guitar", "Chinese")
        rivals = [
            (
                await person(make_user, f"Li{n}", f"Python{n}", "Guitar"),
                await person(make_user, f"No{n}", "Chinese", f"Python{n}"),
            )
            for n in range(2)
        ]
        circles = [await ask(deps, li) for li, _ in rivals]
        await asyncio.gather(*(join(deps, shared, circle) for circle in circles))
        _, problems = await outcomes(
            *(join(deps, noor, circle) for (_, noor), circle in zip(rivals, circles, strict=True))
        )
        assert problems == []
        now = [await deps.store.swaps.find(circle.id) for circle in circles]
        assert sorted(swap.status for swap in now if swap) == sorted([ACCEPTED, PROPOSED])
        lost = next(swap for swap in now if swap and swap.status == PROPOSED)
        assert shared.id not in lost.participants  # the others look for somebody else
        assert len(lost.consents) == 2
        assert [view.status for view in await list_circles(deps, shared)] == [ACCEPTED]
        for someone in (shared, *(each for pair in rivals for each in pair)):
            await delete_account(deps, someone)


async def test_user_waits_for_one_skill_in_two_circles_at_most(deps: Deps, make_user: MakeUser) -> None:
    ana = await person(make_user, "Ana", "Guitar", "Chinese")
    for n in range(MAX_OPEN_FOR_A_SKILL + 1):
        await person(make_user, f"Li{n}", f"Python{n}", "Guitar")
        await person(make_user, f"Noor{n}", "Chinese", f"Python{n}")
    for n in range(MAX_OPEN_FOR_A_SKILL + 1, 0, -1):
        possible = await list_possible(deps, ana)
        assert len(possible) == (n if n > 1 else 0)
        if possible:
            await ask_circle(deps, ana, possible[0].id)


async def test_user_with_the_maximum_of_circles_is_not_added_to_another(
    deps: Deps, trio: Trio, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    circle = await ask(deps, trio.ana)
    await join(deps, trio.li, circle)
    for n in range(MAX_RUNNING):
        other = await make_user(skills_offered=(f"Skill {n}",), skills_wanted=("Chess",))
        await make_swap(trio.li, other, status="accepted", offered_skill="Python")
    assert (await join(deps, trio.noor, circle)).is_searching


async def test_leaving_a_closed_circle_ends_it(deps: Deps, trio: Trio, database: Database) -> None:
    circle = await ask(deps, trio.ana)
    await join(deps, trio.li, circle)
    await join(deps, trio.noor, circle)
    with pytest.raises(Conflict, match=r"circle\.closed"):
        await decline_circle(deps, trio.li, circle.id)
    assert (await leave_circle(deps, trio.li, circle.id)).status == CANCELLED
    assert (await leave_circle(deps, trio.li, circle.id)).status == CANCELLED
    assert {("swap.cancelled", trio.ana.id), ("swap.cancelled", trio.noor.id)} <= set(
        await deliveries_of(database, circle.id)
    )
    with pytest.raises(Conflict):
        await send_message(deps, trio.ana, Draft(circle.id, "anybody?", WEB))


async def test_replacement_does_not_see_the_former_member(deps: Deps, trio: Trio, make_user: MakeUser) -> None:
    (possible,) = await list_possible(deps, trio.ana)
    circle = await ask_circle(deps, trio.ana, possible.id)
    await join_circle(deps, trio.li, circle.id, version=1)
    omar = await person(make_user, "Omar", "guitar", "Chinese")
    await decline_circle(deps, trio.ana, circle.id)
    await fill_places(deps)
    for other in (omar, trio.noor):
        version = (await get_circle(deps, other, circle.id)).version
        await join_circle(deps, other, circle.id, version=version)
    swap = await get_swap(deps, omar, circle.id)
    assert swap.status == ACCEPTED
    assert trio.ana.id not in str(swap_document(swap, omar.id, deps.now(), deps.texts["en"]))


async def test_open_circle_is_listed_after_any_number_of_newer_ones(deps: Deps, trio: Trio, database: Database) -> None:
    (possible,) = await list_possible(deps, trio.ana)
    circle = await ask_circle(deps, trio.ana, possible.id)
    swaps = database.collection("swaps")
    doc = await swaps.find_one({"_id": ObjectId(circle.id)})
    for name in ("outbox", "outbox_due_at", "open_key", "due_at", "request_number"):
        doc.pop(name, None)
    await swaps.insert_many([doc | {"_id": ObjectId(), "status": CANCELLED} for _ in range(60)])
    assert circle.id in {view.id for view in await list_circles(deps, trio.ana)}
    await delete_account(deps, trio.ana)
    left = await deps.store.swaps.find(circle.id)
    assert left is not None
    assert left.status == CANCELLED


async def test_erased_user_leaves_no_circle_waiting(deps: Deps, trio: Trio) -> None:
    circle = await ask(deps, trio.ana)
    await join(deps, trio.noor, circle)
    await delete_account(deps, trio.noor)
    match_decisions = await get_circle(deps, trio.ana, circle.id)
    assert match_decisions.is_searching
    assert "Noor" not in str(match_decisions)
    await delete_account(deps, trio.ana)
    assert (await get_circle(deps, trio.li, circle.id)).status == CANCELLED


async def test_place_is_filled_despite_many_unfillable_ones(
    deps: Deps, trio: Trio, make_user: MakeUser, database: Database
) -> None:
    circle = await ask(deps, trio.ana)
    await decline_circle(deps, trio.li, circle.id)
    swaps = database.collection("swaps")
    doc = await swaps.find_one({"_id": ObjectId(circle.id)})
    assert doc is not None
    for name in ("outbox", "outbox_due_at", "request_number"):
        doc.pop(name, None)
    legs = [leg | {"key": f"nobody's {number}"} for number, leg in enumerate(doc["legs"])]
    hopeless = {"legs": legs, "vacancy": "nobody's 1>nobody's 0"}
    await swaps.delete_one({"_id": doc["_id"]})
    await swaps.insert_many([doc | {"_id": ObjectId()} | hopeless for _ in range(2 * MAX_CIRCLES)])
    await swaps.insert_one(doc)
    omar = await person(make_user, "Omar", "Python", "Guitar")
    assert sum([await fill_places(deps) for _ in range(3)]) == 1
    assert (await get_circle(deps, omar, circle.id)).can == ("join", "leave")


@pytest.mark.parametrize("number", [MAX_NEIGHBOURS - 1, MAX_NEIGHBOURS + 5])
async def test_users_with_enough_circles_do_not_hide_further_candidates(
    deps: Deps, make_user: MakeUser, number: int
) -> None:
    """With two teachers they make more circles than are examined, or are all the learners that come first."""
    ana = await person(make_user, "Ana", "Guitar", "Chinese")
    for noor in ("Noor", "Noor too"):
        await make_user(noor, skills_offered=("Chinese",), skills_wanted=("Python", "Rust"))
    full = [await person(make_user, f"Li {n}", "Python", "Guitar", location="Lima") for n in range(number)]
    for li in full:
        for place in range(MAX_OPEN_FOR_A_SKILL):
            parts = (
                Part(li.id, "X", f"x{place}"),
                Part(str(ObjectId()), "Y", f"y{place}"),
                Part(str(ObjectId()), "Guitar", "guitar"),
            )
            circle = propose_circle(circle_id=str(ObjectId()), parts=parts, at=deps.now())
            assert await deps.store.swaps.insert(circle, [])
    assert await list_possible(deps, ana) == []
    await person(make_user, "Free", "Rust", "Guitar")
    assert {view.you_teach.name for view in await list_possible(deps, ana)} == {"Free"}
