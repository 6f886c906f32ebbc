"""Who is asking: web sessions, and the one-time links that open them from Telegram."""

from __future__ import annotations

from datetime import timedelta

from handlers.deps import Deps
from handlers.rates import LOGIN_LINKS
from skillswap.domain.errors import Invalid, Unauthenticated
from skillswap.domain.users import BANNED, DELETED, User

LINK_LIVES = timedelta(minutes=5)


async def authenticate(deps: Deps, token: str | None) -> User:
    """The person whose session this is. Raises Unauthenticated for anything but a valid session of somebody here."""
    claims = deps.sessions.read(token, now=deps.now()) if token else None
    user = await deps.store.users.find_recent(claims.sub) if claims else None
    if user is None or claims is None or user.status in (BANNED, DELETED):
        raise Unauthenticated("unauthenticated")
    if claims.session_version != user.session_version:  # signed out everywhere since
        raise Unauthenticated("unauthenticated")
    return user


def issue_session(deps: Deps, user: User) -> str:
    """A session token for this person, as NextAuth v4 would make it."""
    return deps.sessions.issue(
        user.id,
        name=user.name,
        email=user.email,
        picture=user.photo_url,
        now=deps.now(),
        session_version=user.session_version,
    )


async def issue_login_link(deps: Deps, actor: User) -> str:
    """An address that signs this person in on the web: five minutes, once."""
    deps.rates.take("login_link", actor.id, LOGIN_LINKS, at=deps.now())
    token = await deps.store.login_links.issue(actor.id, expires_at=deps.now() + LINK_LIVES)
    return f"{deps.public_url}/api/auth/callback/telegram-link?token={token}"


async def check_login_link(deps: Deps, token: str) -> bool:
    """Would this link still sign somebody in? Looking does not use it up: link previews look too."""
    return await deps.store.login_links.is_valid(token, at=deps.now())


async def redeem_login_link(deps: Deps, token: str) -> tuple[User, str]:
    """Use a link up: the person and their session token. Raises Invalid for used, expired or made-up links."""
    user_id = await deps.store.login_links.redeem(token, at=deps.now())
    user = await deps.store.users.find(user_id) if user_id else None
    if user is None or user.status in (BANNED, DELETED):
        raise Invalid("auth.link_expired")
    return user, issue_session(deps, user)
