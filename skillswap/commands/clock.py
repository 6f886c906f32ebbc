"""`skillswap clock`: show the time of the service, and move it ahead to see what takes days."""

from __future__ import annotations

import argparse
import re
from datetime import timedelta
from typing import Final

from handlers.runtime.deps import Deps
from skillswap.commands.admin import on_database
from skillswap.movable_clock import why_clock_is_fixed
from skillswap.output import say
from skillswap.settings import Settings, SettingsProblem

UNITS: Final = {"h": "hours", "d": "days", "w": "weeks"}
MAX_DIGITS: Final = 4


def step_from(text: str) -> timedelta:
    """Return the span of "+1h", "2d" or "+1w". Raises ArgumentTypeError."""
    match = re.fullmatch(rf"\+?([0-9]{{1,{MAX_DIGITS}}})([hdw])", text)
    if match is None:
        raise argparse.ArgumentTypeError("should be a span such as +1h, +1d or +1w")
    return timedelta(**{UNITS[match[2]]: int(match[1])})


async def clock(settings: Settings, *, step: timedelta | None) -> int:
    """Move the clock, if there is a step, and print the time. A running service follows at once.

    Raises SettingsProblem where the clock cannot be moved.
    """
    if step is not None and (reason := why_clock_is_fixed(settings)) is not None:
        raise SettingsProblem(f"the clock cannot be moved here ({reason})")

    async def act(deps: Deps) -> int:
        if step is not None:
            try:
                await deps.store.clock_moves.move(step)
            except ValueError as problem:
                raise SettingsProblem(str(problem)) from None
        ahead = deps.store.database.clock.ahead
        days, hours = divmod(round(ahead / timedelta(hours=1)), 24)
        how_far = f"{days} d {hours} h ahead of the real time" if ahead else "the real time"
        say(f"{deps.now():%Y-%m-%d %H:%M} UTC, {how_far}")
        return 0

    return await on_database(settings, act)
