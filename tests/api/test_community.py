"""The community over REST: public to read, changed by admins, current in every process."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from domain.community import CommunityChanges
from domain.users import ADMIN, MODERATOR
from handlers.community import change_community, get_community
from handlers.photos import CHAT, reap_photos, upload_photo
from handlers.runtime.deps import Deps
from handlers.users import delete_account
from tests.api.conftest import Client, Web
from tests.factories import MakeUser, build_deps, jpeg, later

HARBOUR = {
    "name": "Harbour Skills", "about": "Neighbours teach each other.", "rules": "Be on time.", "languages": ["en"],
    "contact": "hello@example.org", "join": "approval", "question": "Who are you?", "members_may_invite": True,
}  # fmt: skip


async def put(client: Client, user: Any, body: dict[str, Any], **headers: str) -> tuple[int, Any]:
    async with client(user).put("/api/community", json=body, headers=headers) as answer:
        return answer.status, await answer.json()


async def read(client: Client) -> Any:
    async with client().get("/api/community") as answer:
        assert answer.status == 200
        return await answer.json()


async def test_a_new_service_is_open_and_says_that_nobody_has_set_it_up(client: Client) -> None:
    community = await read(client)
    assert (community["name"], community["join"], community["is_set_up"]) == ("", "open", False)


async def test_an_admin_sets_the_community_up_and_everybody_reads_it(client: Client, make_user: MakeUser) -> None:
    status, written = await put(client, await make_user(role=ADMIN), HARBOUR)
    assert status == 200
    assert {name: written[name] for name in HARBOUR} == HARBOUR
    assert (written["is_set_up"], written["rules_version"], written["version"]) == (True, 1, 1)
    assert await read(client) == written


async def test_moderators_members_and_visitors_do_not_change_the_community(client: Client, make_user: MakeUser) -> None:
    for user in (await make_user(role=MODERATOR), await make_user()):
        status, problem = await put(client, user, HARBOUR)
        assert (status, problem["code"]) == (403, "role.admin_needed")
    status, _ = await put(client, None, HARBOUR)
    assert status == 401
    assert not (await read(client))["is_set_up"]


async def test_only_other_rules_are_a_new_version_of_the_rules(client: Client, make_user: MakeUser) -> None:
    admin = await make_user(role=ADMIN)
    await put(client, admin, HARBOUR)
    _, same = await put(client, admin, {"rules": "  Be on time.\r\n", "about": "Other words."})
    assert (same["rules_version"], same["about"]) == (1, "Other words.")
    _, other = await put(client, admin, {"rules": "Be early."})
    assert other["rules_version"] == 2


@pytest.mark.parametrize(
    ("body", "code"),
    [({"name": " "}, "text.empty"), ({"about": "x" * 301}, "text.too_long"), ({"rules": "x" * 3001}, "text.too_long"),
     ({"question": "x" * 201}, "text.too_long"), ({"join": "closed"}, "invalid_field"),
     ({"join": "group"}, "community.no_group"), ({"languages": ["English"]}, "invalid_field"),
     ({"photo_url": "https://elsewhere.example.org/x.jpg"}, "photo.not_yours"),
     ({"staff_chat_id": 5}, "unknown_field")],
)  # fmt: skip
async def test_what_a_community_cannot_be_is_refused_and_nothing_changes(
    client: Client, make_user: MakeUser, body: dict[str, Any], code: str
) -> None:
    admin = await make_user(role=ADMIN)
    await put(client, admin, HARBOUR)
    status, problem = await put(client, admin, body)
    assert (status, problem["code"]) == (422, code)
    assert (await read(client))["version"] == 1


async def test_of_two_admins_at_once_both_changes_count(client: Client, make_user: MakeUser) -> None:
    admin, other = await make_user(role=ADMIN), await make_user(role=ADMIN)
    bodies = ({"name": "Harbour Skills"}, {"about": "Neighbours."}, {"contact": "me"}, {"rules": "Be kind."})
    users = (admin, other, admin, other)
    answers = await asyncio.gather(*(put(client, user, body) for user, body in zip(users, bodies, strict=True)))
    assert [status for status, _ in answers] == [200] * 4
    community = await read(client)
    expected = {name: value for body in bodies for name, value in body.items()}
    assert {name: community[name] for name in expected} == expected


async def test_a_change_of_an_older_version_is_refused_with_the_present_one(
    client: Client, make_user: MakeUser
) -> None:
    admin = await make_user(role=ADMIN)
    await put(client, admin, HARBOUR)
    await put(client, admin, {"about": "Newer words."})
    status, problem = await put(client, admin, {"about": "Older words."}, **{"If-Match": '"1"'})
    assert (status, problem["code"], problem["current"]["about"]) == (412, "community.changed", "Newer words.")
    status, problem = await put(client, admin, {"about": "Older words.", "version": 1})
    assert (status, problem["current"]["version"]) == (409, 2)


async def test_a_change_reaches_the_other_processes(client: Client, web: Web, deps: Deps, make_user: MakeUser) -> None:
    await web.catch_up()
    assert (await get_community(deps)).name == ""  # cached from here on
    elsewhere = await build_deps(deps.store.database)
    admin = await make_user(role=ADMIN)
    await change_community(elsewhere, admin, CommunityChanges(name="Harbour Skills"))
    await web.catch_up()
    assert (await get_community(deps)).name == "Harbour Skills"


async def test_the_photo_of_the_community_stays_when_its_admin_leaves(
    client: Client, deps: Deps, make_user: MakeUser
) -> None:
    admin = await make_user(role=ADMIN)
    shown, other = [await upload_photo(deps, admin, jpeg(), purpose=CHAT) for _ in range(2)]
    status, community = await put(client, admin, {"photo_url": shown.url})
    assert (status, community["photo_url"]) == (200, shown.url)
    await delete_account(deps, admin)
    await reap_photos(later(deps, timedelta(days=30)))
    assert await deps.photos.find(shown.id) is not None
    assert await deps.photos.find(other.id) is None
    status, _ = await put(client, await make_user(role=ADMIN), {"photo_url": None})
    assert status == 200
    assert await deps.photos.find(shown.id) is None


async def test_rules_are_agreed_to_before_the_first_request_and_anew_when_they_change(
    client: Client, make_user: MakeUser
) -> None:
    admin, ada, ben = await make_user(role=ADMIN), await make_user(), await make_user()
    session = client(ada)
    request = {"to_user_id": ben.id, "offered_skill": ada.skills_offered[0], "wanted_skill": ben.skills_offered[0]}

    async def ask(method: str, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        async with session.request(method, path, json=body) as answer:
            return answer.status, await answer.json()

    for version, words in ((1, "Be kind."), (2, "Be early.")):
        await put(client, admin, {"name": "Harbour", "rules": words})
        status, problem = await ask("POST", "/api/swap", request)
        assert (status, problem["code"]) == (403, "rules.not_agreed")
        status, problem = await ask("PUT", "/api/community/agreement", {"rules_version": version - 1})
        assert (status, problem["code"], problem["current"]["rules"]) == (409, "rules.changed", words)
        status, profile = await ask("PUT", "/api/community/agreement", {"rules_version": version})
        assert (status, profile["rules_agreed"]) == (200, version)
    status, _ = await ask("POST", "/api/swap", request)
    assert status == 201
