"""The words of a Telegram message as they are passed on: plain text that says whose words it repeats."""

from __future__ import annotations

from typing import Final

from telegram import (
    Message,
    MessageOriginChannel,
    MessageOriginChat,
    MessageOriginHiddenUser,
    MessageOriginUser,
)

from bot.views.lengths import short

FORWARDED: Final = "↪️"
MAX_ORIGIN: Final = 64
"""Characters of the name of whoever wrote forwarded words."""


def words_of(message: Message) -> str:
    """Return the text or the caption of a message. Above forwarded words a line names whoever wrote them."""
    text = message.text or message.caption or ""
    origin = _origin_of(message)
    return "\n".join(filter(None, (f"{FORWARDED} {origin}:" if origin else "", text)))


def _origin_of(message: Message) -> str:
    """Return the name of whoever wrote a forwarded message; "" for one of the sender's own."""
    origin = message.forward_origin
    name = ""
    if isinstance(origin, MessageOriginUser):
        is_own = message.from_user is not None and origin.sender_user.id == message.from_user.id
        name = "" if is_own else origin.sender_user.full_name
    elif isinstance(origin, MessageOriginHiddenUser):
        name = origin.sender_user_name
    elif isinstance(origin, MessageOriginChat):
        name = origin.sender_chat.effective_name or origin.author_signature or ""
    elif isinstance(origin, MessageOriginChannel):
        name = origin.chat.effective_name or origin.author_signature or ""
    elif origin is None:
        return ""
    else:
        name = "?"
    return short(" ".join(name.split()), MAX_ORIGIN)
