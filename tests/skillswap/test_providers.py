"""Sign-in by the settings: the session secret can be rotated while users stay signed in."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from skillswap.bootstrap import open_deps
from skillswap.providers import open_providers
from skillswap.settings import Settings
from storage.mongodb.database import Database

USER = "64b000000000000000000001"
FIRST, SECOND = "the first secret of thirty-two bytes", "the second secret of thirty-two bytes"


async def signed_in(database: Database, data_dir: Path, token: str | None = None, **secrets: str) -> Any:
    """A token and a mail link's digest that a service with these secrets makes, or whether it believes the token."""
    settings = await asyncio.to_thread(lambda: Settings.load(env_file=None, data_dir=data_dir, **secrets))
    deps = await open_deps(settings, database, worker="test", notify=lambda _: None)
    async with AsyncExitStack() as stack:
        sealed_cookies = (await open_providers(settings, stack)).sealed_cookies
        if token is None:
            made = deps.session_tokens.issue(USER, name="Ada", email=None, picture=None, now=deps.now())
            return f"{made} {sealed_cookies.digest('link')}"
        session, digest = token.split()
        return deps.session_tokens.read(session, now=deps.now()) is not None, sealed_cookies.is_digest("link", digest)


async def test_secret_rotation_keeps_sessions_while_the_old_one_is_set(database: Database, tmp_path: Path) -> None:
    kept = await signed_in(database, tmp_path)  # by the secret in the data folder
    generated = (tmp_path / "nextauth.secret").read_text().strip()
    assert await signed_in(database, tmp_path, kept, nextauth_secret=FIRST, nextauth_secret_old=generated) == (
        True,
        True,
    )
    assert await signed_in(database, tmp_path, kept, nextauth_secret=FIRST) == (False, False)

    during = await signed_in(database, tmp_path, nextauth_secret=SECOND, nextauth_secret_old=FIRST)
    assert await signed_in(database, tmp_path, during, nextauth_secret=SECOND) == (True, True)
    assert await signed_in(database, tmp_path, during, nextauth_secret=FIRST) == (False, False)
