"""Icons of Lucide as SVG in the page, decorative: the word beside one says what it means."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final
from zipfile import ZipFile

from lucide.jinja import lucide
from markupsafe import Markup

FOLDER: Final = Path(__file__).parent
SIZE: Final = 20
_QUOTED: Final = re.compile(r'"([a-z][a-z0-9-]*)"')


@cache
def icon(name: str, size: int = SIZE) -> Markup:
    """Return an icon by its name at lucide.dev."""
    return Markup(lucide(name, size=size, aria_hidden="true", **{"class": "icon"}))  # noqa: S704, of the package


def read_icons() -> None:
    """Read the icons that templates and pages name, before the first request: the package reads each from an archive
    when it is asked for the first time, and keeps 128."""
    with files("lucide").joinpath("lucide.zip").open("rb") as archive, ZipFile(archive) as icons:
        known = {name.removesuffix(".svg") for name in icons.namelist()}
    sources = [*FOLDER.glob("templates/*.html"), *FOLDER.glob("*.py")]
    named = {name for file in sources for name in _QUOTED.findall(file.read_text(encoding="utf-8"))}
    for name in sorted(named & known):
        icon(name)
