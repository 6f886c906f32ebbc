"""Lengths as Telegram counts them, and texts cut to fit."""

from __future__ import annotations

import pytest

from bot.views.lengths import short, units, visible_units, without_markup


def test_length_is_counted_in_utf16_units() -> None:
    assert units("guitar") == 6
    assert units("😀") == 2


def test_markup_does_not_count() -> None:
    assert without_markup("<b>A &amp; B</b>") == "A & B"
    assert visible_units("<b>😀 &lt;3</b>") == 5


def test_only_a_longer_text_is_cut() -> None:
    assert short("guitar", 6) == "guitar"
    assert short("guitars", 6) == "guita…"
    assert short("jazz guitar", 6) == "jazz…"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("short", "short"),
        ("👩‍👩‍👧‍👦" * 30, "👩‍👩‍👧‍👦" * 13 + "…"),
        ("ệ" * 30, "ệ" * 23 + "…"),
        ("🇪🇸" * 30, "🇪🇸" * 23 + "…"),
    ],
)
def test_shortening_keeps_characters_whole(text: str, expected: str) -> None:
    assert short(text) == expected


def test_a_single_endless_character_is_left_out() -> None:
    assert len(short("a" + "́" * 4000)) <= 24 * 4
