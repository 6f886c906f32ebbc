"""The words of a Telegram message as they are passed on: plain text that names its writer and where it links to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from telegram import (
    Message,
    MessageEntity,
    MessageOriginChannel,
    MessageOriginChat,
    MessageOriginHiddenUser,
    MessageOriginUser,
)

from bot.views.lengths import short

FORWARDED: Final = "↪️"
SCHEMES: Final = ("http", "https", "tg", "mailto")
"""Schemes of the hidden links whose address is passed on."""

MAX_ORIGIN: Final = 64
"""Characters of the name of whoever wrote forwarded words."""


def words_of(message: Message) -> str:
    """Return the text or the caption of a message, with the addresses of hidden links.

    Above forwarded words a line names whoever wrote them.
    """
    text = _with_addresses(message.text or message.caption or "", message.entities or message.caption_entities)
    origin = _origin_of(message)
    return "\n".join(filter(None, (f"{FORWARDED} {origin}:" if origin else "", text)))


def _with_addresses(text: str, entities: Sequence[MessageEntity]) -> str:
    """Return the text with the address of each hidden link behind its words: "here (https://…)"."""
    data = text.encode("utf-16-le")  # entities count UTF-16 units
    parts, done = [], 0
    for end, url in _hidden_links(entities):
        words = _decoded(data[done : 2 * end])
        shown = words.rstrip()
        parts += [shown, "" if shown.endswith(url) else f" ({url})", words[len(shown) :]]
        done = 2 * end
    return "".join(parts) + _decoded(data[done:])


def _hidden_links(entities: Sequence[MessageEntity]) -> list[tuple[int, str]]:
    """Return where the words of each hidden link end, and its address. A link of several pieces counts once."""
    links: list[tuple[int, str]] = []
    for entity in sorted(entities, key=lambda entity: entity.offset):
        url = (entity.url or "").strip()
        if entity.type != MessageEntity.TEXT_LINK or url.partition(":")[0].casefold() not in SCHEMES:
            continue
        if links and links[-1] == (entity.offset, url):
            links.pop()
        links.append((entity.offset + entity.length, url))
    return links


def _decoded(data: bytes) -> str:
    return data.decode("utf-16-le", errors="replace")


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
