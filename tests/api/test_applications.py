"""The door over REST: applications, the moderators' decisions, invite links, and what the service does by itself."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.community import APPROVAL, GROUP, LINK, OPEN, CommunityChanges
from domain.users import ADMIN, BANNED, MODERATOR, ProfileChanges, User
from handlers import standing
from handlers.applications import MAX_SHOWN, follow_up_applications, settle_applications
from handlers.auth.accounts import accept_merge, offer_merge
from handlers.auth.identities import TELEGRAM, Identity, sign_in
from handlers.auth.roles import grant_role
from handlers.community import change_community
from handlers.half_made import remind_half_made
from handlers.invites import accept_invite, list_invites, make_invite
from handlers.runtime.deps import Deps
from handlers.users import register_email_user, update_profile
from storage.mongodb.database import object_id
from tests.api.conftest import Client
from tests.factories import MakeUser, later

PROFILE = ProfileChanges(skills_offered=("Guitar",), skills_wanted=("Python",))
DAY = timedelta(days=1)


async def set_door(deps: Deps, make_user: MakeUser, join: str, **changes: Any) -> User:
    admin = await make_user("Olga", role=ADMIN, telegram_id=None)
    if join == GROUP:
        changes["group_chat_id"] = -5
    await change_community(deps, admin, CommunityChanges(name="Harbour", join=join, **changes))
    return admin


async def newcomer(deps: Deps, name: str, *, has_profile: bool = True) -> User:
    """Register somebody who has no Telegram."""
    user = await register_email_user(deps, f"{name.lower()}@example.org", name)
    return await update_profile(deps, user, PROFILE) if has_profile else user


async def ask(client: Client, user: User, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    async with client(user).request(method, path, json=body) as answer:
        return answer.status, await answer.json()


async def apply(client: Client, user: User, answer: str = "Hello") -> None:
    assert (await ask(client, user, "POST", "/api/application", {"answer": answer}))[0] == 200


async def letters_to(deps: Deps, user: User) -> list[str]:
    found = deps.store.database.collection("letters").find({"to": object_id(user.id)}).sort("_id", 1)
    return [doc["kind"] async for doc in found]


async def membership(deps: Deps, user: User) -> str:
    found = await deps.store.users.find(user.id)
    return found.standing.membership if found is not None else ""


async def test_somebody_without_telegram_applies_and_is_let_in(client: Client, deps: Deps, make_user: MakeUser) -> None:
    admin = await set_door(deps, make_user, APPROVAL, question="Who are you?", rules="Be kind.")
    ada = await newcomer(deps, "Ada", has_profile=False)
    status, problem = await ask(client, ada, "POST", "/api/application", {"answer": "Hello"})
    assert (status, problem["code"]) == (403, "rules.not_agreed")
    await ask(client, ada, "PUT", "/api/community/agreement", {"rules_version": 1})
    status, problem = await ask(client, ada, "POST", "/api/application", {"answer": "Hello"})
    assert (status, problem["code"]) == (403, "application.profile")
    await ask(client, ada, "PUT", "/api/user", {"skills_offered": ["Guitar"], "skills_wanted": ["Python"]})
    status, problem = await ask(client, ada, "POST", "/api/application", {"answer": " "})
    assert (status, problem["code"]) == (422, "text.empty")
    await apply(client, ada)
    _, own = await ask(client, ada, "GET", "/api/application")
    assert (own["state"], own["question"], own["answer"]) == ("waiting", "Who are you?", "Hello")
    _, listed = await ask(client, admin, "GET", "/api/moderation/applications")
    assert [(each["user"]["name"], each["answer"]) for each in listed] == [("Ada", "Hello")]
    status, decided = await ask(client, admin, "POST", f"/api/moderation/applications/{ada.id}", {"decision": "let_in"})
    assert (status, decided["state"], decided["decided_by"]) == (200, "let_in", admin.id)
    assert await membership(deps, ada) == "member"
    assert (await ask(client, ada, "GET", "/api/application"))[0] == 404
    assert await letters_to(deps, ada) == ["let_in"]


async def test_only_moderators_decide_and_nobody_about_themselves(
    client: Client, deps: Deps, make_user: MakeUser
) -> None:
    await set_door(deps, make_user, APPROVAL)
    ada, ben, mia = await newcomer(deps, "Ada"), await newcomer(deps, "Ben"), await newcomer(deps, "Mia")
    for user in (ada, mia):
        await apply(client, user)
    path = f"/api/moderation/applications/{ada.id}"
    for user in (ada, ben):
        assert (await ask(client, user, "POST", path, {"decision": "let_in"}))[0] == 403
        assert (await ask(client, user, "GET", "/api/moderation/applications"))[0] == 403
    await grant_role(deps, mia.id, MODERATOR)
    own = f"/api/moderation/applications/{mia.id}"
    assert (await ask(client, mia, "POST", own, {"decision": "let_in"}))[1]["code"] == "application.own"
    assert (await ask(client, mia, "POST", path, {"decision": "let_in"}))[0] == 200
    assert (await ask(client, mia, "POST", f"/api/moderation/applications/{'0' * 24}", {"decision": "let_in"}))[
        0
    ] == 404


async def test_of_two_moderators_at_once_one_decides(client: Client, deps: Deps, make_user: MakeUser) -> None:
    admin, mia = await set_door(deps, make_user, APPROVAL), await make_user("Mia", role=MODERATOR)
    ada = await newcomer(deps, "Ada")
    await apply(client, ada)
    path = f"/api/moderation/applications/{ada.id}"
    answers = await asyncio.gather(
        *(ask(client, user, "POST", path, {"decision": "let_in"}) for user in (admin, mia, admin, mia))
    )
    assert sorted(status for status, _ in answers) == [200, 409, 409, 409]
    assert await letters_to(deps, ada) == ["let_in"]


async def test_a_decision_that_was_cut_off_is_finished_once(client: Client, deps: Deps, make_user: MakeUser) -> None:
    admin = await set_door(deps, make_user, APPROVAL)
    ada = await newcomer(deps, "Ada")
    await apply(client, ada)
    before = await deps.store.applications.find(ada.id)
    assert before is not None
    decided = before.decided("let_in", by=admin.id, decision_id="a" * 24, at=deps.now())
    assert await deps.store.applications.replace(before, decided)  # and the process is killed
    assert await membership(deps, ada) == "applicant"
    for _ in range(2):
        await settle_applications(deps)
    assert await membership(deps, ada) == "member"
    assert await letters_to(deps, ada) == ["let_in"]
    assert len(await deps.store.audit.list(about=ada.id)) == 1


async def test_moderators_are_reminded_the_applicant_told_and_then_erased(
    client: Client, deps: Deps, make_user: MakeUser
) -> None:
    admin = await set_door(deps, make_user, APPROVAL)
    ada = await newcomer(deps, "Ada")
    await apply(client, ada)
    for after, to_admin, to_ada in ((1, 0, 0), (3, 1, 0), (15, 1, 1), (29, 1, 1)):
        for _ in range(2):
            await follow_up_applications(later(deps, after * DAY))
        assert (await letters_to(deps, admin)).count("applications") == to_admin, after
        assert (await letters_to(deps, ada)).count("application_waits") == to_ada, after
    await follow_up_applications(later(deps, 31 * DAY))
    gone = await deps.store.users.find(ada.id)
    assert gone is not None
    assert (gone.status, gone.email) == ("deleted", None)
    assert await deps.store.applications.find(ada.id) is None


async def test_who_never_applied_is_erased_and_who_is_in_stays(deps: Deps, make_user: MakeUser) -> None:
    admin = await set_door(deps, make_user, LINK)
    invite = await make_invite(deps, admin)
    lost, come = await newcomer(deps, "Lost", has_profile=False), await newcomer(deps, "Come", has_profile=False)
    await update_profile(deps, await accept_invite(deps, come, invite.code), PROFILE)
    await follow_up_applications(later(deps, 31 * DAY))
    assert [(await deps.store.users.find(user.id)).status for user in (lost, come)] == ["deleted", "active"]  # type: ignore[union-attr]


async def test_opening_the_door_lets_everybody_in(client: Client, deps: Deps, make_user: MakeUser) -> None:
    admin = await set_door(deps, make_user, APPROVAL)
    ada, ben = await newcomer(deps, "Ada"), await newcomer(deps, "Ben", has_profile=False)
    await apply(client, ada)
    await change_community(deps, admin, CommunityChanges(join=OPEN))
    await settle_applications(deps)
    assert [await membership(deps, user) for user in (ada, ben)] == ["member", "member"]


async def test_a_flood_of_applications_shows_few_cards_at_a_time(
    client: Client, deps: Deps, make_user: MakeUser
) -> None:
    admin = await set_door(deps, make_user, APPROVAL)
    users = [await newcomer(deps, f"Ada{number}") for number in range(MAX_SHOWN + 3)]
    for user in users:
        await apply(client, user)
    cards = deps.store.database.collection("staff_cards")
    assert await cards.count_documents({"kind": "application"}) == MAX_SHOWN
    await ask(client, admin, "POST", f"/api/moderation/applications/{users[0].id}", {"decision": "not_now"})
    assert await cards.count_documents({"kind": "application"}) == MAX_SHOWN + 1
    for _ in range(5):
        await ask(client, users[1], "POST", "/api/application", {"answer": "again"})
    status, problem = await ask(client, users[1], "POST", "/api/application", {"answer": "again"})
    assert (status, problem["code"]) == (429, "application.too_fast")


@pytest.mark.parametrize("spoilt", ["revoked", "expired", "used_up", "banned", "suspended", "hidden", "unknown", "own"])
async def test_a_link_that_leads_nowhere_says_so_and_lets_nobody_in(
    client: Client, deps: Deps, make_user: MakeUser, spoilt: str
) -> None:
    admin = await set_door(deps, make_user, LINK)
    mia = await make_user("Mia", role=MODERATOR)
    invite = await make_invite(deps, mia, uses=1, days=1)
    code = invite.code if spoilt != "unknown" else "nonsense-code"
    ada = mia if spoilt == "own" else await newcomer(deps, "Ada")
    if spoilt == "revoked":
        assert (await ask(client, admin, "DELETE", f"/api/invites/{invite.id}"))[1]["state"] == "revoked"
    elif spoilt == "expired":
        query = {"_id": object_id(invite.id)}
        await deps.store.database.collection("invites").update_one(query, {"$set": {"until": deps.now() - DAY}})
    elif spoilt == "used_up":
        ben = await newcomer(deps, "Ben")
        assert (await ask(client, ben, "POST", "/api/invites/accept", {"code": code}))[1]["membership"] == "member"
    elif spoilt == "banned":
        query = {"_id": object_id(mia.id)}
        await deps.store.database.collection("users").update_one(query, {"$set": {"status": BANNED}})
    elif spoilt == "suspended":
        await standing.suspend(deps, admin, mia.id, reason="rude")
    elif spoilt == "hidden":
        await standing.hide(deps, admin, mia.id)
    status, problem = await ask(client, ada, "POST", "/api/invites/accept", {"code": code})
    assert (status, problem["code"]) == (404, "invite.not_valid")
    if spoilt != "own":
        assert await membership(deps, ada) == "applicant"


async def test_a_moderator_who_may_not_decide_ends_no_links_of_others(
    client: Client, deps: Deps, make_user: MakeUser
) -> None:
    admin = await set_door(deps, make_user, LINK)
    mia = await make_user("Mia", role=MODERATOR)
    invite = await make_invite(deps, admin)
    await standing.suspend(deps, admin, mia.id, reason="rude")
    status, problem = await ask(client, mia, "DELETE", f"/api/invites/{invite.id}")
    assert (status, problem["code"]) == (403, "standing.suspended")


async def test_a_merge_takes_the_application_and_the_invitations_along(
    client: Client, deps: Deps, make_user: MakeUser
) -> None:
    admin = await set_door(deps, make_user, APPROVAL)
    await change_community(deps, admin, CommunityChanges(members_may_invite=True))
    ada, twin = await newcomer(deps, "Ada", has_profile=False), await newcomer(deps, "Twin")
    await apply(client, twin)
    code, _ = await offer_merge(deps, ada)
    survivor = await accept_merge(deps, twin, code)
    _, [listed] = await ask(client, admin, "GET", "/api/moderation/applications")
    assert (listed["user"]["_id"], listed["answer"]) == (survivor.id, "Hello")
    member, other = await make_user("Mia", email="mia@example.org"), await make_user("Mia")
    invite = await make_invite(deps, member)
    code, _ = await offer_merge(deps, other)
    merged = await accept_merge(deps, member, code)
    assert [one.id for one in await list_invites(deps, merged)] == [invite.id]
    code, _ = await offer_merge(deps, survivor)
    joined = await accept_merge(deps, merged, code)  # a member and an applicant: the application is over
    assert joined.standing.membership == "member"
    assert (await ask(client, admin, "GET", "/api/moderation/applications"))[1] == []


async def test_of_two_people_with_the_last_use_one_comes_in(client: Client, deps: Deps, make_user: MakeUser) -> None:
    admin = await set_door(deps, make_user, LINK)
    invite = await make_invite(deps, admin, uses=1)
    people = [await newcomer(deps, name, has_profile=False) for name in ("Ada", "Ben", "Cy")]
    for user in people:
        status, profile = await ask(client, user, "POST", "/api/invites/accept", {"code": invite.code})
        assert (status, profile["membership"]) == (200, "applicant")
    body = {"skills_offered": ["Guitar"], "skills_wanted": ["Python"]}
    await asyncio.gather(*(ask(client, user, "PUT", "/api/user", body) for user in people))
    assert sorted([await membership(deps, user) for user in people]) == ["applicant", "applicant", "member"]
    _, (listed,) = await ask(client, admin, "GET", "/api/invites")
    assert (listed["used"], listed["state"]) == (1, "used_up")


async def test_a_members_invitation_to_a_community_with_approval_is_told_to_the_moderators(
    client: Client, deps: Deps, make_user: MakeUser
) -> None:
    admin = await set_door(deps, make_user, APPROVAL)
    ada, ben = await make_user("Ada"), await newcomer(deps, "Ben")
    status, problem = await ask(client, ada, "POST", "/api/invites", {})
    assert (status, problem["code"]) == (403, "invite.not_allowed")
    await change_community(deps, admin, CommunityChanges(members_may_invite=True))
    status, link = await ask(client, ada, "POST", "/api/invites", {"uses": 400})
    assert (status, link["uses"], link["start"]) == (201, 5, f"i_{link['code']}")
    _, profile = await ask(client, ben, "POST", "/api/invites/accept", {"code": link["code"]})
    assert profile["membership"] == "applicant"
    await apply(client, ben)
    _, [listed] = await ask(client, admin, "GET", "/api/moderation/applications")
    assert listed["invited_by"] == ada.id
    by_staff = await make_invite(deps, admin)
    cy = await newcomer(deps, "Cy")
    _, profile = await ask(client, cy, "POST", "/api/invites/accept", {"code": by_staff.code})
    assert profile["membership"] == "member"


async def test_half_made_profiles_are_reminded_twice_and_never_again(deps: Deps, make_user: MakeUser) -> None:
    ada, ben = await newcomer(deps, "Ada", has_profile=False), await newcomer(deps, "Ben")
    for after, expected in ((0.5, 0), (1.5, 1), (3, 1), (4.5, 2), (7, 2), (40, 2)):
        for _ in range(2):
            await remind_half_made(later(deps, after * DAY))
        assert (await letters_to(deps, ada)).count("half_made") == expected, after
    assert await letters_to(deps, ben) == []


async def test_an_admin_who_comes_later_stands_before_no_door(deps: Deps, make_user: MakeUser) -> None:
    await set_door(deps, make_user, LINK)
    ada = await newcomer(deps, "Ada")
    await grant_role(deps, ada.id, MODERATOR)
    assert await membership(deps, ada) == "member"


async def test_an_admin_of_the_settings_who_links_telegram_later_is_in(deps: Deps, make_user: MakeUser) -> None:
    await set_door(deps, make_user, LINK)
    ada = await newcomer(deps, "Ada")
    named = replace(deps, admin_telegram_ids=frozenset({4711}))
    await sign_in(named, Identity(TELEGRAM, "4711", telegram_id=4711), linking=ada)
    assert await membership(deps, ada) == "member"
