"""Reduction of Babel's data to what texts ask for: one megabyte of six."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, cast

from babel import localedata
from babel.core import get_global

DISTANCE: Final = "length-kilometer"
"""The only unit that texts write."""

_UNUSED_OF_ALL: Final = ("likely_subtags", "territory_languages", "territory_currencies", "windows_zone_mapping")
_UNUSED: Final = (
    "compact_currency_formats",
    "compact_decimal_formats",
    "compound_unit_patterns",
    "currency_names",
    "currency_names_plural",
    "currency_symbols",
    "date_fields",
    "interval_formats",
    "scripts",
    "variants",
)


def forget_unused(languages: Iterable[str]) -> None:
    """Drop the unused part of each language's data, so that the next one is read into its room. Babel keeps what it
    has read, and hands out the same mapping each time. Blocking: reads files."""
    for part in _UNUSED_OF_ALL:
        cast("dict[str, Any]", get_global(part)).clear()
    known = tuple(languages)
    for language in ("root", *known):  # the others are merged into copies of the first
        data = localedata.load(language)
        for part in _UNUSED:
            data.pop(part, None)
        _keep(data, "unit_patterns", (DISTANCE,))
        _keep(data, "unit_display_names", (DISTANCE,))
        _keep(data, "languages", known)
        _keep(data, "meta_zones", ())  # names of times, "Central European Time"; cities are elsewhere


def _keep(data: dict[str, Any], part: str, keys: Iterable[str]) -> None:
    if part in data:
        data[part] = {key: data[part][key] for key in keys if key in data[part]}
