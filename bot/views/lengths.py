"""Telegram's limits, the length of a text as Telegram counts it, and shortening."""

from __future__ import annotations

import html
import re
from typing import Final

import regex
from telegram.constants import CallbackQueryLimit, InlineKeyboardButtonLimit, MessageLimit

from domain.text import balanced

MAX_TEXT: Final = int(MessageLimit.MAX_TEXT_LENGTH)
MAX_CAPTION: Final = int(MessageLimit.CAPTION_LENGTH)
MAX_TOAST: Final = int(CallbackQueryLimit.ANSWER_CALLBACK_QUERY_TEXT_LENGTH)
MAX_CALLBACK_BYTES: Final = int(InlineKeyboardButtonLimit.MAX_CALLBACK_DATA)

SHORT: Final = 24
"""Characters of a name or a skill where several stand in one line."""

MAX_POINTS: Final = 4
"""Code points of a character as readers count them, on average in one text: an emoji of a family has up to eleven."""

_GRAPHEME: Final = regex.compile(r"\X")
_TAG: Final = re.compile(r"<[^>]*>")


def units(text: str) -> int:
    """Return the length of a plain text in UTF-16 code units, which is what Telegram limits."""
    return len(text.encode("utf-16-le")) // 2


def visible_units(markup: str) -> int:
    """Return the length of a text in HTML as Telegram limits it: in UTF-16 code units, without the markup."""
    return units(without_markup(markup))


def without_markup(markup: str) -> str:
    """Return a text in HTML without its markup."""
    return html.unescape(_TAG.sub("", markup))


def short(text: str, length: int = SHORT) -> str:
    """Return the text, cut to `length` characters as readers count them, with an ellipsis as the last when it is
    longer: no letter loses its accent, no emoji falls apart."""
    if len(text) <= length:
        return text
    shown = _GRAPHEME.findall(text)
    if len(shown) <= length and len(text) <= length * MAX_POINTS:
        return text
    cut, room = "", length * MAX_POINTS
    for character in shown[: length - 1]:
        if len(cut) + len(character) >= room:
            break
        cut += character
    return balanced(cut.rstrip() + "…")  # the rest may have closed a mark of direction
