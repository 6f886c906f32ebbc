"""Disputes at the REST interface and in the bot: moderators see the open ones and decide them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.swaps import Swap
from domain.timetable import DECIDE_WITHIN, STATEMENT_WITHIN
from domain.users import MODERATOR, User
from handlers import sessions
from handlers.runtime.deps import Deps
from handlers.timeline import do_due_steps
from storage.mongodb.database import Database
from tests.api.conftest import Client
from tests.api.test_session_edges import ask, disputed
from tests.factories import MakeSwap, MakeUser, later, recipients_of
from tests.moved_clock import MoveClock

DAY = timedelta(days=1)


@pytest.fixture
async def open_dispute(deps: Deps, make_user: MakeUser, make_swap: MakeSwap) -> tuple[User, User, Swap]:
    ada, ben = await make_user("Ada", telegram_id=True, role=MODERATOR), await make_user("Ben", telegram_id=True)
    swap = await make_swap(ada, ben, status="accepted")
    return ada, ben, await disputed(later(deps, -4 * DAY), ada, ben, swap)


async def listed(client: Client, person: User) -> list[dict[str, Any]]:
    status, found = await ask(client, person, "GET", "/api/disputes")
    assert status == 200
    return list(found)


async def test_moderators_list_what_waits_for_a_decision_and_decide_it(
    client: Client, deps: Deps, database: Database, open_dispute: tuple[User, User, Swap], make_user: MakeUser
) -> None:
    ada, ben, swap = open_dispute
    await sessions.make_statement(deps, ben, swap.id, "Nobody was there.")
    moderator = await make_user(role=MODERATOR)
    (one,) = await listed(client, moderator)
    assert (one["swap_id"], one["status"], one["people"]) == (swap.id, "disputed", [ada.id, ben.id])
    assert one["statements"] == {ben.id: "Nobody was there."}
    (session,) = one["sessions"]
    assert {said["by"]: said["answer"] for said in session["answers"]} == {ada.id: "yes", ben.id: "no"}
    body = {"decision": "not_happened", "reason": "The room was closed that day."}
    status, decided = await ask(client, moderator, "PUT", f"/api/disputes/{swap.id}", **body)
    assert (status, decided["status"], decided["decision"]) == (200, "not_happened", body["reason"])
    assert await listed(client, moderator) == []
    status, problem = await ask(client, moderator, "PUT", f"/api/disputes/{swap.id}", **body)
    assert (status, problem["code"]) == (409, "swap.not_disputed")
    told = await recipients_of(database, swap.id, "swap.not_happened")
    assert sorted(told) == sorted([ada.id, ben.id])


async def test_nobody_else_sees_or_decides_a_dispute(client: Client, open_dispute: tuple[User, User, Swap]) -> None:
    ada, ben, swap = open_dispute
    assert await listed(client, ada) == []  # a moderator, but a part of it
    body = {"decision": "completed", "reason": "I was there."}
    status, problem = await ask(client, ada, "PUT", f"/api/disputes/{swap.id}", **body)
    assert (status, problem["code"]) == (403, "swap.own_dispute")
    for method, path, sent in (("GET", "/api/disputes", {}), ("PUT", f"/api/disputes/{swap.id}", body)):
        status, problem = await ask(client, ben, method, path, **sent)
        assert (status, problem["code"]) == (403, "role.moderator_needed")


async def test_a_long_list_of_disputes_has_pages_and_is_read_by_an_index(
    client: Client, deps: Deps, database: Database, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    moderator = await make_user(role=MODERATOR)
    swaps = []
    for _ in range(3):
        one, other = await make_user(), await make_user()
        swap = await make_swap(one, other, status="accepted")
        swaps.append((await disputed(later(deps, -4 * DAY), one, other, swap)).id)
    _, first = await ask(client, moderator, "GET", "/api/disputes?limit=2")
    _, rest = await ask(client, moderator, "GET", f"/api/disputes?limit=2&after={first[-1]['swap_id']}")
    assert [one["swap_id"] for one in (*first, *rest)] == swaps
    plan = (
        await database.collection("swaps")
        .find({"status": "disputed"})
        .sort([("status", 1), ("plan.disputed_at", 1), ("_id", 1)])
        .explain()
    )
    assert "COLLSCAN" not in str(plan["queryPlanner"]["winningPlan"])


async def test_a_dispute_that_nobody_decides_in_time_is_over_and_both_are_told(
    client: Client,
    deps: Deps,
    database: Database,
    open_dispute: tuple[User, User, Swap],
    make_user: MakeUser,
    move_clock: MoveClock,
) -> None:
    ada, ben, swap = open_dispute
    moderator = await make_user(role=MODERATOR)
    assert len(await listed(client, moderator)) == 1
    await move_clock(seconds=(DECIDE_WITHIN + timedelta(days=1)).total_seconds())
    # the time alone ends it: the sweep may come later
    assert await listed(client, moderator) == []
    body = {"decision": "completed", "reason": "They met after all."}
    status, problem = await ask(client, moderator, "PUT", f"/api/disputes/{swap.id}", **body)
    assert (status, problem["code"]) == (409, "swap.not_disputed")
    for _ in range(2):
        await do_due_steps(deps)
    told = await recipients_of(database, swap.id, "swap.undecided")
    assert sorted(told) == sorted([ada.id, ben.id])
    assert await recipients_of(database, swap.id, "swap.completed") == []
    _, shown = await ask(client, ben, "GET", f"/api/swap/{swap.id}")
    assert (shown["status"], shown["can"], shown["next_action"]) == ("disputed", [], None)
    assert (shown["history"][-1]["event"], shown["version"]) == ("undecided", swap.version + 1)
    assert await listed(client, moderator) == []
    status, problem = await ask(client, moderator, "PUT", f"/api/disputes/{swap.id}", **body)
    assert (status, problem["code"]) == (409, "swap.not_disputed")
    _, seen = await ask(client, moderator, "GET", f"/api/users/{ben.id}")
    assert (seen["facts"]["swaps_held"], seen["facts"]["no_shows"]) == (0, 0)
    assert await deps.store.swap_steps.next_due() is None


async def test_a_dispute_leaves_the_running_swaps_of_the_page_when_its_time_is_over(
    client: Client, deps: Deps, open_dispute: tuple[User, User, Swap], move_clock: MoveClock
) -> None:
    ada, _, _ = open_dispute

    async def page() -> str:
        async with client(ada).get("/swaps") as answer:
            return await answer.text()

    assert "Running (1)" in await page()
    await move_clock(seconds=DECIDE_WITHIN.total_seconds())
    assert "Over (1)" in await page()
    await do_due_steps(later(deps, DAY))
    shown = await page()
    assert ("Over (1)" in shown, "left undecided" in shown, "Running" in shown) == (True, True, False)


async def test_nobody_is_offered_to_tell_their_side_after_the_time_for_it(
    client: Client, open_dispute: tuple[User, User, Swap], move_clock: MoveClock
) -> None:
    _, ben, swap = open_dispute
    path = f"/api/swap/{swap.id}"
    assert (await ask(client, ben, "GET", path))[1]["can"] == ["state"]
    await move_clock(seconds=STATEMENT_WITHIN.total_seconds())
    assert (await ask(client, ben, "GET", path))[1]["can"] == []
    status, problem = await ask(client, ben, "PUT", f"{path}/statement", statement="I waited.")
    assert (status, problem["code"]) == (409, "swap.no_statement")
