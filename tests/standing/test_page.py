"""The page about standings says what the tables say."""

from __future__ import annotations

from tests.standing.page import PAGE, page


def test_the_page_is_made_of_the_tables() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m tests.standing.page writes it anew"
