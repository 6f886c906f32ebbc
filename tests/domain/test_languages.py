"""Languages are found by the tags that Telegram, identity providers and browsers send."""

from __future__ import annotations

import pytest

from domain.languages import locale_or_default, match_locale, negotiate_locale


@pytest.mark.parametrize(
    ("tag", "locale"),
    [("de", "de"), ("de-AT", "de"), ("pt_BR", None), ("FR", "fr"), ("", None), (None, None), ("é", None)],
)
def test_a_tag_names_the_language_of_its_first_part(tag: str | None, locale: str | None) -> None:
    assert match_locale(tag) == locale
    assert locale_or_default(tag) == (locale or "en")


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        ("", "en"),
        ("fr", "fr"),
        ("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", "fr"),
        ("pt-BR,pt;q=0.9,es;q=0.8,en;q=0.7", "es"),
        ("en;q=0.4, de;q=0.8", "de"),
        ("de;q=0, es;q=0.1", "es"),
        ("de;q=0", "en"),
        ("*", "en"),
        ("de;q=nonsense, es", "es"),
        (",,;q=1,de", "de"),
        ("x" * 5000 + ",de", "en"),
    ],
)
def test_the_best_language_with_texts_is_negotiated(header: str, locale: str) -> None:
    assert negotiate_locale(header) == locale
