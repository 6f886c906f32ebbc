"""Mail addresses: one form, and what is not one address."""

from __future__ import annotations

import pytest

from domain.mail_addresses import MAX_ADDRESS_LENGTH, MAX_LOCAL_LENGTH, parse_address, written_forms


@pytest.mark.parametrize("text", ["ada@example.org", " Ada@EXAMPLE.org\n", "\uff41da\uff20example.org"])
def test_spellings_of_an_address_have_one_form(text: str) -> None:
    assert parse_address(text) == "ada@example.org"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@",
        "ada",
        "ada@",
        "@example.org",
        "ada@example",
        "ada@example.o",
        "ada@@example.org",
        "ada@example.org@example.net",
        "ada bell@example.org",
        '"ada"@example.org',
        "ada\u200b@example.org",
        "ada.@example.org",
        "ada@exa_mple.org",
        "ada@[127.0.0.1]",
        "ada@" + "x" * 64 + ".org",
        "a" * (MAX_LOCAL_LENGTH + 1) + "@example.org",
        "ada@" + "example." * (MAX_ADDRESS_LENGTH // 8) + "org",
    ],
)
def test_invalid_address_is_refused(text: str) -> None:
    assert parse_address(text) is None
    assert parse_address(text, cuts_at_comma=True) is None


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("ana@MÜNCHEN.de", "ana@xn--mnchen-3ya.de"),
        ("ana@straße.de", "ana@xn--strae-oqa.de"),  # and not strasse.de, which is another domain
        ("ana@пример.рф", "ana@xn--e1afmkfd.xn--p1ai"),
    ],
)
def test_a_domain_has_its_ascii_form(text: str, kept: str) -> None:
    assert parse_address(text) == parse_address(kept) == kept
    assert written_forms(kept) == [kept, text.lower()]


def test_a_domain_that_only_looks_encoded_has_one_form() -> None:
    assert written_forms("ana@xn--999999999.de") == ["ana@xn--999999999.de"]
    assert written_forms("") == []


def test_a_comma_ends_a_typed_address_only() -> None:
    assert parse_address("ada@example.org,example.net") is None
    assert parse_address("ada@example.org,example.net", cuts_at_comma=True) == "ada@example.org"
    assert parse_address("ada@example.org,ben@example.org", cuts_at_comma=True) is None
