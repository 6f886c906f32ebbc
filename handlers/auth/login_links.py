"""One-time sign-in links that the bot issues for the web."""

from __future__ import annotations

from datetime import timedelta

from domain.errors import Invalid
from domain.standing import SIGN_IN
from domain.users import BANNED, DELETED, User
from handlers.auth.sessions import open_session
from handlers.runtime.deps import Deps
from handlers.runtime.rate_limits import LOGIN_LINKS
from handlers.standing import require_right

LINK_LIVES = timedelta(minutes=5)


async def issue_login_link(deps: Deps, actor: User) -> str:
    """Return an address that signs this user in on the web, once, within five minutes."""
    await require_right(deps, actor, SIGN_IN)
    await deps.rates.spend("login_link", actor.id, LOGIN_LINKS, at=deps.now())
    token = await deps.store.login_links.issue(actor.id, expires_at=deps.real_now() + LINK_LIVES)
    return f"{deps.public_url}/api/auth/callback/telegram-link?token={token}"


async def check_login_link(deps: Deps, token: str) -> bool:
    """Return whether a link is valid, without using it: link previews open it too."""
    return await deps.store.login_links.is_valid(token, at=deps.real_now())


async def redeem_login_link(deps: Deps, token: str, *, user_agent: str = "") -> tuple[User, str]:
    """Redeem a link and return the user and a session token. Raises Invalid for used, expired or unknown links."""
    user_id = await deps.store.login_links.redeem(token, at=deps.real_now())
    user = await deps.store.users.find(user_id) if user_id else None
    if user is None or user.status in (BANNED, DELETED):
        raise Invalid("auth.link_expired")
    return user, await open_session(deps, user, provider="telegram-link", user_agent=user_agent)
