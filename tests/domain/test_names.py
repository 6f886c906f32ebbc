"""Names are found from any of their words on, without capitals and accents."""

from __future__ import annotations

import pytest

from domain.errors import Invalid
from domain.names import MAX_NAME_WORDS, name_keys, name_query


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("José María Ruíz", "jose"),
        ("José María Ruíz", "MARIA r"),
        ("José María Ruíz", "José Ruíz"),
        ("李小龙", "李"),
        ("Anne-Sophie O'Neil", "sophie o neil"),
        ("محمد علي", "علي"),
    ],
)
def test_a_name_is_found_by_its_beginning_and_by_each_word(name: str, query: str) -> None:
    assert any(key.startswith(name_query(query)) for key in name_keys(name))


def test_the_keys_of_a_name_are_few_and_an_empty_name_has_none() -> None:
    assert len(name_keys(" ".join("abcdefghijklmnopqrstuvwxyz"))) == MAX_NAME_WORDS + 1
    assert name_keys("") == ()


@pytest.mark.parametrize("query", ["", " ", "a", "x" * 41, "\u200d"])
def test_a_query_that_would_match_too_much_is_refused(query: str) -> None:
    with pytest.raises(Invalid):
        name_query(query)
