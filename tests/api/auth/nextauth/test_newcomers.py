"""Newcomers of the web are found by others from the first skills on, unless they said otherwise."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.auth.nextauth.conftest import Browser, Post
from tests.api.conftest import Client
from tests.factories import MakeUser

BO = "bo@example.org"
SKILLS = {"skills_offered": ["Lutes"], "skills_wanted": ["Chess"]}


async def put(browser: Browser, body: dict[str, Any]) -> dict[str, Any]:
    async with browser.session.put("/api/user", json=body) as answer:
        assert answer.status == 200, await answer.text()
        profile: dict[str, Any] = await answer.json()
        return profile


@pytest.mark.parametrize(
    ("first", "then", "is_found"),
    [
        ({"name": "Bo Lutist", "location": "Harbour"}, {}, False),
        ({"name": "Bo Lutist"}, SKILLS, True),
        ({"name": "Bo Lutist", "is_public": True}, SKILLS, True),
        ({"name": "Bo Lutist", "is_public": False}, SKILLS, False),
    ],
    ids=["no skill", "with skills", "said public", "said private"],
)
async def test_a_newcomer_is_found_once_there_are_skills_and_unless_they_said_private(
    browser: Browser,
    post: Post,
    client: Client,
    make_user: MakeUser,
    first: dict[str, Any],
    then: dict[str, Any],
    is_found: bool,
) -> None:
    viewer = await make_user("Vi", skills_offered=("Chess",), skills_wanted=("Lutes",))
    await browser.get("/api/auth/signin")
    await browser.submit("/api/auth/signin/email", email=BO)
    await browser.get(await post.link(BO))
    bo = (await put(browser, first))["_id"]
    profile = await put(browser, then)
    assert profile["is_public"] is first.get("is_public", True)
    async with client(viewer).get(f"/api/users/{bo}") as answer:
        assert answer.status == (200 if is_found else 404)
    for path in ("/api/users?skill=lutes", "/api/users?name=Lutist", "/api/matches"):
        async with client(viewer).get(path) as answer:
            assert answer.status == 200, await answer.text()
            shown = [row.get("user", row)["_id"] for row in await answer.json()]
        assert shown == ([bo] if is_found else []), path
