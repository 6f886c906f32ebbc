"""Unsubscribing from mail by the link at the end of each."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from domain.errors import NotFound
from domain.users import ProfileChanges, User
from handlers.auth.sealed_cookies import SealedCookies
from handlers.runtime.deps import Deps
from handlers.users import get_user, update_profile

COOKIE_NAME: Final = "skillswap.unsubscribe"
LINK_LIVES: Final = timedelta(days=400)


def unsubscribe_link(deps: Deps, sealed_cookies: SealedCookies, person: User) -> str:
    """Return the address of the page on which this person can turn mail off, signed in or not."""
    token = sealed_cookies.seal(COOKIE_NAME, {"sub": person.id}, now=deps.real_now(), lives=LINK_LIVES)
    return f"{deps.public_url}/mail/stop?token={token}"


async def unsubscribe(deps: Deps, sealed_cookies: SealedCookies, token: str) -> bool:
    """Turn off the notifications of the link's user; False when the token is not valid. A deleted user needs no
    change."""
    claims = sealed_cookies.unseal(COOKIE_NAME, token, now=deps.real_now())
    if claims is None:
        return False
    try:
        person = await get_user(deps, str(claims.get("sub", "")))
    except NotFound:
        return True
    await update_profile(deps, person, ProfileChanges(notifications=False))
    return True
