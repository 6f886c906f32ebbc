from __future__ import annotations

import pytest
from lucide.jinja import lucide

from api.pages import icons, layout


@pytest.mark.parametrize("size", [20, 16])
def test_icons_are_drawn_as_their_package_draws_them(size: int) -> None:
    assert layout.FOLDER.exists()  # the module reads the icons when it is imported
    assert len(icons._SOURCES) > 20
    for name in icons._SOURCES:
        drawn = lucide(name, size=size, aria_hidden="true", **{"class": "icon"})
        assert icons.icon(name, size) == drawn
