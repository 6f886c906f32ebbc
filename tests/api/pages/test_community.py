"""The name of the community stands on pages and in calendars, as soon as an admin has given it one."""

from __future__ import annotations

from domain.community import CommunityChanges
from domain.users import ADMIN
from handlers.calendar_feeds import issue_feed
from handlers.community import change_community
from handlers.runtime.deps import Deps
from tests.api.conftest import Client
from tests.factories import MakeUser


async def test_pages_are_called_by_the_name_of_the_community(client: Client, deps: Deps, make_user: MakeUser) -> None:
    async with client().get("/") as answer:
        assert "<title>Skill Swap</title>" in await answer.text()
    changes = CommunityChanges(name="Harbour <b>", about="For & by neighbours", rules="Be\nkind.", contact="me@x.org")
    await change_community(deps, await make_user(role=ADMIN), changes)
    async with client().get("/") as answer:
        page = await answer.text()
    assert "<title>Harbour &lt;b&gt;</title>" in page
    for words in (
        "<h1>Harbour &lt;b&gt;</h1>",
        "For &amp; by neighbours",
        "Be\nkind.",
        "me@x.org",
        "Everybody can join",
    ):
        assert words in page, words
    async with client().get("/api/auth/signin") as answer:
        assert "Harbour &lt;b&gt;" in await answer.text()


async def test_a_calendar_is_called_by_the_name_of_the_community(
    client: Client, deps: Deps, make_user: MakeUser
) -> None:
    await change_community(deps, await make_user(role=ADMIN), CommunityChanges(name="Harbour"))
    feed = await issue_feed(deps, await make_user())
    async with client().get(feed.url.removeprefix(deps.public_url)) as answer:
        assert "X-WR-CALNAME:Harbour" in await answer.text()
