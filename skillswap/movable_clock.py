"""Permission to move the clock: in development, where everything runs on this machine, and never in production."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from skillswap.settings import Settings
from storage.clock_moves import ClockMoves
from storage.mongodb.database import Database

if TYPE_CHECKING:
    from bot.sandbox import Clock
    from handlers.runtime.change_feed import Change, Subscriber


async def follow_clock(settings: Settings, database: Database) -> str | None:
    """Follow the moves of this database's clock, where it may be moved.

    Returns one line for the operator where it may not, but was: its documents are dated in a time that has not come.
    """
    moves = ClockMoves(database)
    reason = why_clock_is_fixed(settings)
    if reason is None:
        database.clock.is_movable = True
        await moves.load()
    elif ahead := await moves.ahead():
        days, hours = divmod(int(ahead.total_seconds()) // 3600, 24)
        return (
            f"the clock of this database was moved {days} d {hours} h ahead to try things out, which is not possible "
            f"here ({reason}); MONGODB_URI or DATA_DIR names another database"
        )
    return None


def sandbox_clock(database: Database) -> Clock:
    """Return the clock of a sandbox that runs with the service: moved with it, and able to move it."""
    from bot.sandbox import Clock

    now, move = database.clock.now, ClockMoves(database).move
    return Clock(lambda: now().timestamp(), move if database.clock.is_movable else None)


def on_moved_clock(notice: Callable[[], None]) -> Subscriber:
    """Return a subscriber of the change feed that calls `notice` when the clock was moved, here or elsewhere."""

    async def on_change(change: Change) -> None:
        if change.kind == "clock":
            notice()

    return on_change


def why_clock_is_fixed(settings: Settings) -> str | None:
    """Return why the clock cannot be moved with these settings, naming one of them; None where it can."""
    if settings.is_production:
        return "SKILLSWAP_ENV=production"
    if not _is_this_machine(settings.host):
        return "HOST is no loopback address"
    if settings.mongodb_uri is not None and not all(
        map(_is_this_machine, _hosts(settings.mongodb_uri.get_secret_value()))
    ):
        return "MONGODB_URI names another machine"
    api_url = settings.telegram_api_url
    if not settings.sandboxed and not (api_url and _is_this_machine(urlsplit(api_url).hostname or "")):
        return "TELEGRAM_BOT_TOKEN is set, and the real Telegram cannot be moved"
    return None


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _hosts(uri: str) -> list[str]:
    """Return the hosts of a MongoDB URI, which may be several, without their ports."""
    scheme, _, rest = uri.partition("://")
    if scheme != "mongodb":  # mongodb+srv: the hosts are in the DNS
        return [""]
    servers = rest.partition("/")[0].partition("?")[0].rpartition("@")[2].split(",")
    return [re.sub(r":\d+$", "", server) for server in servers]
