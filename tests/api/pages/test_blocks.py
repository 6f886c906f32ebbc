"""Blocking in the browser: plain pages, for whoever has no script, in the reader's language."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from handlers.blocks import list_blocks
from handlers.circles import ask_circle, join_circle
from handlers.swaps import get_swap
from tests.factories import list_possible

if TYPE_CHECKING:
    import aiohttp

    from handlers.runtime.deps import Deps
    from tests.api.conftest import Client, Web
    from tests.factories import MakeSwap, MakeUser

FORM = re.compile(r'<form class="stack" method="post" action="([^"]+)">(.*?)</form>', re.DOTALL)
FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


async def read(http: aiohttp.ClientSession, path: str) -> tuple[int, str]:
    async with http.get(path, allow_redirects=False) as answer:
        return answer.status, await answer.text()


async def press(http: aiohttp.ClientSession, page: str, *, origin: str) -> tuple[int, str]:
    """Send the only form of a page, as a browser without scripts does."""
    [(action, inside)] = FORM.findall(page)
    headers, fields = {"Origin": origin}, dict(FIELD.findall(inside))
    async with http.post(action, data=fields, headers=headers, allow_redirects=False) as answer:
        return answer.status, answer.headers.get("Location", "")


@pytest.mark.parametrize("status", ["pending", "accepted", "rejected"])
async def test_a_person_of_a_swap_is_blocked_and_unblocked_by_links_and_forms(
    deps: Deps, client: Client, web: Web, make_user: MakeUser, make_swap: MakeSwap, status: str
) -> None:
    ada, ben = await make_user("Ada"), await make_user("<i>Ben</i>")
    swap = await make_swap(ada, ben, status=status)
    http = client(ada)
    link = f'<a href="/block/{ben.id}" aria-label="🚫 Block &lt;i&gt;Ben&lt;/i&gt;">'
    assert link in (await read(http, f"/swaps/{swap.id}"))[1]
    code, page = await read(http, f"/block/{ben.id}")
    assert code == 200
    assert "<h1>Block &lt;i&gt;Ben&lt;/i&gt;?</h1>" in page
    assert "data-module" not in page  # works without scripts
    assert await list_blocks(deps, ada) == []
    assert await press(http, page, origin=web.url) == (303, "/")
    assert [block.user.id for block in await list_blocks(deps, ada)] == [ben.id]
    assert not (await get_swap(deps, ada, swap.id)).is_open
    settings = (await read(http, "/settings"))[1]
    assert '<a class="line" href="/blocks">' in settings
    code, page = await read(http, "/blocks")
    assert "&lt;i&gt;Ben&lt;/i&gt;" in page
    assert await press(http, page, origin=web.url) == (303, "/blocks")
    assert await list_blocks(deps, ada) == []
    assert "You have not blocked anybody." in (await read(http, "/blocks"))[1]


@pytest.mark.parametrize("is_closed", [False, True])
async def test_both_others_of_a_circle_can_be_blocked_and_an_invitation_does_not_say_who_they_are(
    deps: Deps, client: Client, web: Web, make_user: MakeUser, *, is_closed: bool
) -> None:
    ana = await make_user("Ana Alvarez", skills_offered=("Guitar",), skills_wanted=("Chinese",))
    li = await make_user("Li Lanister", skills_offered=("Python",), skills_wanted=("Guitar",))
    noor = await make_user("Noor", skills_offered=("Chinese",), skills_wanted=("Python",))
    [possible] = await list_possible(deps, ana)
    circle = await ask_circle(deps, ana, possible.id)
    for person in (noor, li) if is_closed else ():
        await join_circle(deps, person, circle.id, version=1)
    http = client(li)
    _, circles = await read(http, "/circles")
    links = dict(re.findall(r'href="(/circles/\w+/block/\w+)">🚫 Block (\w+)<', circles))
    assert sorted(links.values()) == ["Ana", "Noor"]
    [path] = [path for path, name in links.items() if name == "Ana"]
    code, page = await read(http, path)
    assert (code, "<h1>Block Ana?</h1>" in page) == (200, True)
    assert "Alvarez" not in page
    assert ana.id not in page
    assert await press(http, page, origin=web.url) == (303, "/")
    assert [block.user.id for block in await list_blocks(deps, li)] == [ana.id]
    assert circle.id not in (await read(http, "/circles"))[1]
    eve = await make_user("Eve")
    for other in (path, f"/circles/{circle.id}/block/nobody", f"/circles/{'0' * 24}/block/you_learn"):
        assert (await read(client(eve), other))[0] == 404


@pytest.mark.parametrize(
    ("locale", "title", "listed"),
    [
        ("en", "Block Ben?", "People you have blocked"),
        ("es", "¿Bloquear a Ben?", "A quién has bloqueado"),
        ("de", "Ben blockieren?", "Wen du blockiert hast"),
        ("fr", "Bloquer Ben\N{NARROW NO-BREAK SPACE}?", "Les personnes que tu as bloquées"),
    ],
)
async def test_the_pages_are_in_the_readers_language(
    client: Client, make_user: MakeUser, locale: str, title: str, listed: str
) -> None:
    ada, ben = await make_user("Ada", locale=locale), await make_user("Ben")
    assert f"<h1>{title}</h1>" in (await read(client(ada), f"/block/{ben.id}"))[1]
    assert f"<h1>{listed}</h1>" in (await read(client(ada), "/blocks"))[1]


async def test_a_form_of_another_site_blocks_and_unblocks_nobody(
    deps: Deps, client: Client, web: Web, make_user: MakeUser
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    http = client(ada)
    _, page = await read(http, f"/block/{ben.id}")
    assert (await press(http, page, origin="https://elsewhere.example.org"))[0] == 403
    assert await list_blocks(deps, ada) == []
    await press(http, page, origin=web.url)
    _, page = await read(http, "/blocks")
    assert (await press(http, page, origin="https://elsewhere.example.org"))[0] == 403
    assert [block.user.id for block in await list_blocks(deps, ada)] == [ben.id]


async def test_problems_are_pages_and_strangers_are_asked_to_sign_in(
    client: Client, web: Web, make_user: MakeUser
) -> None:
    ada, hal = await make_user("Ada"), await make_user("Hal", is_public=False)
    for path in (f"/block/{hal.id}", f"/block/{'0' * 24}", "/block/nobody"):
        code, page = await read(client(ada), path)
        assert (code, "<h1>That did not work</h1>" in page) == (404, True)
        assert "Hal" not in page
    async with client(ada).post("/blocks", data={"user_id": hal.id}, headers={"Origin": web.url}) as answer:
        assert (answer.status, answer.content_type) == (404, "text/html")
    async with client().get("/block/nobody", allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/api/auth/signin?callbackUrl=%2Fblock%2Fnobody")


async def test_a_question_about_oneself_says_so(client: Client, web: Web, make_user: MakeUser) -> None:
    ada = await make_user("Ada")
    async with client(ada).post(f"/block/{ada.id}", headers={"Origin": web.url}) as answer:
        assert (answer.status, "You cannot block yourself." in await answer.text()) == (422, True)
