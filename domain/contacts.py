"""Ways out of the service that a text names: links, mail addresses, @names and phone numbers.

Read as a person would read it: in plain letters, without what cannot be seen, and with the dots and signs that some
write as words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from linkify_it import LinkifyIt

LINK, ADDRESS, NAME, PHONE = "link", "address", "name", "phone"

REGIONS: Final = ("US", "GB", "DE", "AT", "CH", "FR", "ES", "MX")
"""Countries whose numbers are known without a country code, besides those of writer and reader."""

NO_LINKS: Final = frozenset(("asp.net", "vb.net", "ado.net", "ml.net", "socket.io", "paint.net", "draw.io"))
"""Names of things to learn that end as the name of a site does."""

_UNSEEN: Final = dict.fromkeys(
    code for code in (*range(0x200B, 0x2010), *range(0x2028, 0x202F), *range(0x2060, 0x2070), *range(0xFE00, 0xFE10))
)
"""Joiners, marks of direction and selectors."""
_DOTS: Final = str.maketrans(dict.fromkeys("。｡・․﹒·∙•", "."))
_ENDS: Final = "com|net|org|info|me|io|app|co|link|ly|gg|ru|de|fr|es|uk|at|ch|eu|mx|shop|site|online|chat"
"""Ends of addresses that are looked for where the dot is a word, or has a space beside it."""
_DOT: Final = r"(?:dot|punkt|punto|point)"
_AT: Final = r"(?:at|ät|arroba|arobase|chez)"
_WRITTEN_OUT: Final = (
    (re.compile(rf"\s*[(\[{{<]\s*(?:{_DOT}|\.)\s*[)\]}}>]\s*", re.I), "."),
    (re.compile(rf"\s*[(\[{{<]\s*(?:{_AT}|@)\s*[)\]}}>]\s*", re.I), "@"),
    (re.compile(rf"(?<=\w)\s+{_DOT}\s+(?=(?:{_ENDS})\b)", re.I), "."),
    (re.compile(rf"(?<=\w)\s+\.\s*(?=(?:{_ENDS})\b)", re.I), "."),
    (re.compile(r"\b(t|wa)\s*\.\s*me\s*/\s*", re.I), r"\1.me/"),
    (re.compile(rf"(?<=[\w.])\s+{_AT}\s+(?=[\w-]+\.(?:{_ENDS})\b)", re.I), "@"),
    (re.compile(r"(?<=[\w.])\s+@\s*(?=[\w-]+\.\w)|(?<=[\w.])@\s+(?=[\w-]+\.\w)"), "@"),
    (re.compile(r"\bhxxp", re.I), "http"),
)
_SCHEME: Final = re.compile(r"\b(?:[a-z][a-z0-9+.-]{1,15}://|www\.)\S", re.I)
_NAME: Final = re.compile(r"(?<![\w@./])@[A-Za-z0-9_][A-Za-z0-9_.]{2,31}")
_DIGITS: Final = re.compile(r"\d(?:\W{0,3}\d){6}")
_SENTENCE: Final = re.compile(r"[A-Za-z]+\.(?:It|No|Me|So|In|At|My|Is|To|As|Be|Do|Am|Es|De|La|Se|Va|Tu|Sa|Ne)")
"""The end of a sentence without a space, "Hello.It is": the word is the end of an address, too."""
_AMOUNT: Final = re.compile(
    r"(?<!\d)\d{1,3}(?:[ .,']\d{3}){0,2}(?:[.,]\d{2})?(?:\s?[-–]\s?\d{1,3}(?:[ .,']\d{3}){0,2})?\s?"
    r"(?:[€$£]|euros?\b|dollars?\b|pesos?\b|chf\b|francs?\b|franken\b)",
    re.I,
)


def contact_in(text: str, regions: Iterable[str] = ()) -> str | None:
    """Return the kind of the first way out that the text names; None for none. `regions` are country codes of writer
    and reader."""
    plain = _as_read(text)
    if _SCHEME.search(plain):
        return LINK
    if ("." in plain or "@" in plain) and (kind := _link_in(plain)):
        return kind
    if _NAME.search(plain):
        return NAME
    plain = _AMOUNT.sub(" ", plain)
    if _DIGITS.search(plain) and any(_has_phone(plain, region) for region in {*REGIONS, *regions}):
        return PHONE
    return None


def _as_read(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text.translate(_DOTS).translate(_UNSEEN)).translate(_UNSEEN)
    plain = " ".join(plain.split())
    for written, meant in _WRITTEN_OUT:
        plain = written.sub(meant, plain)
    return plain


def _link_in(plain: str) -> str | None:
    for match in _links().match(plain) or ():
        if match.schema == "mailto:":
            return ADDRESS
        if match.text.casefold() not in NO_LINKS and not _SENTENCE.fullmatch(match.text):
            return LINK
    return None


@cache
def _links() -> LinkifyIt:
    from linkify_it import LinkifyIt  # loaded late to keep start-up fast, as below

    return LinkifyIt()


def _has_phone(plain: str, region: str) -> bool:
    from phonenumbers import PhoneNumberMatcher

    return any(True for _ in PhoneNumberMatcher(plain, region))
