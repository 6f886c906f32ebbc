"""The languages of the service. To add one, add its code here and a folder of its name in `storage/locales/`."""

from __future__ import annotations

import re
from typing import Final

LOCALES: Final = ("en", "es", "de", "fr")
"""Language codes of ISO 639-1, in the order in which they are offered."""

DEFAULT_LOCALE: Final = "en"
"""Language for readers of all others; its vocabulary defines the skills."""

MAX_HEADER_LENGTH: Final = 1000
_RANGE: Final = re.compile(r"\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*|\*)\s*(?:;\s*q\s*=\s*([01](?:\.[0-9]{0,3})?)\s*)?")


def match_locale(tag: str | None) -> str | None:
    """Return the language of a tag such as `de`, `de-AT` or `pt_BR`; None when there are no texts in it."""
    language = (tag or "").replace("_", "-").split("-")[0].lower()
    return language if language in LOCALES else None


def locale_or_default(tag: str | None) -> str:
    """Return the language of a tag, or the default language."""
    return match_locale(tag) or DEFAULT_LOCALE


def negotiate_locale(accept_language: str) -> str:
    """Return the best language for an `Accept-Language` header (RFC 9110 §12.5.4), or the default language.

    Ranges that are malformed, excluded (`q=0`) or in a language without texts are passed over.
    """
    ranges: list[tuple[float, str]] = []
    for part in accept_language[:MAX_HEADER_LENGTH].split(","):
        if (found := _RANGE.fullmatch(part)) and (quality := float(found[2] or 1)) > 0:
            locale = DEFAULT_LOCALE if found[1] == "*" else match_locale(found[1])
            if locale is not None:
                ranges.append((quality, locale))
    return max(ranges, key=lambda item: item[0])[1] if ranges else DEFAULT_LOCALE
