"""Telegram's themes as colours of the pages: what is not legible is mended."""

from __future__ import annotations

import pytest
from playwright.async_api import Page

from tests.api.conftest import Web, web
from tests.api.pages.test_tokens import PAIRS, TEXT, _contrast

__all__ = ["web"]

EXAMPLE = {
    "bg_color": "#ffffff", "text_color": "#222222", "hint_color": "#999999", "link_color": "#2481cc",
    "button_color": "#2481cc", "button_text_color": "#ffffff", "secondary_bg_color": "#f1f1f1",
    "destructive_text_color": "#ff3b30",
}  # fmt: skip
NIGHT = {
    "bg_color": "#17212b", "text_color": "#f5f5f5", "hint_color": "#708499", "link_color": "#6ab3f3",
    "button_color": "#5288c1", "button_text_color": "#ffffff", "secondary_bg_color": "#232e3c",
    "destructive_text_color": "#ec3942",
}  # fmt: skip
PALE = dict.fromkeys(EXAMPLE, "#eeeeee")
ODD = {"bg_color": "#ffffff", "secondary_bg_color": "#000000", "text_color": "red", "button_color": "#ffff00"}

TOKENS = """async (theme) => {
  const modules = [...document.querySelectorAll("link[rel=modulepreload]")].map((link) => link.href);
  return (await import(modules.find((address) => address.endsWith("/theme.js")))).tokensOf(theme);
}"""


@pytest.mark.parametrize("theme", [EXAMPLE, NIGHT, PALE, ODD], ids=["example", "night", "pale", "odd"])
async def test_every_pair_of_colours_of_a_theme_of_telegram_can_be_told_apart(
    page: Page, web: Web, theme: dict[str, str]
) -> None:
    await page.goto(f"{web.url}/app")
    tokens = await page.evaluate(TOKENS, theme)
    pairs = [*PAIRS, ("link", "card", TEXT), ("link", "paper", TEXT)]
    pale = [(front, back) for front, back, least in pairs if _contrast(tokens[front], tokens[back]) < least]
    assert not pale, tokens


async def test_the_example_of_telegrams_documents_needs_mending() -> None:
    assert _contrast(EXAMPLE["button_text_color"], EXAMPLE["button_color"]) < TEXT
