"""One-time sign-in links that the bot hands out for the web."""

from __future__ import annotations

from datetime import timedelta

from domain.errors import Invalid
from domain.users import BANNED, DELETED, User
from handlers.auth.sessions import open_session
from handlers.runtime.deps import Deps
from handlers.runtime.rate_limits import LOGIN_LINKS

LINK_LIVES = timedelta(minutes=5)


async def issue_login_link(deps: Deps, actor: User) -> str:
    """An address that signs this person in on the web: five minutes, once."""
    await deps.rates.spend("login_link", actor.id, LOGIN_LINKS, at=deps.now())
    token = await deps.store.login_links.issue(actor.id, expires_at=deps.now() + LINK_LIVES)
    return f"{deps.public_url}/api/auth/callback/telegram-link?token={token}"


async def check_login_link(deps: Deps, token: str) -> bool:
    """Would this link still sign somebody in? Looking does not use it up: link previews look too."""
    return await deps.store.login_links.is_valid(token, at=deps.now())


async def redeem_login_link(deps: Deps, token: str, *, user_agent: str = "") -> tuple[User, str]:
    """Use a link up: the person and their session token. Raises Invalid for used, expired or made-up links."""
    user_id = await deps.store.login_links.redeem(token, at=deps.now())
    user = await deps.store.users.find(user_id) if user_id else None
    if user is None or user.status in (BANNED, DELETED):
        raise Invalid("auth.link_expired")
    return user, await open_session(deps, user, provider="telegram-link", user_agent=user_agent)
