"""Lengths as Telegram counts them, and texts cut to fit."""

from __future__ import annotations

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
