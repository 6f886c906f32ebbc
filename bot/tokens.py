"""Reading of a bot's token, without the bot: a process that only receives its updates does not import that."""

from __future__ import annotations


def bot_id_of(token: str) -> int:
    """Return the bot's id from a token of the form "<bot id>:<secret>"."""
    return int(token.partition(":")[0])
