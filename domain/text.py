"""Text from outside, made safe to store: normalised, bounded, without invisible characters.

Marks of direction stay where they are balanced, as phones and Arabic or Hebrew names bring them; one without its
counterpart in its line is dropped, because it would turn the text around it. Only what cannot be stored is refused.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from domain.errors import Invalid

MAX_COMBINING_RUN = 4
"""Combining marks on one letter; no script needs more, and longer runs spill over the lines around them."""

MAX_RAW_FACTOR = 4
MAX_RAW_SLACK = 200
"""Characters by which a text may be longer before normalisation and trimming than after."""

_MAX_RAW_RUN = 4 * MAX_COMBINING_RUN  # before composition, which takes some marks into the letter
_POP_EMBEDDING, _POP_ISOLATE = "\u202c", "\u2069"
_CLOSERS: Final = dict.fromkeys("\u202a\u202b\u202d\u202e", _POP_EMBEDDING) | dict.fromkeys(
    "\u2066\u2067\u2068", _POP_ISOLATE
)
"""The mark that closes each opening mark of direction."""
_BIDI_CONTROL: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
_INVISIBLE: Final = "\u00ad\u180e\u200b\u2060\u2061\u2062\u2063\u2064\ufeff"
"""Zero-width spaces, soft hyphens, byte order marks."""
_CONTROLS: Final = "".join(map(chr, (*range(0x01, 0x09), *range(0x0E, 0x1C), *range(0x7F, 0x85), *range(0x86, 0xA0))))
_DROPPED: Final = dict.fromkeys(map(ord, _INVISIBLE + _CONTROLS))
"""Removed characters."""
_PRIVATE: Final = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")
"""Removed as well: each device draws them as it likes. A table of them would be half a megabyte."""
_LINE_ENDS: Final = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
"""Everything that begins a new line somewhere; word processors write a vertical tab."""
_NOT_STORABLE: Final = re.compile("[\0\ud800-\udfff]")
"""Neither text in UTF-8 nor in a C string."""
_PLAIN: Final = re.compile(r"[ -~\n\t]*")
"""Text in which nothing is dropped, composed or counted: printable ASCII, as most messages are."""
_MAY_COMBINE: Final = re.compile("[\u0300-\u1fff\u20d0-\U0001efff\U0001fb00-\U0010ffff]")
"""All combining marks, and more: punctuation and emoji, which many texts have, are not looked at one by one."""
_JOINERS = frozenset("\u200c\u200d")  # needed inside emoji and in Persian or Indic words, never alone


def clean_line(text: str, field: str, *, max_length: int, required: bool = True) -> str:
    """Return one line: NFC, trimmed, inner white space folded. Raises Invalid("text.…", field=…)."""
    return _checked(_line(text, field, max_length), field, max_length, required)


def clean_text(text: str, field: str, *, max_length: int, required: bool = True) -> str:
    """Return several lines with normalised line ends and without surrounding white space. Raises Invalid("text.…",
    field=…)."""
    if _PLAIN.fullmatch(text):
        _require_bounded(text, field, max_length)
        return _checked(text.strip(), field, max_length, required)
    storable = _LINE_ENDS.sub("\n", _storable(text, field, max_length)).replace("\x1f", " ")
    return _checked(_composed(balanced(storable), field).strip(), field, max_length, required)


def cut_line(text: str, field: str, *, max_length: int) -> str:
    """Return one line as `clean_line` does, cut to its length: for names that other services give. Raises Invalid for
    what is empty or cannot be stored."""
    line = _line(text[: max_length + MAX_RAW_SLACK], field, max_length)
    return _checked(balanced(line[:max_length].rstrip()), field, max_length, required=True)


def balanced(text: str) -> str:
    """Return the text without the marks of direction that have no counterpart in their line."""
    if not _BIDI_CONTROL.search(text):
        return text
    return "\n".join(map(_balanced_line, text.split("\n")))


def _balanced_line(line: str) -> str:
    kept = list(line)
    opened: list[tuple[int, str]] = []  # the place of each open mark, and the mark that closes it
    isolates = 0
    for place, char in enumerate(line):
        if char in _CLOSERS:
            opened.append((place, _CLOSERS[char]))
            isolates += _CLOSERS[char] == _POP_ISOLATE
        elif char == _POP_EMBEDDING and opened and opened[-1][1] == char:
            opened.pop()
        elif char == _POP_ISOLATE and isolates:
            isolates -= 1
            while (unclosed := opened.pop())[1] != char:  # it ends the embeddings inside, too
                kept[unclosed[0]] = ""
        elif char in (_POP_EMBEDDING, _POP_ISOLATE):
            kept[place] = ""
    for at, _ in opened:
        kept[at] = ""
    return "".join(kept)


def _line(text: str, field: str, max_length: int) -> str:
    folded = " ".join(_storable(text, field, max_length).split())
    return " ".join(_composed(balanced(folded), field).split())  # a dropped mark may leave two spaces


def _storable(text: str, field: str, max_length: int) -> str:
    """Return the text without the characters that are dropped, bounded before anything else is done with it."""
    _require_bounded(text, field, max_length)
    if _NOT_STORABLE.search(text):
        raise Invalid("text.not_allowed", field=field)
    return _PRIVATE.sub("", text.translate(_DROPPED))


def _require_bounded(text: str, field: str, max_length: int) -> None:
    if len(text) > MAX_RAW_FACTOR * max_length + MAX_RAW_SLACK:
        raise Invalid("text.too_long", field=field, max=max_length)


def _composed(text: str, field: str) -> str:
    """Return the text in NFC. Long runs of marks are refused first: sorting a run takes quadratic time."""
    run = 0
    for char in text if _may_have_marks(text) else "":
        run = run + 1 if unicodedata.combining(char) else 0
        if run > _MAX_RAW_RUN:
            raise Invalid("text.not_allowed", field=field)
    return unicodedata.normalize("NFC", text)


def _checked(text: str, field: str, max_length: int, required: bool) -> str:
    if len(text) > max_length:
        raise Invalid("text.too_long", field=field, max=max_length)
    if not _is_visible(text):
        if required:
            raise Invalid("text.empty", field=field)
        return ""
    run = 0
    for char in text if _may_have_marks(text) else "":
        run = run + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        if run > MAX_COMBINING_RUN:
            raise Invalid("text.not_allowed", field=field)
    return text


def _may_have_marks(text: str) -> bool:
    return not text.isascii() and _MAY_COMBINE.search(text) is not None


def _is_visible(text: str) -> bool:
    if text.isascii():
        return bool(text.strip())
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
