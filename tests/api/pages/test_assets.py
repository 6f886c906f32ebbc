"""The files of pages: found under their fingerprint, kept by browsers, nothing else served."""

from __future__ import annotations

import re
from urllib.parse import urljoin

import pytest

from api.pages.assets import FOLDER, TYPES, address_of
from tests.api.conftest import Client
from tests.factories import MakeUser

FILES = sorted(path.name for path in FOLDER.iterdir())


@pytest.mark.parametrize("name", FILES)
async def test_a_file_is_served_for_good_under_its_fingerprint(client: Client, name: str) -> None:
    async with client().get(address_of(name)) as answer:
        assert (answer.status, answer.content_type) == (200, TYPES["." + name.rpartition(".")[2]])
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_an_earlier_fingerprint_gives_the_present_file_for_now(client: Client) -> None:
    async with client().get("/page/0123456789ab/page.css") as answer:
        assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-cache")


@pytest.mark.parametrize("name", ["..%2fhome.py", "nothing.js", "%2e%2e%2f%2e%2e%2fpyproject.toml"])
async def test_nothing_else_is_served(client: Client, name: str) -> None:
    async with client().get(address_of("page.css").replace("page.css", name)) as answer:
        assert answer.status == 404


@pytest.mark.parametrize("path", ["/", "/docs", "/api/auth/signin", "/api/auth/signout", "/mail/stop"])
async def test_a_page_loads_its_files_from_here_alone(client: Client, path: str) -> None:
    async with client().get(path) as answer:
        page, policy = await answer.text(), answer.headers["Content-Security-Policy"]
    loaded = re.findall(r'<(?:link|script|img)[^>]* (?:href|src)="([^"]+)"', page)
    assert loaded
    assert all(urljoin("http://here/", address).startswith("http://here/page/") for address in loaded)
    assert "script-src 'self'; style-src 'self'" in policy
    assert "<style" not in page
    assert not re.search(r"<script(?![^>]* src=)", page)
    assert not re.search(r'<[^>]+ (?:style|on\w+)="', page)


async def test_modules_import_files_that_exist() -> None:
    for path in FOLDER.glob("*.js"):
        for name in re.findall(r'(?:from|import) "\./([^"]+)"', path.read_text()):
            assert (FOLDER / name).is_file(), f"{path.name} imports {name}"
        assert '"/page/' not in path.read_text(), path.name


async def test_a_page_names_all_modules_that_its_scripts_import(client: Client, make_user: MakeUser) -> None:
    async with client(await make_user("Ada")).get("/chats") as answer:
        page = await answer.text()
    named = set(re.findall(r'(?:src|href)="/page/[^/]+/([^"]+\.js)"', page))
    imported = {
        name for module in named for name in re.findall(r'(?:from|import) "\./([^"]+)"', (FOLDER / module).read_text())
    }
    assert "live.js" in imported
    assert imported < named
