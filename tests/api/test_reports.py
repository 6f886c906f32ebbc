"""Reports and the moderators' cases at the REST interface."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.reports import MAX_A_DAY
from domain.swaps import ACCEPTED
from domain.users import MODERATOR, User
from handlers.audit import list_audit
from handlers.messages import Draft, send_message
from handlers.runtime.deps import Deps
from handlers.users import delete_account
from storage.mongodb.database import new_id
from tests.api.conftest import Client
from tests.factories import MakeSwap, MakeUser, at_time

Call = Callable[..., Awaitable[tuple[int, Any]]]


@pytest.fixture
def call(client: Client) -> Call:
    async def call(actor: User, method: str, path: str, **body: Any) -> tuple[int, Any]:
        options = {"json": body} if method == "POST" else {}
        async with client(actor).request(method, path, **options) as answer:
            return answer.status, await answer.json()

    return call


@pytest.fixture
async def eva(deps: Deps, make_user: MakeUser) -> User:
    """A moderator."""
    eva = await make_user("Eva")
    await deps.store.users.set_role(eva.id, MODERATOR)
    return replace(eva, role=MODERATOR)


async def the_case(call: Call, moderator: User) -> dict[str, Any]:
    status, (case,) = await call(moderator, "GET", "/api/moderation/cases")
    assert status == 200
    status, file = await call(moderator, "GET", f"/api/moderation/cases/{case['_id']}")
    assert status == 200
    return dict(file)


async def test_a_report_reaches_the_moderators_with_the_profile_as_it_was(
    call: Call, deps: Deps, make_user: MakeUser, eva: User
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben", location="Harbour")
    status, report = await call(ada, "POST", "/api/reports", about=ben.id, reason="rude", text="Shouted.", block=False)
    assert (status, report["subject"], report["subject_id"]) == (201, "profile", ben.id)
    await delete_account(deps, ben)
    case = await the_case(call, eva)
    assert (case["state"], case["reasons"], case["reports"], case["name"]) == ("open", ["rude"], 1, None)
    (file,) = case["files"]
    assert (file["by"], file["text"], file["profile"]["name"], file["profile"]["location"]) == (
        ada.id,
        "Shouted.",
        "Ben",
        "Harbour",
    )
    assert file["messages"] == []


async def test_messages_go_along_only_when_the_reporter_agrees_and_stay_as_they_were(
    call: Call, client: Client, deps: Deps, make_user: MakeUser, make_swap: MakeSwap, eva: User
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    swap = await make_swap(ada, ben, status=ACCEPTED)
    for number in range(1, 23):
        earlier = at_time(deps, deps.now() - timedelta(minutes=30 - number))
        await send_message(earlier, ben, Draft(swap.id, f"word {number}", "web"))
    about = {"about": ben.id, "reason": "selling", "subject": "swap", "subject_id": swap.id, "block": False}
    assert (await call(ada, "POST", "/api/reports", **about, attach_messages=True))[0] == 201
    async with client(ben).delete(f"/api/chat/{swap.id}/22") as answer:
        assert answer.status == 200
    (file,) = (await the_case(call, eva))["files"]
    assert [one["message"] for one in file["messages"]] == [f"word {number}" for number in range(3, 23)]
    cleo = await make_user("Cleo")
    other = await make_swap(cleo, ben, status=ACCEPTED)
    await send_message(deps, ben, Draft(other.id, "a secret", "web"))
    await call(cleo, "POST", "/api/reports", **{**about, "subject_id": other.id})
    assert "a secret" not in str(await the_case(call, eva))


async def test_the_same_thing_is_reported_once_and_five_things_a_day(
    call: Call, make_user: MakeUser, eva: User
) -> None:
    ada = await make_user("Ada")
    people = [await make_user(f"Ben {number}") for number in range(MAX_A_DAY + 1)]
    first = await call(ada, "POST", "/api/reports", about=people[0].id, reason="rude", block=False)
    again = await call(ada, "POST", "/api/reports", about=people[0].id, reason="rude", block=False)
    assert first == again
    status, problem = await call(ada, "POST", "/api/reports", about=people[0].id, reason="selling", block=False)
    assert (status, problem["code"]) == (409, "report.made_already")  # what is not kept is not taken in silence
    answers = [await call(ada, "POST", "/api/reports", about=one.id, reason="other", block=False) for one in people[1:]]
    assert [status for status, _ in answers] == [201] * (MAX_A_DAY - 1) + [429]
    assert answers[-1][1]["code"] == "report.daily_limit"
    assert len((await call(eva, "GET", "/api/moderation/cases"))[1]) == MAX_A_DAY


async def test_a_report_blocks_unless_the_reporter_says_otherwise(call: Call, make_user: MakeUser, eva: User) -> None:
    ada, ben, cleo = await make_user("Ada"), await make_user("Ben"), await make_user("Cleo")
    await call(ada, "POST", "/api/reports", about=ben.id, reason="rude")
    await call(ada, "POST", "/api/reports", about=cleo.id, reason="rude", block=False)
    assert [one["name"] for one in (await call(ada, "GET", "/api/blocks"))[1]] == ["Ben"]


async def test_somebody_blocked_or_met_long_ago_can_be_reported_and_a_stranger_who_is_private_cannot(
    call: Call, make_user: MakeUser, make_swap: MakeSwap, eva: User
) -> None:
    ada, ben, hal = await make_user("Ada"), await make_user("Ben"), await make_user("Hal", is_public=False)
    await make_swap(ada, ben, status="cancelled")
    await call(ada, "POST", "/api/blocks/" + ben.id)
    assert (await call(ada, "POST", "/api/reports", about=ben.id, reason="rude"))[0] == 201
    for unknown in (hal.id, new_id()):
        status, problem = await call(ada, "POST", "/api/reports", about=unknown, reason="rude")
        assert (status, problem["code"]) == (404, "user.not_found")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"reason": "ugly"}, 422, "invalid_field"),
        ({"subject": "weather"}, 422, "invalid_field"),
        ({"text": "x" * 501}, 422, "invalid_field"),
        ({"subject": "swap"}, 404, "swap.not_found"),
        ({"subject": "review"}, 404, "review.not_found"),
        ({"about": "me"}, 422, "invalid_field"),
    ],
)
async def test_a_report_that_makes_no_sense_is_refused_and_nothing_is_kept(
    call: Call, make_user: MakeUser, eva: User, change: dict[str, Any], status: int, code: str
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    answer, problem = await call(ada, "POST", "/api/reports", **{"about": ben.id, "reason": "rude"} | change)
    assert (answer, problem["code"]) == (status, code)
    assert (await call(eva, "GET", "/api/moderation/cases"))[1] == []
    assert (await call(ada, "GET", "/api/blocks"))[1] == []


async def test_nobody_reports_themselves(call: Call, eva: User) -> None:
    status, problem = await call(eva, "POST", "/api/reports", about=eva.id, reason="other")
    assert (status, problem["code"]) == (422, "report.yourself")


async def test_a_conversation_of_others_is_no_evidence(
    call: Call, make_user: MakeUser, make_swap: MakeSwap, eva: User
) -> None:
    ada, ben, cleo = await make_user("Ada"), await make_user("Ben"), await make_user("Cleo")
    swap = await make_swap(cleo, ben, status=ACCEPTED)
    about = {"about": ben.id, "reason": "rude", "subject": "swap", "subject_id": swap.id, "attach_messages": True}
    assert (await call(ada, "POST", "/api/reports", **about))[1]["code"] == "swap.not_found"


async def test_several_reports_about_one_person_are_one_case(call: Call, make_user: MakeUser, eva: User) -> None:
    ben = await make_user("Ben")
    reporters = [await make_user(f"Reporter {number}") for number in range(4)]
    reasons = ("rude", "selling", "rude", "false_profile")
    answers = await asyncio.gather(
        *(
            call(one, "POST", "/api/reports", about=ben.id, reason=reason, block=False)
            for one, reason in zip(reporters, reasons, strict=True)
        )
    )
    assert [status for status, _ in answers] == [201] * 4
    case = await the_case(call, eva)
    assert (case["reports"], sorted(case["reasons"])) == (4, ["false_profile", "rude", "selling"])


async def test_of_two_moderators_at_once_one_decides(call: Call, deps: Deps, make_user: MakeUser, eva: User) -> None:
    ada, ben, mona = await make_user("Ada"), await make_user("Ben"), await make_user("Mona")
    await deps.store.users.set_role(mona.id, MODERATOR)
    await call(ada, "POST", "/api/reports", about=ben.id, reason="rude")
    case = await the_case(call, eva)
    path = f"/api/moderation/cases/{case['_id']}/actions"
    answers = await asyncio.gather(
        *(call(one, "POST", path, action="take", version=case["version"]) for one in (eva, mona))
    )
    assert sorted(status for status, _ in answers) == [200, 409]
    first, second = (eva, mona) if answers[0][0] == 200 else (mona, eva)
    status, problem = await call(second, "POST", path, action="nothing", reason="fine")
    assert (status, problem["code"], problem["current"]["taken_by"]) == (409, "case.taken", first.id)
    status, done = await call(first, "POST", path, action="nothing")
    assert (status, done["state"], done["decision"]) == (200, "done", "nothing")
    assert (await call(second, "POST", path, action="take"))[1]["code"] == "case.done"
    assert [entry.action for entry in await list_audit(deps, eva, about=ben.id)] == ["case.nothing", "case.take"]


async def test_a_moderator_does_not_see_a_case_about_themselves(call: Call, make_user: MakeUser, eva: User) -> None:
    ada = await make_user("Ada")
    _, report = await call(ada, "POST", "/api/reports", about=eva.id, reason="session", block=False)
    assert report["about"] == eva.id
    assert (await call(eva, "GET", "/api/moderation/cases"))[1] == []


async def test_a_member_sees_no_case(call: Call, make_user: MakeUser) -> None:
    ada = await make_user("Ada")
    for method, path in (
        ("GET", "/api/moderation/cases"),
        ("GET", f"/api/moderation/cases/{new_id()}"),
        ("POST", f"/api/moderation/cases/{new_id()}/actions"),
    ):
        body = {"action": "take"} if method == "POST" else {}
        assert (await call(ada, method, path, **body))[0] == 403


async def test_a_reporter_who_leaves_is_named_nowhere(call: Call, deps: Deps, make_user: MakeUser, eva: User) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    await call(ada, "POST", "/api/reports", about=ben.id, reason="rude", text="Shouted.")
    await delete_account(deps, ada)
    case = await the_case(call, eva)
    assert case["files"][0]["text"] == "Shouted."
    assert ada.id not in str(case)
