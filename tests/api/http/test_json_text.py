"""JSON from clients: one meaning per text, found with one reading where that suffices."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.http.errors import Malformed
from api.http.json_text import parse_json

KEYS = st.sampled_from(["a", "b", ":", '"a":', "é:"])
SCALARS = st.sampled_from(["null", "true", "-1.5", *map(json.dumps, ["", ":", "12:30", '{"a":1}', "\\", '"', "\\u"])])
ESCAPED = st.sampled_from([r'"\u003a"', r'"\u003A:"', r'"\u00e9"'])
Pairs = list[tuple[str, Any]]


def texts_of(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Lists, and objects in which keys may be repeated, as text."""
    space = st.sampled_from(["", " "])
    members = st.lists(st.tuples(KEYS, inner, space), max_size=4)
    objects = members.map(
        lambda some: f"{{{','.join(f'{json.dumps(k, ensure_ascii=False)}{s}:{s}{v}' for k, v, s in some)}}}"
    )
    return objects | st.lists(inner, max_size=3).map(lambda some: f"[{','.join(some)}]")


def has_repeated_key(text: str) -> bool:
    found = False

    def look(pairs: Pairs) -> dict[str, Any]:
        nonlocal found
        found = found or len(dict(pairs)) < len(pairs)
        return dict(pairs)

    json.loads(text, object_pairs_hook=look)
    return found


@given(st.recursive(SCALARS | ESCAPED, texts_of, max_leaves=12))
def test_text_is_refused_if_and_only_if_an_object_repeats_a_key(text: str) -> None:
    for form in (text, text.encode()):
        if has_repeated_key(text):
            with pytest.raises(Malformed, match="duplicate_key"):
                parse_json(form)
        else:
            assert parse_json(form) == json.loads(text)


def test_event_without_escapes_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    monkeypatch.setattr("api.http.json_text.json.loads", lambda text, **_: read.append(text))
    said = {"swap_id": "65f0c0ffee0000000000abcd", "message": "Shall we start at 19:30?", "client_id": "c:1"}
    assert parse_json(json.dumps(["chat:new", said])) == ["chat:new", said]
    assert not read
    parse_json(r'["chat:new",{"message":"\u003a"}]')
    assert len(read) == 1
