"""Colours of mails: the light tokens of the pages (`api/pages/assets/page.css`); mail programs know no variables."""

from __future__ import annotations

from typing import Final

PAPER: Final = "#faf7f2"
CARD: Final = "#ffffff"
INK: Final = "#1c2b2e"
QUIET: Final = "#57666a"
LINE: Final = "#d9d3c7"
BRAND: Final = "#1f7a6c"
ON_BRAND: Final = "#ffffff"
