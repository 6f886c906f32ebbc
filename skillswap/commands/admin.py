"""`skillswap admin`: list, grant and revoke roles."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable

from domain.errors import Problem
from domain.users import MEMBER, User
from handlers.auth.roles import grant_role, list_staff
from handlers.runtime.deps import Deps
from skillswap.bootstrap import open_deps
from skillswap.output import say
from skillswap.settings import Settings
from storage.mongodb.database import Database
from storage.mongodb.embedded import EmbeddedMongo


async def admin(settings: Settings, *, action: str, who: str = "", role: str = MEMBER) -> int:
    """Run `list`, `grant` or `revoke` on the configured database, or on the embedded one of the data folder.

    Prints the resulting roles; returns 1 when the user is not found. The service may be running: then this command
    connects to its embedded database.
    """
    return await on_database(settings, lambda deps: _act(deps, settings, action, who, role))


async def on_database(settings: Settings, act: Callable[[Deps], Awaitable[int]]) -> int:
    """Run an action on the configured database, or on the embedded one of the data folder, and return its exit code."""
    mongo = None if settings.mongodb_uri else await EmbeddedMongo.start(settings.data_dir)
    uri = mongo.uri if mongo else settings.mongodb_uri.get_secret_value() if settings.mongodb_uri else ""
    try:
        database = await Database.open(uri)
        try:
            return await act(await open_deps(settings, database, worker=f"admin:{secrets.token_hex(3)}", notify=_quiet))
        finally:
            await database.close()
    finally:
        if mongo is not None:
            await mongo.stop()


async def _act(deps: Deps, settings: Settings, action: str, who: str, role: str) -> int:
    if action == "list":
        staff = await list_staff(deps)
        for person in staff:
            say(_line(person))
        if not staff:
            say("Nobody yet: skillswap admin grant <Telegram id, mail address or user id>")
        return 0
    try:
        person = await grant_role(deps, who, MEMBER if action == "revoke" else role)
    except Problem:
        say("There is no such person. Name a Telegram id, a mail address or a user id.")
        return 1
    say(_line(person))
    if action == "revoke" and person.telegram_id in settings.admin_telegram_ids:
        say("ADMIN_TELEGRAM_IDS still names them: at the next start they are an admin again.")
    return 0


def _line(person: User) -> str:
    return f"{person.id}  {person.role:<9}  {person.name}"


def _quiet(text: str) -> None:
    """Discard the progress of migrations: the command's own output is what was asked for."""
