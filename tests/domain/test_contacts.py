"""Links, addresses, @names and phone numbers in a text, however they are written; and what only looks like one."""

from __future__ import annotations

import pytest

from domain.contacts import ADDRESS, LINK, NAME, PHONE, contact_in


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("https://example.org/x", LINK),
        ("see example.com for more", LINK),
        ("HTTP://EXAMPLE.COM", LINK),
        ("write to t.me/somebody", LINK),
        ("t . me / somebody", LINK),
        ("t. me/somebody", LINK),
        ("tg://resolve?domain=somebody", LINK),
        ("hxxp://example.com", LINK),
        ("wa.me/491711234567", LINK),
        ("example . com", LINK),
        ("example dot com", LINK),
        ("example (dot) com", LINK),
        ("ejemplo punto es", LINK),
        ("beispiel [punkt] de", LINK),
        ("ｅｘａｍｐｌｅ．ｃｏｍ", LINK),
        ("exa\u200bmple\u2060.co\u200dm", LINK),
        ("example。com", LINK),
        ("münchen.de", LINK),
        ("пример.рф", LINK),
        ("bit.ly/abc", LINK),
        ("me@example.org", ADDRESS),
        ("me (at) example.org", ADDRESS),
        ("me at example dot com", ADDRESS),
        ("me [arroba] example.es", ADDRESS),
        ("me @ example.org", ADDRESS),
        ("ｍｅ＠ｅｘａｍｐｌｅ．ｏｒｇ", ADDRESS),
        ("I am @some_body", NAME),
        ("＠some_body", NAME),
        ("@\u200bsome_body", NAME),
        ("my insta: @some.body", NAME),
        ("+49 171 1234567", PHONE),
        ("+49 (0)171/1234567", PHONE),
        ("0171 1234567", PHONE),
        ("0 1 7 1 1 2 3 4 5 6 7", PHONE),
        ("06.12.34.56.78", PHONE),
        ("612 34 56 78", PHONE),
        ("(212) 555-0199", PHONE),
        ("０１７１１２３４５６７", PHONE),
        ("٠١٧١١٢٣٤٥٦٧", PHONE),
        ("0171\u200b1234567", PHONE),
    ],
)
def test_a_way_out_is_found_however_it_is_written(text: str, kind: str) -> None:
    assert contact_in(text) == kind
    assert contact_in(f"Hello! {text}, see you") == kind


@pytest.mark.parametrize(
    "text",
    [
        "Can we meet at 10:30, or from 14:00-15:30?",
        "On 12.12.2026 at 18:30, or 2026-12-13 19:00",
        "12/12/2026 18:00-19:30",
        "20 000 - 25 000 euros, 1.000.000 €, 12.50 $",
        "I teach C#.NET, Node.js, Next.js, ASP.NET and C++, e.g. on weekends, i.e. at home, z.B. morgens",
        "75001 Paris, 28013 Madrid, 10115 Berlin, SW1A 1AA",
        "I lived there 1985, 2010-2015 and 2019 to 2024.",
        "Hello.It is me. Ok.No problem",
        "St. Pauli, Dr. Who, etc. and so on...",
        "The point is me. I dot my i's at home.",
        "IBAN DE89 3704 0044 0532 0130 00, ISBN 978-3-16-148410-0",
        "5 @ 10 each, meet @ the library",
        "Look at com ports and net weights",
        "ℹ️ 1️⃣ 2️⃣ 3️⃣ 🎸",
        "Où est-ce ? À 18 h . Merci",
        "",
    ],
)
def test_what_only_looks_like_one_is_none(text: str) -> None:
    assert contact_in(text) is None


def test_numbers_of_the_country_of_writer_or_reader_are_known() -> None:
    assert contact_in("call 22 123 45 67") is None
    assert contact_in("call 22 123 45 67", ["PL"]) == PHONE
