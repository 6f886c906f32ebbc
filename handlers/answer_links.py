"""Links by which somebody answers the organisers without signing in: those who are banned cannot, and many have no
Telegram."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from domain.errors import NotFound
from domain.users import DELETED, User
from handlers.auth.sealed_cookies import SealedCookies
from handlers.runtime.deps import Deps

COOKIE_NAME: Final = "skillswap.answer"
LINK_LIVES: Final = timedelta(days=90)


def answer_link(deps: Deps, sealed_cookies: SealedCookies, person: User) -> str:
    """Return the address of the page on which this person answers the organisers."""
    token = sealed_cookies.seal(COOKIE_NAME, {"sub": person.id}, now=deps.real_now(), lives=LINK_LIVES)
    return f"{deps.public_url}/mail/answer?token={token}"


async def get_answerer(deps: Deps, sealed_cookies: SealedCookies, token: str) -> User:
    """Return the person to whom a link was sent. Raises NotFound for a link that does not work (any more)."""
    claims = sealed_cookies.unseal(COOKIE_NAME, token, now=deps.real_now())
    person = await deps.store.users.find(str(claims.get("sub", ""))) if claims is not None else None
    if person is None or person.status == DELETED:
        raise NotFound("organisers.link")
    return person
