"""Text from outside, made safe to keep: normalised, bounded, with nothing invisible in it."""

from __future__ import annotations

import unicodedata

from domain.errors import Invalid

MAX_COMBINING_RUN = 4
"""More marks than this on one letter is decoration that spills over the lines around it; no script needs it."""

MAX_RAW_FACTOR = 4
MAX_RAW_SLACK = 200
"""Composing and trimming shorten a text: it may come this much longer before it is looked at at all."""

_MAX_RAW_RUN = 4 * MAX_COMBINING_RUN  # before composition takes some of the marks into the letter
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u180e\u200b\u2060\u2061\u2062\u2063\u2064\ufeff"))
"""What pasting brings along and nobody sees: zero-width spaces, soft hyphens, byte order marks. Taken out."""
_JOINERS = frozenset("\u200c\u200d")  # wanted inside emoji and in Persian or Indic words, never alone


def clean_line(text: str, field: str, *, max_length: int, required: bool = True) -> str:
    """One line: NFC, trimmed, inner white space folded. Raises Invalid("text.…", field=…)."""
    line = " ".join(_composed(text, field, max_length).split())
    return _checked(line, field, max_length, required)


def clean_text(text: str, field: str, *, max_length: int, required: bool = True) -> str:
    """Several lines, kept as written but for line ends and the white space around them."""
    body = _composed(text, field, max_length).replace("\r\n", "\n").replace("\r", "\n").strip()
    return _checked(body, field, max_length, required, keep="\n\t")


def _composed(text: str, field: str, max_length: int) -> str:
    """NFC without the invisible. Long texts and piles of marks are refused first: ordering a pile takes its square."""
    if len(text) > MAX_RAW_FACTOR * max_length + MAX_RAW_SLACK:
        raise Invalid("text.too_long", field=field, max=max_length)
    run = 0
    for char in text:
        run = run + 1 if unicodedata.combining(char) else 0
        if run > _MAX_RAW_RUN:
            raise Invalid("text.not_allowed", field=field)
    return unicodedata.normalize("NFC", text.translate(_INVISIBLE))


def _checked(text: str, field: str, max_length: int, required: bool, keep: str = "") -> str:
    if len(text) > max_length:
        raise Invalid("text.too_long", field=field, max=max_length)
    if not _is_visible(text):
        if required:
            raise Invalid("text.empty", field=field)
        return ""
    run = 0
    for char in text:
        category = unicodedata.category(char)
        run = run + 1 if category in ("Mn", "Me") else 0
        if run > MAX_COMBINING_RUN or char in _BIDI_CONTROLS or (category in ("Cc", "Cs", "Co") and char not in keep):
            raise Invalid("text.not_allowed", field=field)
    return text


def _is_visible(text: str) -> bool:
    return any(
        char not in _JOINERS and _draws(unicodedata.category(char), char) and not _is_blank(char) for char in text
    )


def _draws(category: str, char: str) -> bool:
    """Emoji younger than our tables are unassigned in them and still seen by others; noncharacters never are."""
    if category == "Cn":
        return 0x1F000 <= ord(char) <= 0x1FAFF
    return category[0] not in "CZM"


def _is_blank(char: str) -> bool:
    return char in "\u115f\u1160\u2800\u3164\uffa0"  # letters and signs that draw nothing
