"""Timing of responses for known and unknown users, to detect enumeration: measured in turn, medians compared."""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Awaitable, Callable

import aiohttp

from domain.users import User
from storage.mongodb.database import new_id

TRIES = 400
WITHIN_MS = 5.0
"""Limit for the difference of the medians, in milliseconds."""


async def measure_enumeration(
    url: str, people: list[User], private: User, cookie: Callable[[User], dict[str, str]]
) -> None:
    """`private` is a user with a private profile; `cookie` returns the headers of a signed-in user."""
    async with aiohttp.ClientSession(url, cookie_jar=aiohttp.CookieJar(unsafe=True)) as web:
        async with web.get("/api/auth/csrf") as reply:
            csrf = (await reply.json())["csrfToken"]

        async def ask_for_mail(address: str) -> None:
            form = {"csrfToken": csrf, "email": address, "json": "true"}
            async with web.post("/api/auth/signin/email", data=form) as reply:
                assert reply.status == 200, await reply.text()
                await reply.read()

        askers = itertools.cycle(cookie(person) for person in people[:TRIES])  # within the rate limit of each viewer

        async def view_profile(user_id: str) -> None:
            async with web.get(f"/api/users/{user_id}", headers=next(askers)) as reply:
                assert reply.status == 404, await reply.text()
                await reply.read()

        known = [person.email or "" for person in people[-TRIES:]]
        gap = await _gap(ask_for_mail, known, [f"nobody-{number}@people.example.org" for number in range(TRIES)])
        _line("sign-in mail, known or unknown address", gap)
        gap = await _gap(view_profile, [private.id] * TRIES, [new_id() for _ in range(TRIES)])
        _line("profile, private or absent", gap)


async def _gap(ask: Callable[[str], Awaitable[None]], first: list[str], second: list[str]) -> float:
    """Return the difference of the medians of the two kinds, in milliseconds."""
    times: tuple[list[float], list[float]] = ([], [])
    for one, other in zip(first, second, strict=True):
        for kind, word in enumerate((one, other)):
            started = time.perf_counter()
            await ask(word)
            times[kind].append((time.perf_counter() - started) * 1000)
    return abs(statistics.median(times[0]) - statistics.median(times[1]))


def _line(name: str, gap: float) -> None:
    print(f"{f'gap of the medians: {name}':<60}{gap:6.2f} ms   less than {WITHIN_MS:.0f} promised, {TRIES} tries each")
