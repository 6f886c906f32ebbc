"""The colours of the pages: each pair has the contrast that WCAG 2.2 AA asks for, in light and in dark."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from api.pages.assets import FOLDER
from handlers import palette
from handlers.auth import sign_in_mail
from mail import notices

TEXT, PART = 4.5, 3.0
"""Contrast of text, and of the borders and rings that controls are recognised by."""

PAIRS = (
    ("ink", "paper", TEXT),
    ("ink", "card", TEXT),
    ("ink", "mine", TEXT),
    ("quiet", "paper", TEXT),
    ("quiet", "card", TEXT),
    ("quiet", "mine", TEXT),
    ("brand", "card", TEXT),
    ("brand", "paper", TEXT),
    ("on-brand", "brand", TEXT),
    ("on-soft", "soft", TEXT),
    ("turn", "card", TEXT),
    ("turn", "paper", TEXT),
    ("on-turn", "turn", TEXT),
    ("danger", "card", TEXT),
    ("danger", "danger-soft", TEXT),
    ("edge", "card", PART),
    ("edge", "paper", PART),
    ("focus", "card", PART),
    ("focus", "paper", PART),
)


def _themes() -> dict[str, dict[str, str]]:
    css = (FOLDER / "page.css").read_text()
    light, dark = re.findall(r":root \{(.+?)\n *\}", css, re.S)[:2]
    found = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", part)) for part in (light, dark))
    return dict(zip(("light", "dark"), found, strict=True))


def _luminance(colour: str) -> float:
    parts = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_a_pair_of_colours_can_be_told_apart(theme: str, front: str, back: str, least: float) -> None:
    colours = _themes()[theme]
    assert _contrast(colours[front], colours[back]) >= least


def test_a_pale_pair_would_be_found() -> None:
    assert _contrast("#c2542d", "#faf7f2") < TEXT


def test_mails_have_the_colours_of_the_pages() -> None:
    written = {name.lower().replace("_", "-"): value for name, value in vars(palette).items() if name.isupper()}
    assert written.items() <= _themes()["light"].items()
    assert _contrast(palette.ON_BRAND, palette.BRAND) >= TEXT
    for file in (notices, sign_in_mail):
        assert not re.findall(r"#[0-9a-f]{3,8}\b", Path(file.__file__).read_text())


def test_rules_name_colours_by_their_tokens() -> None:
    css = (FOLDER / "page.css").read_text()
    rules = css.partition("/* The frame */")[2]
    assert rules
    assert not re.findall(r"#[0-9a-f]{3,8}\b", rules)
    assert set(re.findall(r"var\(--([\w-]+)\)", rules)) <= {*_themes()["light"], "control", "bubble", "box", "rail"}
