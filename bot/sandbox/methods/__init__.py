"""The Bot API's methods, by topic. Each takes the world and the call's parameters and changes the world at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.sandbox.methods import chats, editing, groups, inline, sending, settings
from bot.sandbox.params import Params
from bot.sandbox.world import World

Method = Callable[[World, Params], Any]


def all_methods() -> dict[str, Method]:
    """Return the methods by lower-case name, since Telegram ignores the case. getUpdates waits, and is the server's."""
    found: dict[str, Method] = {
        **sending.METHODS,
        **editing.METHODS,
        **chats.METHODS,
        **groups.METHODS,
        **settings.METHODS,
        **inline.METHODS,
    }
    return {name.lower(): method for name, method in found.items()}
