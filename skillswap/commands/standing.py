"""`skillswap ban`, `unban`, `unhide`, `lift` and `audit`, for the day on which nobody reaches the moderators' group."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from domain.errors import Conflict, NotFound, Problem
from domain.mail_addresses import parse_address
from domain.users import User
from handlers import standing
from handlers.audit import COMMAND_LINE, AuditEntry
from handlers.auth.roles import find_person
from handlers.bars import EMAIL, TELEGRAM, account_name, find_barred
from handlers.exits import leave_at_once
from handlers.runtime.deps import Deps
from skillswap.commands.admin import on_database
from skillswap.output import say
from skillswap.settings import Settings

NOBODY = "There is no such person. Name a Telegram id, a mail address or a user id."


async def ban(settings: Settings, *, who: str, reason: str = "") -> int:
    """Ban a person at once: what was running ends with it. Returns 1 when there is no such person."""

    async def act(deps: Deps, user_id: str) -> str:
        made = await standing.ban(deps, COMMAND_LINE, user_id, reason=reason, is_final=True)
        await leave_at_once(deps, user_id)
        return f"{user_id}  banned" if made.entry_id else f"{user_id}  was banned already"

    return await on_database(settings, lambda deps: _about(deps, who, act))


async def unban(settings: Settings, *, who: str, reason: str = "") -> int:
    """Let a banned person in again. Returns 1 when there is no such person."""

    async def act(deps: Deps, user_id: str) -> str:
        made = await standing.unban(deps, COMMAND_LINE, user_id, reason=reason)
        return f"{user_id}  may come in again" if made.entry_id else f"{user_id}  was not banned"

    return await on_database(settings, lambda deps: _about(deps, who, act))


async def unhide(settings: Settings, *, who: str, reason: str = "") -> int:
    """Show a hidden person again. Returns 1 when there is no such person."""

    async def act(deps: Deps, user_id: str) -> str:
        made = await standing.unhide(deps, COMMAND_LINE, user_id, reason=reason)
        return f"{user_id}  is shown again" if made.entry_id else f"{user_id}  was not hidden"

    return await on_database(settings, lambda deps: _about(deps, who, act))


async def lift(settings: Settings, *, who: str, reason: str = "") -> int:
    """End a suspension. Returns 1 when there is no such person."""

    async def act(deps: Deps, user_id: str) -> str:
        made = await standing.lift_suspension(deps, COMMAND_LINE, user_id, reason=reason)
        return f"{user_id}  is no longer suspended" if made.entry_id else f"{user_id}  was not suspended"

    return await on_database(settings, lambda deps: _about(deps, who, act))


async def audit(settings: Settings, *, who: str = "", limit: int = 50) -> int:
    """Print what was decided, the newest first: about one person, or all."""

    async def show(deps: Deps) -> int:
        about = ""
        if who:
            try:
                about = (await _find(deps, who)).id
            except Problem:
                say(NOBODY)
                return 1
        entries = await deps.store.audit.list(about=about, limit=limit)
        for entry in entries:
            say(_line(entry))
        if not entries:
            say("Nothing has been decided yet.")
        return 0

    return await on_database(settings, show)


async def _about(deps: Deps, who: str, act: Callable[[Deps, str], Awaitable[str]]) -> int:
    try:
        person = await _find(deps, who)
        said = await act(deps, person.id)
    except NotFound:
        say(NOBODY)
        return 1
    except Conflict as conflict:
        say(f"{person.id}  {conflict.code}")
        return 1
    say(said)
    return 0


async def _find(deps: Deps, who: str) -> User:
    """Return a user, or one who has left: by the id, or by an account that was kept out. Raises NotFound."""
    try:
        return await find_person(deps, who)
    except NotFound:
        address = parse_address(who)
        name = account_name(EMAIL, address) if address is not None else account_name(TELEGRAM, who)
        departed = await deps.store.users.find(who) or await find_barred(deps, name)
        if departed is None:
            raise
        return departed


def _line(entry: AuditEntry) -> str:
    by = entry.by or "the service"
    words = (
        f"{entry.at:%Y-%m-%d %H:%M}",
        entry.id,
        f"{entry.action:<11}",
        f"{entry.about:<24}",
        f"by {by}",
        entry.reason,
    )
    return "  ".join(words).rstrip()
