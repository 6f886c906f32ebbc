"""Organisers in a browser, with plain forms: the community, its photo, invite links, and the team."""

from __future__ import annotations

import re
from typing import Any

import aiohttp
import pytest

from domain.community import CommunityChanges
from domain.users import ADMIN, MODERATOR, User
from handlers import standing
from handlers.audit import list_audit
from handlers.community import change_community, get_community
from handlers.invites import list_invites
from handlers.runtime.deps import Deps
from handlers.users import get_user
from tests.api.conftest import Client
from tests.api.pages.conftest import Get, Post, values_of
from tests.factories import MakeUser, jpeg


@pytest.fixture
async def olga(make_user: MakeUser) -> User:
    return await make_user("Olga", role=ADMIN)


FIELDS = [
    ("name", "Harbour <b>"),
    ("about", "Neighbours."),
    ("rules", "Be kind.\r\nBe on time."),
    ("languages", "es, en fr"),
    ("contact", "olga@example.org"),
    ("join", "approval"),
    ("question", "Why?"),
    ("members_may_invite", "on"),
]


async def test_all_fields_of_the_community_are_changed_in_one_form(
    deps: Deps, olga: User, read: Get, send: Post
) -> None:
    _, page = await read(olga, "/community/edit")
    version = values_of(page, "version")[0]
    assert await send(olga, "/community/edit", [("version", version), *FIELDS]) == (303, "/community")
    now = await get_community(deps)
    assert (now.name, now.rules, now.languages) == ("Harbour <b>", "Be kind.\nBe on time.", ("es", "en", "fr"))
    assert (now.join, now.question, now.members_may_invite, now.rules_version) == ("approval", "Why?", True, 1)
    _, page = await read(olga, "/community/edit")
    for words in ("Harbour <b>", "Be kind.\nBe on time.", "es, en, fr", 'value="approval" checked'):
        assert words in page, words
    fields = [field for field in FIELDS if field[0] not in ("members_may_invite", "rules")]
    assert (await send(olga, "/community/edit", [("version", values_of(page, "version")[0]), *fields]))[0] == 303
    now = await get_community(deps)
    assert (now.members_may_invite, now.rules) == (False, "")


async def test_what_another_admin_wrote_stands_beside_what_was_filled_in(
    deps: Deps, olga: User, make_user: MakeUser, read: Get, send: Post
) -> None:
    version = values_of((await read(olga, "/community/edit"))[1], "version")[0]
    await change_community(deps, await make_user(role=ADMIN), CommunityChanges(name="Theirs", contact="them@x.org"))
    status, page = await send(olga, "/community/edit", [("version", version), *FIELDS])
    assert status == 409
    for words in ('role="alert"', "Harbour <b>", "Be kind.", 'value="approval" checked', "Now it says:", "them@x.org"):
        assert words in page, words
    assert (await get_community(deps)).name == "Theirs"
    fields = [("version", values_of(page, "version")[0]), *FIELDS]
    assert (await send(olga, "/community/edit", fields))[0] == 303
    assert (await get_community(deps)).name == "Harbour <b>"


@pytest.mark.parametrize(
    ("name", "value"), [("name", ""), ("languages", "spanish"), ("join", "group"), ("join", "x"), ("about", "x" * 301)]
)
async def test_what_cannot_be_used_is_refused_beside_the_form(
    deps: Deps, olga: User, send: Post, name: str, value: str
) -> None:
    status, page = await send(olga, "/community/edit", [*((n, v) for n, v in FIELDS if n != name), (name, value)])
    assert (status, "Be kind." in page, 'role="alert"' in page) == (422, True, True)
    assert not (await get_community(deps)).is_set_up


