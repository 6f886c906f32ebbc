"""Whose session a token is: authenticate it, and end it."""

from __future__ import annotations

from domain.errors import NotFound, Unauthenticated
from domain.users import BANNED, DELETED, User
from handlers.auth.sessions import check_session, end_session
from handlers.runtime.deps import Deps


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
