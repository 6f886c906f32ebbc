"""Edges of the life of a swap at the REST interface: disputes, decisions, late answers, versions, records."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.errors import Conflict
from domain.planning import Meeting
from domain.swaps import CANCELLED, NOT_HAPPENED, Swap
from domain.timetable import CLOSE_AFTER, DECIDE_WITHIN
from domain.users import MODERATOR, User
from handlers import sessions
from handlers.circles import ask_circle, get_circle, join_circle
from handlers.counter_offers import CounterOffer, counter_swap
from handlers.disputes import decide_dispute
from handlers.runtime.deps import Deps
from handlers.swaps import Proposal, propose_swap
from handlers.timeline import do_due_steps
from storage.mongodb.database import Database
from tests.api.conftest import Client, Connect
from tests.factories import MakeSwap, MakeUser, at_time, later, list_possible, recipients_of
from tests.waiting import eventually

Pair = tuple[User, User, Swap]
DAY = timedelta(days=1)


@pytest.fixture
async def pair(make_user: MakeUser, make_swap: MakeSwap) -> Pair:
    ada, ben = await make_user("Ada", telegram_id=True), await make_user("Ben", telegram_id=True)
    return ada, ben, await make_swap(ada, ben, status="accepted")


async def ask(client: Client, actor: User, method: str, path: str, **options: Any) -> tuple[int, Any]:
    headers = options.pop("headers", {})
    body = {"json": options} if options else {}
    async with client(actor).request(method, path, headers=headers, **body) as answer:
        return answer.status, await answer.json()


def iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def held_before(deps: Deps, one: User, two: User, swap: Swap, **options: Any) -> None:
    """Note a session of yesterday that both confirm."""
    noted = await sessions.note_session(deps, one, swap.id, Meeting((deps.now() - DAY,), **options))
    await sessions.answer_session(deps, two, swap.id, noted.plan.sessions[-1].id, "yes")


async def disputed(deps: Deps, one: User, two: User, swap: Swap, **options: Any) -> Swap:
    """Bring a session into dispute: it lies two days ahead of `deps`, and three days later it is disputed."""
    start = (deps.now() + DAY).replace(second=0, microsecond=0)
    planned = await sessions.offer_session(deps, one, swap.id, Meeting((start,), **options))
    number = planned.plan.sessions[-1].id
    await sessions.agree_session(deps, two, swap.id, number, start)
    await sessions.answer_session(later(deps, 2 * DAY), one, swap.id, number, "yes")
    await sessions.answer_session(later(deps, 2 * DAY), two, swap.id, number, "no")
    return await sessions.answer_session(later(deps, 3 * DAY), two, swap.id, number, "no")


async def closed_circle(deps: Deps, make_user: MakeUser) -> tuple[list[User], Swap]:
    """Return three people, of whom each teaches the next one, and their circle."""
    skills = ("Guitar", "Python", "Chinese")
    people = [
        await make_user(skills_offered=(skills[n],), skills_wanted=(skills[n - 1],), telegram_id=True) for n in range(3)
    ]
    (possible,) = await list_possible(deps, people[0])
    view = await ask_circle(deps, people[0], possible.id)
    for person in people[1:]:
        version = (await get_circle(deps, person, view.id)).version
        view = await join_circle(deps, person, view.id, version=version)
    swap = await deps.store.swaps.find(view.id)
    assert swap is not None
    return people, swap


def leg_of(swap: Swap, teacher: User) -> int:
    return next(number for number, leg in enumerate(swap.legs) if leg.teacher == teacher.id)


async def test_a_dispute_in_a_circle_is_stated_by_its_two_alone(
    client: Client, deps: Deps, make_user: MakeUser
) -> None:
    (ana, li, noor), circle = await closed_circle(deps, make_user)
    await disputed(deps, ana, li, circle, legs=(leg_of(circle, ana),))
    for person, can in ((ana, ["state"]), (li, ["state"]), (noor, [])):
        _, shown = await ask(client, person, "GET", f"/api/circles/{circle.id}")
        assert (shown["status"], shown["can"]) == ("disputed", can)
        _, as_swap = await ask(client, person, "GET", f"/api/swap/{circle.id}")
        assert as_swap["can"] == can
        assert sorted(as_swap["next_action"]["by"]) == sorted([ana.id, li.id])
    over = later(deps, 3 * DAY)
    await sessions.make_statement(over, ana, circle.id, "We met at the café.")
    status, problem = await ask(client, noor, "PUT", f"/api/swap/{circle.id}/statement", statement="I was not there.")
    assert (status, problem["code"]) == (409, "swap.no_statement")


@pytest.mark.parametrize("decision", [NOT_HAPPENED, CANCELLED])
async def test_a_decision_against_one_session_leaves_an_earlier_one_to_be_rated(
    client: Client, deps: Deps, pair: Pair, make_user: MakeUser, decision: str
) -> None:
    ada, ben, swap = pair
    await held_before(deps, ada, ben, swap)
    await disputed(deps, ada, ben, swap)
    moderator = await make_user(role=MODERATOR)
    decided = await decide_dispute(deps, moderator, swap.id, decision, "The second one did not take place.")
    assert (decided.status, decided.plan.decision) == ("completed", "The second one did not take place.")
    assert [session.status for session in decided.plan.sessions] == ["held", "disputed"]
    for person in (ada, ben):
        status, _ = await ask(client, person, "POST", "/api/reviews", swap_id=swap.id, stars=5)
        assert status == 201


async def test_a_decision_against_the_only_session_leaves_nothing_to_rate(
    client: Client, deps: Deps, pair: Pair, make_user: MakeUser
) -> None:
    ada, ben, swap = pair
    await disputed(deps, ada, ben, swap)
    moderator = await make_user(role=MODERATOR)
    decided = await decide_dispute(deps, moderator, swap.id, NOT_HAPPENED, "It did not take place.")
    assert decided.status == NOT_HAPPENED
    status, problem = await ask(client, ada, "POST", "/api/reviews", swap_id=swap.id, stars=5)
    assert (status, problem["code"]) == (409, "review.not_completed")


@pytest.mark.parametrize("is_held", [True, False])
async def test_a_dispute_that_nobody_decides_leaves_what_was_held_before(
    deps: Deps, database: Database, pair: Pair, is_held: bool
) -> None:
    ada, ben, swap = pair
    if is_held:
        await held_before(deps, ada, ben, swap)
    await disputed(deps, ada, ben, swap)
    await do_due_steps(later(deps, 3 * DAY + DECIDE_WITHIN + timedelta(minutes=1)))
    after = await deps.store.swaps.find(swap.id)
    assert after is not None
    assert after.status == ("completed" if is_held else "disputed")
    told = await recipients_of(database, swap.id, "swap.completed")
    assert sorted(told) == (sorted([ada.id, ben.id]) if is_held else [])


async def test_an_answer_or_a_move_after_the_time_to_answer_counts_no_more(
    client: Client, deps: Deps, pair: Pair
) -> None:
    ada, ben, swap = pair
    start = (deps.now() - timedelta(hours=3) - CLOSE_AFTER).replace(second=0, microsecond=0)
    before = at_time(deps, start - DAY)
    await sessions.offer_session(before, ada, swap.id, Meeting((start,)))
    await sessions.agree_session(before, ben, swap.id, "1", start)
    await sessions.answer_session(at_time(deps, start + timedelta(hours=2)), ben, swap.id, "1", "no")
    _, shown = await ask(client, ada, "GET", f"/api/swap/{swap.id}")
    assert shown["sessions"][0]["can"] == []  # the sweep has not been here
    path = f"/api/swap/{swap.id}/sessions/1"
    for body in ({"action": "answer", "answer": "yes"}, {"action": "answer", "answer": "moved"}):
        status, problem = await ask(client, ada, "PUT", path, **body)
        assert (status, problem["code"]) == (409, "session.answered")
    status, problem = await ask(client, ada, "PUT", path, action="move", slots=[iso(deps.now() + DAY)])
    assert (status, problem["code"]) == (409, "session.over")
    await do_due_steps(deps)
    after = await deps.store.swaps.find(swap.id)
    assert after is not None
    assert [session.status for session in after.plan.sessions] == ["missed"]


async def test_what_is_said_of_a_swap_as_a_whole_may_be_said_of_one_version_alone(
    client: Client, deps: Deps, pair: Pair
) -> None:
    ada, ben, swap = pair
    await held_before(deps, ada, ben, swap)
    current = await deps.store.swaps.find(swap.id)
    assert current is not None
    stale = {"If-Match": f'"{current.version - 1}"'}
    for verb in ("arrange", "not-yet", "done"):
        status, problem = await ask(client, ada, "POST", f"/api/swap/{swap.id}/{verb}", headers=stale)
        assert (status, problem["code"], problem["current"]["version"]) == (412, "swap.changed", current.version)
    for verb in ("arrange", "not-yet", "done"):
        _, shown = await ask(client, ada, "GET", f"/api/swap/{swap.id}")
        fresh = {"If-Match": f'"{shown["version"]}"'}
        status, _ = await ask(client, ada, "POST", f"/api/swap/{swap.id}/{verb}", headers=fresh)
        assert status == 200


async def test_a_statement_may_be_made_to_one_version_alone(client: Client, deps: Deps, pair: Pair) -> None:
    ada, ben, swap = pair
    before = later(deps, -4 * DAY)
    version = (await disputed(before, ada, ben, swap)).version
    path = f"/api/swap/{swap.id}/statement"
    status, problem = await ask(client, ada, "PUT", path, statement="I waited.", version=version - 1)
    assert (status, problem["code"]) == (409, "swap.changed")
    status, said = await ask(client, ada, "PUT", path, statement="I waited.", version=version)
    assert (status, said["statement"]) == (200, "I waited.")


async def test_who_will_be_there_is_shown_to_the_other_until_the_session_is_moved(
    client: Client, connect: Connect, deps: Deps, database: Database, pair: Pair
) -> None:
    ada, ben, swap = pair
    start = (deps.now() + timedelta(hours=20)).replace(second=0, microsecond=0)
    await sessions.offer_session(deps, ada, swap.id, Meeting((start,)))
    path = f"/api/swap/{swap.id}/sessions/1"
    status, problem = await ask(client, ben, "PUT", path, action="confirm")
    assert (status, problem["code"]) == (409, "session.over")  # nothing is agreed yet
    _, agreed = await ask(client, ben, "PUT", path, action="agree", starts_at=iso(start))
    assert agreed["sessions"][0]["can"] == ["confirm", "move", "call_off"]
    socket = await connect(ada)
    for _ in range(2):  # repeated
        status, said = await ask(client, ben, "PUT", path, action="confirm")
        assert (status, said["sessions"][0]["can"]) == (200, ["move", "call_off"])
    assert said["version"] == agreed["version"] + 1
    _, seen = await ask(client, ada, "GET", path)
    assert (seen["confirmed"], seen["can"]) == ([ben.id], ["confirm", "move", "call_off"])
    await eventually(lambda: [e for e, _ in socket.received] == ["swap:updated", "session:updated"])
    updates = [data["session"]["confirmed"] for event, data in socket.received if event == "session:updated"]
    assert updates == [[ben.id]]
    status, problem = await ask(client, ben, "PUT", path, action="confirm", version=1)
    assert (status, problem["code"]) == (409, "swap.changed")
    changes = await recipients_of(database, swap.id, "session.changed")
    await ask(client, ada, "PUT", path, action="move", slots=[iso(start + DAY)])
    _, moved = await ask(client, ben, "PUT", path, action="agree", starts_at=iso(start + DAY))
    assert moved["sessions"][0]["confirmed"] == []
    assert len(changes) == 2  # the offer and the yes: who will be there makes no sound
    before = await deps.store.swaps.find(swap.id)
    assert before is not None
    late = later(deps, timedelta(hours=45))
    with pytest.raises(Conflict, match=r"session\.has_begun"):
        await sessions.confirm_session(late, ben, swap.id, "1")


async def test_a_completed_circle_can_be_talked_in_for_two_weeks_and_says_so(
    client: Client, deps: Deps, make_user: MakeUser
) -> None:
    (ana, li, noor), circle = await closed_circle(deps, make_user)
    await held_before(deps, ana, li, circle, legs=(leg_of(circle, ana),))
    for person in (ana, li, noor):
        await sessions.finish_swap(deps, person, circle.id)
    _, shown = await ask(client, noor, "GET", f"/api/circles/{circle.id}")
    assert (shown["status"], shown["can"]) == ("completed", ["chat"])
    status, _ = await ask(client, noor, "POST", "/api/chat", swap_id=circle.id, message="Thank you both!")
    assert status == 201


async def test_a_counter_offer_and_a_request_that_crosses_count_as_replies(
    client: Client, deps: Deps, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ben = await make_user("Ben", skills_offered=("Python", "Chess"), skills_wanted=("Guitar",))
    for number in range(3):
        asker = await make_user(skills_offered=("Guitar",), skills_wanted=("Python",))
        swap = await make_swap(asker, ben, offered_skill="Guitar", wanted_skill="Python")
        if number:
            await counter_swap(deps, ben, swap.id, CounterOffer("Chess", "Guitar"))
        else:
            crossed = await propose_swap(deps, ben, Proposal(asker.id, "Python", "Guitar", "I was about to ask!"))
            assert (crossed.id, crossed.status) == (swap.id, "accepted")
    _, shown = await ask(client, asker, "GET", f"/api/users/{ben.id}")
    assert shown["facts"]["replies"] == "within_an_hour"
