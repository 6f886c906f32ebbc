"""What a bot's token says. Apart from the bot, so that a process that only receives its updates does not import it."""

from __future__ import annotations


def bot_id_of(token: str) -> int:
    """Return the bot's id from a token of the form "<bot id>:<secret>"."""
    return int(token.partition(":")[0])
