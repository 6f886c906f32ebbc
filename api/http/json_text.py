"""Parse JSON from clients strictly: one meaning per text."""

from __future__ import annotations

import json
from typing import Any, Final

import orjson

from api.http.errors import Malformed
from domain.errors import Problem

MAX_KEY_LENGTH: Final = 100
"""Characters of a repeated key that an error quotes."""


def parse_json(text: bytes | str) -> Any:
    """Return the value of a JSON text.

    Raises Malformed: `invalid_json`, or `duplicate_key` for an object that names a key twice. Parsers take the first or
    the last of the two, so what one reader has checked is not what another one uses.
    """
    try:
        value = orjson.loads(text)
        # orjson drops repeated keys without a word. Where a text has no more colons than what is left of it, none was.
        # Else it is read again; numbers stay text then, as long ones are slow to convert.
        if _has_escapes(text) or _count_colons(value) != _colons_in(text):
            json.loads(text, object_pairs_hook=_require_distinct, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        raise Malformed("invalid_json") from None
    return value


def _has_escapes(text: bytes | str) -> bool:
    """Return True if a colon in a string may be written as its number."""
    return "\\u" in text if isinstance(text, str) else b"\\u" in text


def _colons_in(text: bytes | str) -> int:
    return text.count(":") if isinstance(text, str) else text.count(b":")


def _count_colons(value: Any) -> int:
    """Return the colons of this value's text: one after each key, and those within strings."""
    if isinstance(value, str):
        return value.count(":")
    if isinstance(value, dict):
        count = len(value)
        for key, item in value.items():
            count += key.count(":") + (item.count(":") if isinstance(item, str) else _count_colons(item))
        return count
    return sum(map(_count_colons, value)) if isinstance(value, list) else 0


def parse_event(text: bytes | str) -> Any:
    """Return the value of a Socket.IO packet.

    An event with a repeated key is returned with the problem as its argument: so its sender is told. Raises ValueError.
    """
    try:
        return parse_json(text)
    except Malformed as problem:
        value = orjson.loads(text)
        if problem.code != "duplicate_key" or not isinstance(value, list):
            raise ValueError(problem.code) from None
        return [*value[:1], problem]


def require_valid(said: Any) -> Any:
    """Return the argument of an event. Raises the Problem that `parse_event` has put in its place."""
    if isinstance(said, Problem):
        raise said
    return said


def _require_distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise Malformed("duplicate_key", field=repeated[:MAX_KEY_LENGTH])
    return fields
