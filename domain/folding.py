"""Letters as readers compare them: without capitals, accents, Arabic vowel marks and the like. For comparing only."""

from __future__ import annotations

import unicodedata
from typing import Final

LETTERS: Final = str.maketrans(
    {
        "ł": "l", "ø": "o", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ħ": "h", "ß": "ss",
        "ـ": "", "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ک": "ك", "ی": "ي",
    }
)  # fmt: skip
"""Letters that Unicode does not decompose, in lower case: Latin ones, and forms of Arabic ones that keyboards mix."""

VOWEL_MARKS: Final = frozenset(
    chr(code)
    for first, last in ((0x0610, 0x061A), (0x064B, 0x065F), (0x0670, 0x0670), (0x06D6, 0x06ED), (0x0591, 0x05C7))
    for code in range(first, last + 1)
    if unicodedata.category(chr(code)) == "Mn"
)
"""Arabic and Hebrew signs above and below letters: vowels, hamza, accents of scripture. Few texts have them."""

_NOT_WRITTEN: Final = str.maketrans(dict.fromkeys("'’‘ʼʻ`´."))  # "St. John's", "St Johns"


def fold(text: str) -> str:
    """Return the text in small letters without any marks, not even those of Indic or Japanese letters."""
    plain = unicodedata.normalize("NFKD", text.casefold()).casefold()
    return unicodedata.normalize(
        "NFC", "".join(char for char in plain if not unicodedata.combining(char)).translate(LETTERS)
    )


def place_key(text: str) -> str:
    """Return the key by which names of places are compared: "St. John's" and "St Johns" have the same one."""
    letters = fold(text.translate(_NOT_WRITTEN))
    return " ".join("".join(char if char.isalnum() else " " for char in letters).split())
