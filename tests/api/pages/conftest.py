"""Fixtures: pages as a browser without scripts reads them, and forms as it sends them."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from html import unescape

import pytest

from domain.users import User
from tests.api.conftest import Client

Get = Callable[[User | None, str], Awaitable[tuple[int, str]]]
"""Read a page; a redirect gives its address in place of the page."""
Post = Callable[[User | None, str, Sequence[tuple[str, str]]], Awaitable[tuple[int, str]]]
"""Send a form; a redirect gives its address in place of the page."""


@pytest.fixture
def read(client: Client) -> Get:
    async def read(reader: User | None, path: str) -> tuple[int, str]:
        async with client(reader).get(path, allow_redirects=False) as answer:
            return answer.status, answer.headers.get("Location") or unescape(await answer.text())

    return read


@pytest.fixture
def send(client: Client) -> Post:
    async def send(actor: User | None, path: str, fields: Sequence[tuple[str, str]] = ()) -> tuple[int, str]:
        async with client(actor).post(path, data=list(fields), allow_redirects=False) as answer:
            return answer.status, answer.headers.get("Location") or unescape(await answer.text())

    return send


def values_of(page: str, field: str) -> list[str]:
    """Return the values of the inputs of this name."""
    return re.findall(rf'name="{field}" value="([^"]*)"', page)
