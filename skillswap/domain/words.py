"""Text from outside, made safe to keep: normalised, bounded, with nothing invisible in it."""

from __future__ import annotations

import unicodedata

from skillswap.domain.errors import Invalid

MAX_COMBINING_RUN = 4
"""More marks than this on one letter is decoration that spills over the lines around it; no script needs it."""

_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_JOINERS = frozenset("\u200c\u200d")  # wanted inside emoji and in Persian or Indic words, never alone


def clean_line(text: str, field: str, *, max_length: int, required: bool = True) -> str:
    """One line: NFC, trimmed, inner white space folded. Raises Invalid("text.…", field=…)."""
    line = " ".join(unicodedata.normalize("NFC", text).split())
    return _checked(line, field, max_length, required)


def clean_text(text: str, field: str, *, max_length: int, required: bool = True) -> str:
    """Several lines, kept as written but for line ends and the white space around them."""
    body = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    return _checked(body, field, max_length, required, keep="\n\t")


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
        char not in _JOINERS and unicodedata.category(char)[0] not in "CZM" and not _is_blank(char) for char in text
    )


def _is_blank(char: str) -> bool:
    return char in "\u115f\u1160\u2800\u3164\uffa0"  # letters and signs that draw nothing
