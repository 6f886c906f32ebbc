"""Decisions in a case over REST: they reach the person, the audit and the reporters, and can be undone."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.planning import Meeting
from domain.reports import MAX_A_DAY
from domain.reviews import Rating
from domain.swaps import ACCEPTED
from domain.users import ADMIN, MODERATOR, User
from handlers import sessions, standing
from handlers.audit import list_audit
from handlers.auth.accounts import accept_merge, offer_merge
from handlers.cases import act_on_case
from handlers.photos import PROFILE, reap_photos, upload_photo
from handlers.reviews import write_review
from handlers.runtime.deps import Deps
from handlers.users import delete_account, get_user
from tests.api.conftest import Client
from tests.factories import MakeSwap, MakeUser, at_time, jpeg

Call = Callable[..., Awaitable[tuple[int, Any]]]
OLD = timedelta(days=30)


@pytest.fixture
def call(client: Client) -> Call:
    async def call(actor: User, method: str, path: str, **body: Any) -> tuple[int, Any]:
        options = {"json": body} if method == "POST" else {}
        async with client(actor).request(method, path, **options) as answer:
            return answer.status, await answer.json()

    return call


async def moderator(deps: Deps, make_user: MakeUser, name: str, role: str = MODERATOR) -> User:
    person = await make_user(name)
    await deps.store.users.set_role(person.id, role)
    return replace(person, role=role)


@pytest.fixture
async def eva(deps: Deps, make_user: MakeUser) -> User:
    return await moderator(deps, make_user, "Eva")


async def reported(call: Call, deps: Deps, by: User, about: User, reason: str = "rude", **more: Any) -> str:
    """Report somebody, and return the id of the case."""
    status, _ = await call(by, "POST", "/api/reports", about=about.id, reason=reason, block=False, **more)
    assert status == 201
    case = await deps.store.cases.find_open(about.id)
    assert case is not None
    return case.id


async def aged(deps: Deps, user: User) -> User:
    """Return the user with an account that is old enough for their reports to count."""
    await deps.store.database.collection("users").update_one(
        {"name": user.name}, {"$set": {"created_at": deps.now() - OLD}}
    )
    return replace(user, created_at=deps.now() - OLD)


async def letters_to(deps: Deps, user: User) -> list[str]:
    return [
        doc["kind"] async for doc in deps.store.database.collection("letters").find({}) if str(doc["to"]) == user.id
    ]


@pytest.mark.parametrize(
    ("action", "standings", "letter"),
    [
        ("warn", ("warned",), ["warned"]),
        ("hide", ("hidden",), []),
        ("suspend", ("suspended",), ["suspended"]),
        ("ban", ("banned",), ["banned"]),
        ("nothing", ("member",), []),
    ],
)
async def test_a_decision_reaches_the_person_the_audit_and_the_reporter(
    call: Call, deps: Deps, make_user: MakeUser, eva: User, action: str, standings: tuple[str, ...], letter: list[str]
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    path = f"/api/moderation/cases/{await reported(call, deps, ada, ben)}"
    assert (await call(eva, "POST", f"{path}/actions", action="take"))[1]["taken_by"] == eva.id
    reason = {} if action == "nothing" else {"reason": "rude"}
    status, case = await call(eva, "POST", f"{path}/actions", action=action, **reason)
    assert (status, case["state"], case["decision"], case["can"]) == (200, "done", action, ["undo"])
    again = await call(eva, "POST", f"{path}/actions", action=action, **reason)
    assert again == (200, case)
    assert (await get_user(deps, ben.id)).standings(deps.now()) == standings
    assert await letters_to(deps, ben) == letter
    assert await letters_to(deps, ada) == ["report_done"]
    decided = [entry for entry in await list_audit(deps, eva, case_id=case["_id"]) if entry.action == f"case.{action}"]
    assert [(entry.by, entry.about) for entry in decided] == [(eva.id, ben.id)]
    status, case = await call(eva, "POST", f"{path}/actions", action="undo")
    assert (status, case["state"], case["decision"]) == (200, "taken", None)
    assert (await get_user(deps, ben.id)).standings(deps.now()) == ("member",)
    assert await letters_to(deps, ada) == []  # they hear of the decision that stands


async def test_a_decision_needs_a_reason_and_cannot_be_undone_after_ten_minutes(
    call: Call, deps: Deps, make_user: MakeUser, eva: User
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    path = f"/api/moderation/cases/{await reported(call, deps, ada, ben)}/actions"
    assert (await call(eva, "POST", path, action="ban"))[0] == 422
    assert (await get_user(deps, ben.id)).standings(deps.now()) == ("member",)

    earlier = at_time(deps, deps.now() - timedelta(minutes=11))
    case = await deps.store.cases.find_open(ben.id)
    assert case is not None
    await act_on_case(earlier, eva, case.id, "suspend", "session")
    status, problem = await call(eva, "POST", path, action="undo")
    assert (status, problem["code"]) == (409, "case.no_undo")
    assert (await get_user(deps, ben.id)).standings(deps.now()) == ("suspended",)


async def test_of_two_moderators_at_once_one_decides(call: Call, deps: Deps, make_user: MakeUser, eva: User) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    noor = await moderator(deps, make_user, "Noor")
    path = f"/api/moderation/cases/{await reported(call, deps, ada, ben)}/actions"
    answers = await asyncio.gather(
        call(eva, "POST", path, action="ban", reason="rude"), call(noor, "POST", path, action="warn", reason="rude")
    )
    assert sorted(status for status, _ in answers) == [200, 409]
    won = next(case["decision"] for status, case in answers if status == 200)
    expected = {"ban": ("banned",), "warn": ("warned",)}[won]
    assert (await get_user(deps, ben.id)).standings(deps.now()) == expected
    assert len(await letters_to(deps, ben)) == 1


async def test_a_moderator_does_not_decide_about_staff_and_the_case_stays_open(
    call: Call, deps: Deps, make_user: MakeUser, eva: User
) -> None:
    ada, noor = await make_user("Ada"), await moderator(deps, make_user, "Noor")
    path = f"/api/moderation/cases/{await reported(call, deps, ada, noor)}"
    status, problem = await call(eva, "POST", f"{path}/actions", action="ban", reason="rude")
    assert (status, problem["code"]) == (403, "standing.staff")
    assert (await call(eva, "GET", path))[1]["state"] == "open"
    assert await letters_to(deps, ada) == []
    assert (await call(noor, "GET", path))[0] == 403
    assert (await call(noor, "POST", f"{path}/actions", action="nothing"))[0] == 403
    assert (await call(noor, "GET", "/api/moderation/cases"))[1] == []
    admin = await moderator(deps, make_user, "Kim", ADMIN)
    assert (await call(admin, "POST", f"{path}/actions", action="warn", reason="rude"))[0] == 200


async def test_three_independent_reports_hide_a_profile_until_somebody_has_looked(
    call: Call, deps: Deps, make_user: MakeUser, eva: User
) -> None:
    ben = await make_user("Ben")
    new = await make_user("New")
    people = [await aged(deps, await make_user(f"Old {number}")) for number in range(4)]
    await reported(call, deps, new, ben)
    for person in people[:2]:
        await reported(call, deps, person, ben)
    await reported(call, deps, people[0], ben, subject="profile", subject_id=ben.id)  # the same person once more
    assert (await get_user(deps, ben.id)).is_listed  # two count, and an account of today does not
    case_id = await reported(call, deps, people[2], ben)
    hidden = await get_user(deps, ben.id)
    assert (hidden.is_listed, hidden.standings(deps.now())) == (False, ("hidden",))
    assert await letters_to(deps, ben) == []  # quietly
    await reported(call, deps, people[3], ben)  # who is hidden can be reported all the same
    path = f"/api/moderation/cases/{case_id}/actions"
    assert (await call(eva, "POST", path, action="nothing"))[0] == 200
    assert (await get_user(deps, ben.id)).is_listed
    other = await aged(deps, await make_user("Old 9"))
    await reported(call, deps, other, ben)
    assert (await get_user(deps, ben.id)).is_listed  # what was looked at does not count again


async def test_reports_hide_no_moderator_and_an_author_who_left_counts_once(
    call: Call, deps: Deps, make_user: MakeUser, make_swap: MakeSwap, eva: User
) -> None:
    ben = await make_user("Ben")
    people = [await aged(deps, await make_user(f"Old {number}")) for number in range(4)]
    for person in people[:3]:
        await reported(call, deps, person, eva)
    assert (await get_user(deps, eva.id)).is_listed
    swap = await make_swap(people[0], ben, status=ACCEPTED)
    await reported(call, deps, people[0], ben)
    await reported(call, deps, people[0], ben, subject="swap", subject_id=swap.id)
    await delete_account(deps, people[0])
    await reported(call, deps, people[1], ben)
    assert (await get_user(deps, ben.id)).is_listed  # two people have reported


async def test_a_flood_of_reports_at_the_same_moment_stays_within_the_limit(
    call: Call, deps: Deps, make_user: MakeUser
) -> None:
    ada = await make_user("Ada")
    people = [await make_user(f"Ben {number}") for number in range(2 * MAX_A_DAY)]
    answers = await asyncio.gather(
        *(call(ada, "POST", "/api/reports", about=one.id, reason="other", block=False) for one in people)
    )
    made = [status for status, _ in answers if status == 201]
    assert 1 <= len(made) <= MAX_A_DAY
    assert await deps.store.reports.count_by(ada.id, since=deps.now() - timedelta(days=1)) == len(made)


async def test_two_reports_by_one_person_about_two_accounts_of_another_are_one_case_after_a_merge(
    call: Call, deps: Deps, make_user: MakeUser, eva: User
) -> None:
    ada, cleo = await make_user("Ada"), await make_user("Cleo")
    ben = await make_user("Ben", telegram_id=True)
    twin = await make_user("Ben", email="ben@example.org")
    await reported(call, deps, ada, ben)
    await reported(call, deps, ada, twin)
    await reported(call, deps, cleo, twin, reason="selling")
    await reported(call, deps, ben, twin)  # oneself, as it turns out
    code, _ = await offer_merge(deps, twin)
    survivor = await accept_merge(deps, ben, code)
    [case] = (await call(eva, "GET", "/api/moderation/cases"))[1]
    assert case["about"] == survivor.id
    assert set(case["reasons"]) == {"rude", "selling"}
    files = (await call(eva, "GET", f"/api/moderation/cases/{case['_id']}"))[1]["files"]
    assert survivor.id not in {file["by"] for file in files}


async def test_the_photo_of_a_reported_profile_stays_as_long_as_the_report(
    call: Call, deps: Deps, make_user: MakeUser, client: Client
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    photo = await upload_photo(deps, ben, jpeg(), purpose=PROFILE)
    ben = await get_user(deps, ben.id)
    await reported(call, deps, ada, ben)
    await delete_account(deps, ben)
    await reap_photos(deps)
    assert await deps.photos.read(photo.id) is not None
    await deps.store.database.collection("reports").delete_many({})  # as when its time is over
    await reap_photos(deps)
    assert await deps.photos.read(photo.id) is None


async def test_a_reporter_who_leaves_is_forgotten_and_the_case_about_who_left_can_be_closed(
    call: Call, deps: Deps, make_user: MakeUser, eva: User
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    case_id = await reported(call, deps, ada, ben, text="Shouted.")
    await delete_account(deps, ada)
    await delete_account(deps, await get_user(deps, ben.id))
    path = f"/api/moderation/cases/{case_id}"
    status, case = await call(eva, "GET", path)
    assert (status, case["name"], case["files"][0]["text"]) == (200, None, "Shouted.")
    assert case["files"][0]["by"] != ada.id
    assert (await call(eva, "POST", f"{path}/actions", action="warn", reason="rude"))[0] == 404
    assert (await call(eva, "POST", f"{path}/actions", action="nothing"))[0] == 200


async def test_a_case_that_is_undone_while_another_one_is_open_goes_into_that(
    call: Call, deps: Deps, make_user: MakeUser, eva: User
) -> None:
    ada, ben, cleo = await make_user("Ada"), await make_user("Ben"), await make_user("Cleo")
    first = await reported(call, deps, ada, ben)
    assert (await call(eva, "POST", f"/api/moderation/cases/{first}/actions", action="hide", reason="rude"))[0] == 200
    second = await reported(call, deps, cleo, ben, reason="selling")
    assert second != first
    status, case = await call(eva, "POST", f"/api/moderation/cases/{first}/actions", action="undo")
    assert (status, case["_id"], case["reports"], set(case["reasons"])) == (200, second, 2, {"rude", "selling"})
    assert (await get_user(deps, ben.id)).standings(deps.now()) == ("member",)
    files = (await call(eva, "GET", f"/api/moderation/cases/{second}"))[1]
    assert {file["by"] for file in files["files"]} == {ada.id, cleo.id}
    assert [event["action"] for event in files["history"]] == ["hide", "undo"]


async def test_whoever_reports_twice_in_a_case_gets_one_letter(
    call: Call, deps: Deps, make_user: MakeUser, make_swap: MakeSwap, eva: User
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    swap = await make_swap(ada, ben, status=ACCEPTED)
    case_id = await reported(call, deps, ada, ben)
    assert await reported(call, deps, ada, ben, subject="swap", subject_id=swap.id) == case_id
    assert (await call(eva, "POST", f"/api/moderation/cases/{case_id}/actions", action="nothing"))[0] == 200
    assert await letters_to(deps, ada) == ["report_done"]


async def test_a_rating_that_is_not_shown_yet_cannot_be_reported(
    call: Call, deps: Deps, make_user: MakeUser, make_swap: MakeSwap, eva: User
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    swap = await make_swap(ada, ben, status=ACCEPTED)
    noted = await sessions.note_session(deps, ada, swap.id, Meeting(()))
    await sessions.answer_session(deps, ben, swap.id, noted.plan.sessions[-1].id, "yes")
    for person in (ada, ben):
        await sessions.finish_swap(deps, person, swap.id)
    rating = await write_review(deps, ben, swap.id, None, Rating(1, text="Canarywords"))
    body = {"about": ben.id, "reason": "rude", "subject": "review", "subject_id": rating.id, "block": False}
    status, problem = await call(ada, "POST", "/api/reports", **body)
    assert (status, problem["code"]) == (404, "review.not_found")
    await write_review(deps, ada, swap.id, None, Rating(5))
    assert (await call(ada, "POST", "/api/reports", **body))[0] == 201


async def test_who_is_hidden_is_not_told_so(call: Call, deps: Deps, make_user: MakeUser, eva: User) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    await standing.hide(deps, standing.SERVICE, ben.id, reason="reports")
    body = {"to_user_id": ada.id, "offered_skill": ben.skills_offered[0], "wanted_skill": ada.skills_offered[0]}
    status, problem = await call(ben, "POST", "/api/swap", **body)
    assert (status, problem["code"]) == (403, "standing.not_now")
    own = await call(ben, "GET", "/api/user")
    for said in (problem, own):
        assert not {"hidden", "moderator", "reports"} & set(re.findall(r"\w+", str(said)))
