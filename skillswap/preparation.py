"""Imports of a role, and its texts: what it is ready with while the database starts, the bot of `run` after that."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from skillswap.settings import Role


def prepare(role: Role) -> None:
    """Read the texts, which are kept: `open_deps` finds them there. Then import the channel that the role is ready
    with, into the room that Babel took for what is not kept."""
    from handlers.runtime.texts import load_texts

    load_texts()
    if role in ("run", "api"):
        import_module("api.app")
    if role == "bot":
        import_module("bot.application")


def prepare_background(role: Role) -> None:
    """Import what works beside the API. In `run` the API serves meanwhile."""
    if role in ("run", "bot"):
        import_module("bot.application")
    import_module("skillswap.schedule")


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep garbage collection away from imports, and from what they have made: that stays as long as the process. They
    leave a megabyte of garbage, and the search for it takes a fifth of their time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()
