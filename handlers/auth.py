"""Who is asking: web sessions, and the one-time links that open them from Telegram."""

from __future__ import annotations

from datetime import timedelta

from domain.errors import Invalid, NotFound, Unauthenticated
from domain.users import BANNED, DELETED, User
from handlers.deps import Deps
from handlers.rates import LOGIN_LINKS
from handlers.session_list import check_session, end_session, issue_session, open_session

__all__ = [
    "LINK_LIVES",
    "authenticate",
    "check_login_link",
    "issue_login_link",
    "issue_session",
    "redeem_login_link",
    "session_id_of",
    "sign_out",
]

LINK_LIVES = timedelta(minutes=5)


async def authenticate(deps: Deps, token: str | None) -> User:
    """The person whose session this is. Raises Unauthenticated for anything but a valid session of somebody here."""
    claims = deps.sessions.read(token, now=deps.now()) if token else None
    user = await deps.store.users.find_recent(claims.sub) if claims else None
    if user is None or claims is None or user.status in (BANNED, DELETED):
        raise Unauthenticated("unauthenticated")
    if claims.session_version != user.session_version:  # signed out everywhere since
        raise Unauthenticated("unauthenticated")
    if claims.session_id is not None:
        await check_session(deps, claims.session_id)
    return user


def session_id_of(deps: Deps, token: str | None) -> str | None:
    """Which of a person's recorded sessions this token belongs to; None for one that was made elsewhere."""
    claims = deps.sessions.read(token, now=deps.now()) if token else None
    return claims.session_id if claims else None


async def sign_out(deps: Deps, token: str | None) -> None:
    """End the session of this token, if it has a record; harmless for what is no valid token."""
    try:
        user, session_id = await authenticate(deps, token), session_id_of(deps, token)
        if session_id is not None:
            await end_session(deps, user, session_id)
    except (Unauthenticated, NotFound):
        return


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
    return user, await open_session(deps, user, door="telegram-link", user_agent=user_agent)
