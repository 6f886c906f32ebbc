"""Fixtures: a real browser, and the whole service as one process."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from skillswap.loopback import free_port
from tests.service import Service, running_service
from tests.waiting import WAIT_SECONDS

CHROMIUM = ("chromium", "google-chrome", "chromium-browser")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--font-render-hinting=none"]
expect.set_options(timeout=WAIT_SECONDS * 1000)  # as Playwright waits for all else: five seconds are too few here


@pytest.fixture
def pictures(pytestconfig: pytest.Config) -> Path | None:
    """The folder for screenshots, or None: `make pictures` sets it."""
    folder = pytestconfig.getoption("--pictures")
    return Path(folder) if folder else None


@pytest.fixture(scope="session")
async def shared_browser() -> AsyncIterator[Browser]:
    program = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if program is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield opened
        await opened.close()


@pytest.fixture
async def browser(shared_browser: Browser) -> AsyncIterator[Browser]:
    """The browser without anything of another test: contexts share nothing, and none is left open."""
    yield shared_browser
    for context in shared_browser.contexts:
        await context.close()


@pytest.fixture
async def page(browser: Browser, tmp_path: Path) -> AsyncIterator[Page]:
    """A page in a wide window; its last state is saved to `last.png` in the folder of the test."""
    opened = await browser.new_page(viewport={"width": 1280, "height": 860}, device_scale_factor=1.5)
    yield opened
    await opened.screenshot(path=tmp_path / "last.png")


@pytest.fixture
async def service(database_uri: str, tmp_path: Path) -> AsyncIterator[Service]:
    """The service as one process, with the sandbox page at `service.sandbox_page`."""
    port, sandbox_port = free_port(), free_port()
    env = {"DATA_DIR": str(tmp_path), "MONGODB_URI": database_uri, "SANDBOX_PORT": str(sandbox_port)}
    async with running_service(env, port=port, log=tmp_path / "service.log") as running:
        running.sandbox_page = f"http://127.0.0.1:{sandbox_port}/sandbox"
        yield running
