"""Imports of a role, and its texts: what it is ready with while the database starts, the bot of `run` after that."""

from __future__ import annotations

import gc
import ssl
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from skillswap.settings import Role


def prepare(role: Role) -> None:
    """Read the texts, which are kept: `open_deps` finds them there. Then import the channel that the role is ready
    with, into the room that Babel took for what is not kept."""
    from handlers.runtime.texts import load_texts

    load_texts()
    import_aiohttp()
    if role in ("run", "api"):
        import_module("api.app")
    if role == "bot":
        import_module("bot.application")
    if role != "api":
        import_module("skillswap.schedule")


def prepare_bot() -> None:
    """Import the bot of `run`; the API serves meanwhile."""
    import_module("bot.application")


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


def import_aiohttp() -> None:
    """Import aiohttp without certificate authorities. It would read them twice, 40 ms and 1.6 MB, for clients that are
    given none; such a client trusts nobody then. Ours read them when they are made."""
    if "aiohttp" in sys.modules:
        return
    thread, read = threading.get_ident(), ssl.SSLContext.set_default_verify_paths

    def read_elsewhere(context: ssl.SSLContext) -> None:
        if threading.get_ident() != thread:
            read(context)

    ssl.SSLContext.set_default_verify_paths = read_elsewhere  # type: ignore[method-assign, assignment]
    try:
        import_module("aiohttp")
    finally:
        ssl.SSLContext.set_default_verify_paths = read  # type: ignore[method-assign]
