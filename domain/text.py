"""Text from outside, made safe to store: normalised, bounded, without invisible characters."""

from __future__ import annotations

import unicodedata

from domain.errors import Invalid

MAX_COMBINING_RUN = 4
"""Combining marks on one letter; no script needs more, and longer runs spill over the lines around them."""

MAX_RAW_FACTOR = 4
MAX_RAW_SLACK = 200
"""Characters by which a text may be longer before normalisation and trimming than after."""

_MAX_RAW_RUN = 4 * MAX_COMBINING_RUN  # before composition, which takes some marks into the letter
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u180e\u200b\u2060\u2061\u2062\u2063\u2064\ufeff"))
"""Invisible characters that are removed: zero-width spaces, soft hyphens, byte order marks."""
_JOINERS = frozenset("\u200c\u200d")  # needed inside emoji and in Persian or Indic words, never alone


def clean_line(text: str, field: str, *, max_length: int, required: bool = True) -> str:
    """Return one line: NFC, trimmed, inner white space folded. Raises Invalid("text.…", field=…)."""
    line = " ".join(_composed(text, field, max_length).split())
    return _checked(line, field, max_length, required)


def clean_text(text: str, field: str, *, max_length: int, required: bool = True) -> str:
    """Return several lines with normalised line ends and without surrounding white space. Raises Invalid("text.…",
    field=…)."""
    body = _composed(text, field, max_length).replace("\r\n", "\n").replace("\r", "\n").strip()
    return _checked(body, field, max_length, required, keep="\n\t")


def _composed(text: str, field: str, max_length: int) -> str:
    """Return the text in NFC without invisible characters. Long texts and long runs of marks are refused first: sorting
    a run takes quadratic time."""
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
    """Return whether a character is drawn. Emoji newer than Python's tables are unassigned in them and drawn all the
    same; noncharacters never are."""
    if category == "Cn":
        return 0x1F000 <= ord(char) <= 0x1FAFF
    return category[0] not in "CZM"


def _is_blank(char: str) -> bool:
    return char in "\u115f\u1160\u2800\u3164\uffa0"  # letters and symbols that draw nothing
