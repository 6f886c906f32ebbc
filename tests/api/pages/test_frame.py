"""The frame of the pages: the front page, help, what is not there, and how much a first page weighs."""

from __future__ import annotations

import gzip
import re
from urllib.parse import urljoin

import pytest

from api.pages.assets import FOLDER
from domain.users import User
from storage.media.photos import Photos
from tests.api.conftest import Client, Web
from tests.api.pages.conftest import Get, values_of
from tests.cloudinary_endpoint import CLOUD, new_secret
from tests.factories import MakeSwap, MakeUser

KB = 1000
HTML, STYLES, MODULES, ICONS, WHOLE = 15 * KB, 12 * KB, 25 * KB, 4 * KB, 100 * KB
"""Budgets of a first page, compressed."""
AT_LEAST = 3


async def test_a_visitor_signs_in_by_mail_on_the_front_page(client: Client, web: Web) -> None:
    session = client()
    async with session.get("/") as answer:
        page = await answer.text()
        cookies = {name: cookie.value for name, cookie in answer.cookies.items()}
    fields = {"email": "ada@example.org", "csrfToken": values_of(page, "csrfToken")[0], "callbackUrl": "/"}
    async with session.post("/api/auth/signin/email", data=fields, cookies=cookies, allow_redirects=False) as answer:
        assert answer.headers["Location"].endswith("/api/auth/verify-request?provider=email&type=email")


async def test_help_and_privacy_are_there_for_everybody(make_user: MakeUser, read: Get) -> None:
    for reader in (None, await make_user("Ada")):
        for path, words in (("/help", "What waits for me?"), ("/privacy", "Who sees it")):
            status, page = await read(reader, path)
            assert (status, words in page) == (200, True)
            assert ('href="/chats"' in page) == (reader is not None)


async def test_an_address_where_there_is_nothing_has_the_navigation(client: Client, make_user: MakeUser) -> None:
    for reader in (None, await make_user("Ada")):
        async with client(reader).get("/nowhere", headers={"Accept": "text/html"}) as answer:
            page = await answer.text()
        assert (answer.status, "There is nothing here" in page) == (404, True)
        assert ('href="/chats"' in page) == (reader is not None)


async def test_numbers_of_the_navigation_are_had_over_rest(
    client: Client, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    await make_swap(ada, ben)
    for reader, waiting in ((ben, 1), (ada, 0)):
        async with client(reader).get("/api/badges") as answer:
            assert await answer.json() == {"waiting": waiting, "unread": 0}


async def test_photos_come_from_where_they_are_kept_alone(client: Client, web: Web) -> None:
    async with client().get("/") as answer:
        policy = answer.headers["Content-Security-Policy"]
    sources = re.search(r"img-src ([^;]+)", policy)
    assert sources is not None
    assert sources[1].split() == ["'self'", "data:", "blob:", web.deps.public_url]


async def test_photos_at_a_host_come_from_there_too(web: Web) -> None:
    from storage.media.cloudinary import CloudinaryAssets

    assets = CloudinaryAssets(CLOUD, "1", new_secret())
    photos = Photos(web.deps.store.database, assets, base_url="https://example.org")
    assert photos.origins == ("https://example.org", "https://*.cloudinary.com")
    await assets.close()


@pytest.mark.parametrize("path", ["/", "/swaps", "/discover", "/help", "/api/auth/signin"])
async def test_a_first_page_is_light_and_comes_in_one_round(
    client: Client, make_user: MakeUser, make_swap: MakeSwap, path: str
) -> None:
    reader = await _reader(make_user, make_swap) if path in ("/swaps", "/discover", "/help") else None
    session = client(reader)
    async with session.get(path, headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        page = await answer.text()
    icons = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    named = dict.fromkeys(re.findall(r'<(?:link|script)[^>]* (?:href|src)="([^"]+)"', page))
    weights = {"styles": 0, "modules": 0, "other": 0}
    for address in named:
        assert urljoin("http://here/", address).startswith("http://here/page/")
        async with session.get(address, headers={"Accept-Encoding": "gzip"}) as answer:
            assert answer.headers["Content-Encoding"] == "gzip"
            weight = len(gzip.compress(await answer.read()))
        kind = "styles" if address.endswith(".css") else "modules" if address.endswith(".js") else "other"
        weights[kind] += weight
    _require_one_round(page)
    html = len(gzip.compress(page.encode()))
    drawn = len(gzip.compress("".join(icons).encode()))
    print(f"{path}: HTML {html}, of it icons {drawn}, styles {weights['styles']}, modules {weights['modules']} bytes")
    assert html <= HTML
    assert drawn <= ICONS
    assert weights["styles"] <= STYLES
    assert weights["modules"] <= MODULES
    assert html + sum(weights.values()) < WHOLE


async def _reader(make_user: MakeUser, make_swap: MakeSwap) -> User:
    reader = await make_user("Ben", skills_offered=("Guitar",), skills_wanted=("Python",))
    for number in range(AT_LEAST):
        asker = await make_user(f"Ada {number}", skills_offered=("Python",), skills_wanted=("Guitar",))
        await make_swap(asker, reader, message="Hello Ben, shall we?")
    return reader


def _require_one_round(page: str) -> None:
    """Check that the page names every module that its modules import."""
    named = set(re.findall(r'(?:src|href)="/page/[^/]+/([^"]+\.js)"', page))
    for module in named | set(re.findall(r'data-module="([^"]+)"', page)):
        imported = set(re.findall(r'^import .*"\./([^"]+)";$', (FOLDER / module).read_text(), re.MULTILINE))
        assert imported <= named, f"{module} imports what comes in a second round"
        assert module in named, f"{module} comes in a second round"
