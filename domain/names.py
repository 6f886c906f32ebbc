"""Names as they are searched for: without capitals and accents, from any of their words on."""

from __future__ import annotations

from typing import Final

from domain.errors import Invalid
from domain.skills import canonical_key
from domain.text import clean_line

MAX_NAME_WORDS: Final = 6
"""Words of a name that a search may start with."""
MAX_QUERY: Final = 40
MIN_QUERY: Final = 2
"""Characters of a search by name; of a script without letters one is enough."""


def name_keys(name: str) -> tuple[str, ...]:
    """Return what a search may start with: "ana maria ruiz" is found by "ana", "maria r", "ruiz" and "ana ruiz"."""
    words = canonical_key(name).split()
    starts = [" ".join(words[place:]) for place in range(min(len(words), MAX_NAME_WORDS))]
    if len(words) > 2:
        starts.append(f"{words[0]} {words[-1]}")
    return tuple(dict.fromkeys(starts))


def name_query(text: str, field: str = "name") -> str:
    """Return the key of a search by name. Raises Invalid when there is too little to search for."""
    key = canonical_key(clean_line(text, field, max_length=MAX_QUERY))
    if len(key) < MIN_QUERY and key.isascii():
        raise Invalid("text.empty", field=field)
    return key
