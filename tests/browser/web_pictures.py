"""Pictures of a page for the tour: on a phone and on a wide screen, light and dark."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Page

SIZES = ((390, 844), (1400, 900))


async def take_pictures(page: Page, folder: Path | None, name: str) -> None:
    """Save the page as `<name>-<width>-<scheme>.png`; without a folder (`make pictures` names one) do nothing."""
    if folder is None:
        return
    for width, height in SIZES:
        await page.set_viewport_size({"width": width, "height": height})
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            await page.screenshot(path=folder / f"{name}-{width}-{scheme}.png")
