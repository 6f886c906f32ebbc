"""Icons of Lucide as SVG in the page, decorative: the word beside one says what it means."""

from __future__ import annotations

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final
from zipfile import ZipFile

from markupsafe import Markup

FOLDER: Final = Path(__file__).parent
SIZE: Final = 20
_QUOTED: Final = re.compile(r'"([a-z][a-z0-9-]*)"')


_SPACE: Final = "{http://www.w3.org/2000/svg}"
_SOURCES: Final[dict[str, bytes]] = {}


@cache
def icon(name: str, size: int = SIZE) -> Markup:
    """Return an icon by its name at lucide.dev."""
    if name not in _SOURCES:  # named neither in a template nor in a module of the pages
        from lucide.jinja import lucide

        return Markup(lucide(name, size=size, aria_hidden="true", **{"class": "icon"}))  # noqa: S704, of the package
    from xml.etree import ElementTree  # loaded late to keep a process small that serves no pages

    svg = ElementTree.fromstring(_SOURCES[name])  # noqa: S314, of the package
    for node in svg.iter():
        node.tag = node.tag.removeprefix(_SPACE)
    svg.attrib |= {"width": str(size), "height": str(size), "aria-hidden": "true", "class": "icon"}
    return Markup(ElementTree.tostring(svg, encoding="unicode"))  # noqa: S704, as above


def read_icons() -> None:
    """Read the icons that templates and pages name, before the first request. The package would open its archive of
    1,651 icons for each of them."""
    sources = [*FOLDER.glob("templates/*.html"), *FOLDER.glob("*.py")]
    named = {name for file in sources for name in _QUOTED.findall(file.read_text(encoding="utf-8"))}
    package = find_spec("lucide")
    assert package is not None
    assert package.origin is not None
    with ZipFile(Path(package.origin).with_name("lucide.zip")) as icons:
        known = {name.removesuffix(".svg") for name in icons.namelist()}
        _SOURCES.update({name: icons.read(f"{name}.svg") for name in sorted(named & known)})
