"""Every verb of a swap as a form of its page: each that `can` names has its button, and each button does it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from domain.planning import Meeting
from domain.swaps import ACCEPTED, CANCELLED, COMPLETED, EXPIRED, PENDING, REJECTED, Swap
from domain.users import User
from handlers import sessions
from handlers.repeated_requests import ask_again
from handlers.runtime.deps import Deps
from handlers.swaps import accept_swap, expire_due_swaps, get_swap
from tests.api.conftest import Client
from tests.api.pages.conftest import Get, Post
from tests.api.test_session_edges import closed_circle, disputed
from tests.factories import MakeSwap, MakeUser, later
from tests.moved_clock import MoveClock

DAY = timedelta(days=1)
Pair = tuple[User, User]


@pytest.fixture
async def pair(make_user: MakeUser) -> Pair:
    return await make_user("Ada", timezone="Europe/Madrid"), await make_user("Ben", timezone="Europe/Madrid")


async def do(send: Post, actor: User, swap: Swap, action: str, **fields: str) -> int:
    status, _ = await send(actor, f"/swaps/{swap.id}", [("action", action), *fields.items()])
    return status


async def test_a_request_is_taken_back_or_declined_and_the_reason_comes_later(
    read: Get, send: Post, deps: Deps, make_swap: MakeSwap, pair: Pair
) -> None:
    ada, ben = pair
    first = await make_swap(ada, ben)
    assert 'value="cancel"' in (await read(ada, f"/swaps/{first.id}"))[1]
    assert await do(send, ada, first, "cancel") == 303
    assert (await get_swap(deps, ada, first.id)).status == CANCELLED
    second = await make_swap(ada, ben)
    assert await do(send, ben, second, "reject", reason="") == 303
    _, page = await read(ben, f"/swaps/{second.id}")
    assert "Say why" in page
    assert 'value="again"' in page  # whoever has declined can ask for it after all
    assert await do(send, ben, second, "reject", reason="no_time") == 303
    after = await get_swap(deps, ben, second.id)
    assert (after.status, after.decline_reason) == (REJECTED, "no_time")
    assert "Say why" not in (await read(ben, f"/swaps/{second.id}"))[1]
    assert await do(send, ben, second, "again") == 303


async def test_a_request_that_has_expired_is_asked_again(
    read: Get, send: Post, deps: Deps, make_swap: MakeSwap, pair: Pair, move_clock: MoveClock
) -> None:
    ada, ben = pair
    swap = await make_swap(ada, ben)
    await move_clock(days=8)
    await expire_due_swaps(deps)
    assert (await get_swap(deps, ada, swap.id)).status == EXPIRED
    assert 'value="again"' in (await read(ada, f"/swaps/{swap.id}"))[1]
    status, onward = await send(ada, f"/swaps/{swap.id}", [("action", "again")])
    assert status == 303
    new = await get_swap(deps, ben, onward.rpartition("/")[2])
    assert (new.status, new.id != swap.id) == (PENDING, True)


async def test_a_session_is_called_off_moved_and_arranged_by_hand(
    read: Get, send: Post, deps: Deps, make_swap: MakeSwap, pair: Pair
) -> None:
    ada, ben = pair
    swap = await make_swap(ada, ben, status=ACCEPTED)
    start = (deps.now() + 3 * DAY).replace(second=0, microsecond=0)
    await sessions.offer_session(deps, ada, swap.id, Meeting((start,)))
    await sessions.agree_session(deps, ben, swap.id, "1", start)
    _, page = await read(ben, f"/swaps/{swap.id}")
    assert f"/swaps/{swap.id}/plan?move=1" in page
    assert f"/api/swap/{swap.id}/sessions/1.ics" in page
    later = (start + DAY).isoformat()
    assert (await send(ben, f"/swaps/{swap.id}/plan", [("move", "1"), ("slot", later), ("minutes", "60")]))[0] == 303
    _, page = await read(ada, f"/swaps/{swap.id}")
    assert "Ben suggests" in page
    assert await do(send, ada, swap, "call_off", session="1") == 303
    assert (await get_swap(deps, ben, swap.id)).plan.sessions[0].status == "called_off"
    assert await do(send, ada, swap, "arrange") == 303
    assert (await get_swap(deps, ben, swap.id)).plan.arranged_by == ada.id


async def test_what_took_place_unplanned_is_noted_by_the_planner(
    read: Get, send: Post, deps: Deps, make_swap: MakeSwap, pair: Pair
) -> None:
    ada, ben = pair
    swap = await make_swap(ada, ben, status=ACCEPTED)
    fields = [("action", "met"), ("minutes", "60"), ("mode", "in_person"), ("place", "Café")]
    assert (await send(ada, f"/swaps/{swap.id}/plan", fields))[0] == 303
    assert "Did you and Ada meet?" in (await read(ben, f"/swaps/{swap.id}"))[1]
    assert await do(send, ben, swap, "say", session="1", said="no", reason="agreed_not") == 303
    assert (await get_swap(deps, ada, swap.id)).plan.sessions[0].status != "held"


async def test_a_running_swap_is_ended(read: Get, send: Post, deps: Deps, make_swap: MakeSwap, pair: Pair) -> None:
    ada, ben = pair
    swap = await make_swap(ada, ben, status=ACCEPTED)
    assert "End the swap with Ben?" in (await read(ada, f"/swaps/{swap.id}"))[1]
    assert await do(send, ada, swap, "cancel") == 303
    assert (await get_swap(deps, ben, swap.id)).status == CANCELLED


CONTROLS = {
    "accept": 'name="action" value="accept"',
    "reject": 'name="action" value="reject"',
    "counter": 'href="/swaps/{id}/counter"',
    "reason": "Say why",
    "again": 'name="action" value="again"',
    "cancel": 'name="action" value="cancel"',
    "chat": 'href="/chats/{id}"',
    "plan": 'href="/swaps/{id}/plan"',
    "met": 'href="/swaps/{id}/plan"',
    "arrange": 'name="action" value="arrange"',
    "done": 'name="action" value="done"',
    "state": 'name="action" value="state"',
    "agree": 'name="action" value="agree"',
    "move": r'href="/swaps/{id}/plan\?move=1"',
    "call_off": 'name="action" value="call_off"',
    "confirm": 'name="action" value="confirm"',
    "answer": 'name="action" value="say"',
}
"""Control on the page for each verb of a swap and of its sessions."""


class Watcher:
    """Whoever compares what REST says that one can do with what stands on the page."""

    def __init__(self, client: Client, read: Get) -> None:
        self.client, self.read = client, read
        self.seen: set[str] = set()

    async def look(self, swap: Swap, *people: User) -> None:
        for person in people:
            async with self.client(person).get(f"/api/swap/{swap.id}") as answer:
                document = await answer.json()
            _, page = await self.read(person, f"/swaps/{swap.id}")
            mine = [one for one in document["sessions"] if person.id in one["people"]]
            for verb in {*document["can"], *(verb for one in mine for verb in one["can"])}:
                assert re.search(CONTROLS[verb].format(id=swap.id), page), (document["status"], verb)
                self.seen.add(verb)


async def test_every_verb_that_rest_names_has_its_control_on_the_page(
    client: Client,
    read: Get,
    deps: Deps,
    make_user: MakeUser,
    make_swap: MakeSwap,
    pair: Pair,
    move_clock: MoveClock,
) -> None:
    watcher, (ada, ben) = Watcher(client, read), pair
    declined = await make_swap(ada, ben, status=REJECTED)
    await watcher.look(declined, ada, ben)
    swap = await ask_again(deps, ben, declined.id)
    await watcher.look(swap, ada, ben)
    await accept_swap(deps, ada, swap.id)
    await watcher.look(swap, ada, ben)
    start = (deps.now() + 0.8 * DAY).replace(second=0, microsecond=0)
    await sessions.offer_session(deps, ada, swap.id, Meeting((start,)))
    await watcher.look(swap, ada, ben)
    await sessions.agree_session(deps, ben, swap.id, "1", start)
    await watcher.look(swap, ada, ben)
    await move_clock(days=1)
    await watcher.look(swap, ada, ben)
    for person in (ada, ben):
        await sessions.answer_session(deps, person, swap.id, "1", "yes", legs=(0, 1))
    await watcher.look(swap, ada, ben)
    for person in (ada, ben):
        await sessions.finish_swap(deps, person, swap.id)
    assert (await get_swap(deps, ada, swap.id)).status == COMPLETED
    await watcher.look(swap, ada, ben)
    cleo, dan = await make_user("Cleo"), await make_user("Dan")
    contradicted = await make_swap(cleo, dan, status=ACCEPTED)
    await disputed(later(deps, -4 * DAY), cleo, dan, contradicted)
    await watcher.look(contradicted, cleo, dan)
    assert watcher.seen == set(CONTROLS)


async def test_a_circle_is_planned_held_done_and_rated_by_forms(
    read: Get, send: Post, deps: Deps, make_user: MakeUser, move_clock: MoveClock
) -> None:
    people, swap = await closed_circle(deps, make_user)
    by_id, path = {person.id: person for person in people}, f"/swaps/{swap.id}"
    start = (deps.now() + 3 * DAY).replace(second=0, microsecond=0)
    for number, leg in enumerate(swap.legs):
        teacher, learner = by_id[leg.teacher], by_id[leg.learner]
        _, page = await read(teacher, f"{path}/plan")
        assert f"with {learner.name}" in page
        slot = start + number * timedelta(hours=3)
        fields = [("leg", str(number)), ("slot", slot.isoformat()), ("minutes", "60"), ("mode", "online")]
        assert (await send(teacher, f"{path}/plan", fields))[0] == 303
        session = (await get_swap(deps, teacher, swap.id)).plan.sessions[-1]
        _, page = await read(learner, path)
        assert f"{teacher.name} suggests" in page
        assert await do(send, learner, swap, "agree", session=session.id, starts_at=slot.isoformat()) == 303
    await move_clock(days=4)
    for session in (await get_swap(deps, people[0], swap.id)).plan.sessions:
        leg = swap.legs[session.legs[0]]
        for person in (by_id[leg.teacher], by_id[leg.learner]):
            said = [("action", "say"), ("session", session.id), ("said", "yes"), ("leg", str(session.legs[0]))]
            status, _ = await send(person, path, said)
            assert status in (303, 409)  # the learner's yes alone settles it
    for person in people:
        assert await do(send, person, swap, "done") == 303
    for leg in swap.legs:
        learner, teacher = by_id[leg.learner], by_id[leg.teacher]
        _, page = await read(learner, path)
        rate = f"{path}/rate/{teacher.id}"
        assert f'href="{rate}"' in page
        assert "The ratings of your circle appear together" in (await read(learner, rate))[1]
        assert (await send(learner, rate, [("stars", "5"), ("text", f"Thanks from {learner.name}")]))[0] == 303
    _, page = await read(people[0], path)
    assert page.count("Thanks from") == len(people)
