"""Web sessions: begun, renewed, listed, and ended one by one or all at once."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from domain.errors import NotFound, Unauthenticated
from domain.users import User
from handlers.runtime.deps import DATABASE_ERRORS, Deps
from storage.sessions import SessionRecord

__all__ = [
    "SessionRecord",
    "agent_family",
    "check_session",
    "end_all_sessions",
    "end_session",
    "issue_session",
    "list_sessions",
    "open_session",
]

# In this order: most browsers also claim to be the ones after them.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def agent_family(user_agent: str) -> str:
    """Return a browser in two words, such as "Firefox, Linux"; "" for another program. Nothing else of the header is
    kept."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return ", ".join(part for part in (browser, system) if part)


async def open_session(deps: Deps, user: User, *, provider: str, user_agent: str = "") -> str:
    """Record a session, then return its token: a session that could not be ended is not handed out."""
    session_id = await deps.store.sessions.insert(
        user.id,
        provider=provider,
        agent=agent_family(user_agent),
        at=deps.real_now(),
        lives=deps.session_tokens.max_age,
    )
    return issue_session(deps, user, session_id)


def issue_session(deps: Deps, user: User, session_id: str | None = None) -> str:
    """Return a session token for this user, as NextAuth v4 would issue it; with a session id it renews that session."""
    return deps.session_tokens.issue(
        user.id,
        name=user.name,
        email=user.email,
        picture=user.photo_url,
        now=deps.real_now(),
        session_version=user.session_version,
        session_id=session_id,
    )


async def check_session(deps: Deps, session_id: str) -> None:
    """Mark a session as used. Raises Unauthenticated when it has been ended."""
    if await deps.store.sessions.is_ended(session_id):
        raise Unauthenticated("unauthenticated")
    with contextlib.suppress(*DATABASE_ERRORS):  # the time of last use is not worth a failed request
        await deps.store.sessions.touch(session_id, at=deps.real_now(), lives=deps.session_tokens.max_age)


async def which_ended(deps: Deps, session_ids: Sequence[str]) -> set[str]:
    """Return those of these sessions that have ended, read from the store."""
    return await deps.store.sessions.ended_of(session_ids)


async def list_sessions(deps: Deps, actor: User) -> list[SessionRecord]:
    """Return this user's open sessions, the one used last first."""
    return await deps.store.sessions.list_of(actor.id, at=deps.real_now())


async def end_session(deps: Deps, actor: User, session_id: str) -> None:
    """End one session. Raises NotFound unless it is an open session of this user."""
    if not await deps.store.sessions.end(actor.id, session_id, at=deps.real_now()):
        raise NotFound("session.not_found")


async def end_all_sessions(deps: Deps, actor: User) -> None:
    """End all sessions, including those whose tokens a front end has issued."""
    await deps.store.users.end_sessions(actor.id)
    await deps.store.sessions.end_all(actor.id, at=deps.real_now())