async def test_a_photo_is_uploaded_by_a_form_and_removed(deps: Deps, olga: User, client: Client, send: Post) -> None:
    session = client(olga)

    def form(data: bytes) -> aiohttp.FormData:
        made = aiohttp.FormData()
        made.add_field("photo", data, filename="harbour.jpg", content_type="image/jpeg")
        return made

    async with session.post("/community/photo", data=form(jpeg()), allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/community/edit")
    assert (await get_community(deps)).photo_url
    assert (await get_user(deps, olga.id)).photo_url is None
    async with session.post("/community/photo", data=form(b"no photo"), allow_redirects=False) as answer:
        assert (answer.status, 'role="alert"' in await answer.text()) == (415, True)
    assert await send(olga, "/community/photo/remove", [("x", "")]) == (303, "/community/edit")
    assert (await get_community(deps)).photo_url is None


async def test_an_invite_link_is_made_with_bounds_and_ended(deps: Deps, olga: User, read: Get, send: Post) -> None:
    path = "/community/invites"
    assert await send(olga, path, [("uses", "7"), ("days", "3")]) == (303, path)
    [invite] = await list_invites(deps, olga)
    assert (invite.uses, (invite.until - invite.created_at).days) == (7, 3)
    _, page = await read(olga, path)
    assert f"{deps.public_url}/i/{invite.code}" in page
    assert f"?start=i_{invite.code}" in page
    for fields in ([("uses", "501")], [("uses", "many")], [("days", "0")]):
        status, page = await send(olga, path, fields)
        assert (status, 'role="alert"' in page) == (422, True), fields
    assert await send(olga, path, [("end", invite.id)]) == (303, path)
    assert "This invitation was taken back" in (await read(olga, path))[1]
    assert len(await list_invites(deps, olga)) == 1


async def test_members_invite_where_they_may(
    deps: Deps, olga: User, make_user: MakeUser, read: Get, send: Post
) -> None:
    ada, path = await make_user("Ada"), "/community/invites"
    assert "Only moderators invite" in (await read(ada, path))[1]
    assert (await send(ada, path, [("uses", "7")]))[0] == 403
    await change_community(deps, olga, CommunityChanges(name="Harbour", members_may_invite=True))
    assert 'href="/community/invites"' in (await read(ada, "/community"))[1]
    assert await send(ada, path, [("uses", "7")]) == (303, path)
    [invite] = await list_invites(deps, ada)
    assert invite.uses == 5
    eve = await make_user("Eve")
    assert (await send(eve, path, [("end", invite.id)]))[0] == 404


async def test_an_admin_makes_moderators_and_takes_the_role_back(
    deps: Deps, olga: User, make_user: MakeUser, read: Get, send: Post
) -> None:
    mia, path = await make_user("Mia <b>", email="mia@example.org"), "/community/staff"
    assert await send(olga, path, [("who", "mia@example.org"), ("role", "moderator")]) == (303, path)
    assert (await get_user(deps, mia.id)).role == MODERATOR
    assert "Mia <b>" in (await read(olga, path))[1]
    [entry] = await list_audit(deps, olga, about=mia.id)
    assert (entry.by, entry.action, dict(entry.after)) == (olga.id, "role", {"role": MODERATOR})
    assert await send(olga, path, [("who", mia.id), ("role", "member")]) == (303, path)
    assert (await get_user(deps, mia.id)).role == "member"
    status, page = await send(olga, path, [("who", "nobody@<x>"), ("role", "moderator")])
    assert (status, "nobody@<x>" in page) == (404, True)
    assert (await send(olga, path, [("who", mia.id), ("role", "queen")]))[0] == 422
    assert (await send(olga, path, [("who", olga.id), ("role", "member")]))[0] == 403
    await standing.hide(deps, olga, mia.id, reason="rude")
    assert (await send(olga, path, [("who", mia.id), ("role", "moderator")]))[0] == 409


async def test_only_admins_change_the_community_and_its_team(
    client: Any, deps: Deps, make_user: MakeUser, read: Get, send: Post
) -> None:
    for person in (await make_user("Ada"), await make_user("Max", role=MODERATOR)):
        assert (await read(person, "/community/edit"))[0] == 403
        for path in ("/community/edit", "/community/photo", "/community/photo/remove", "/community/staff"):
            assert (await send(person, path, [*FIELDS, ("who", person.id), ("role", "admin")]))[0] == 403, path
        async with client(person).put(f"/api/moderation/people/{person.id}/role", json={"role": "admin"}) as answer:
            assert answer.status == 403
        assert (await get_user(deps, person.id)).role != ADMIN
    assert not (await get_community(deps)).is_set_up


async def test_roles_over_rest(client: Any, olga: User, make_user: MakeUser) -> None:
    mia = await make_user("Mia")
    async with client(olga).put(f"/api/moderation/people/{mia.id}/role", json={"role": "moderator"}) as answer:
        assert (answer.status, (await answer.json())["role"]) == (200, "moderator")
    async with client(mia).get("/api/moderation/staff") as answer:
        assert [(one["name"], one["role"]) for one in await answer.json()] == [("Olga", "admin"), ("Mia", "moderator")]
    async with client(await make_user()).get("/api/moderation/staff") as answer:
        assert answer.status == 403


async def test_markup_in_the_form_is_text(olga: User, client: Client, send: Post) -> None:
    await send(olga, "/community/edit", FIELDS)
    async with client(olga).get("/community/edit") as answer:
        assert not re.search(r"Harbour <b>", await answer.text())
