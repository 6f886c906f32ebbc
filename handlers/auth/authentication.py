"""Authentication by session token, and signing out."""

from __future__ import annotations

from domain.errors import NotFound, Unauthenticated
from domain.users import BANNED, DELETED, User
from handlers.auth.sessions import check_session, end_session
from handlers.runtime.deps import Deps


async def authenticate(deps: Deps, token: str | None) -> User:
    """Return the user of a session token. Raises Unauthenticated for anything but a valid session."""
    claims = deps.session_tokens.read(token, now=deps.real_now()) if token else None
    user = await deps.store.users.find_recent(claims.sub) if claims else None
    if user is None or claims is None or user.status in (BANNED, DELETED):
        raise Unauthenticated("unauthenticated")
    if claims.session_version != user.session_version:  # all sessions have been ended since
        raise Unauthenticated("unauthenticated")
    if claims.session_id is not None:
        await check_session(deps, claims.session_id)
    return user


def session_id_of(deps: Deps, token: str | None) -> str | None:
    """Return the id of the session's record; None for a token that another program issued."""
    claims = deps.session_tokens.read(token, now=deps.real_now()) if token else None
    return claims.session_id if claims else None


async def sign_out(deps: Deps, token: str | None) -> None:
    """End the session of this token if it has a record; an invalid token has no effect."""
    try:
        user, session_id = await authenticate(deps, token), session_id_of(deps, token)
        if session_id is not None:
            await end_session(deps, user, session_id)
    except (Unauthenticated, NotFound):
        return
