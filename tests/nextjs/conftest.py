"""Fixtures: front ends on a real Next.js with the configuration that docs/api.md prints, and the service behind: one
with the pages router, and the example with the app router."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Page, async_playwright

from skillswap.loopback import free_port
from tests.api.auth.nextauth.conftest import mailing_env, post
from tests.api.auth.nextauth.real import chromium
from tests.clients.conftest import npm, package
from tests.npm_packages import npm_folder
from tests.service import ROOT, Service, running_service
from tests.waiting import eventually

__all__ = ["chromium", "mailing_env", "npm", "package", "post"]

HERE = Path(__file__).parent
EXAMPLE = ROOT / "examples" / "nextjs"
ROUTERS = ("pages_router", "app_router")
PANEL = 'export { default } from "../../panel"\n'
"""A page of the tests beside that of the example."""
PRINTED_ORIGIN = "http://localhost:3000"
BUILD_SECONDS = 150
START_SECONDS = 60.0
BROWSER = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")


def printed(name: str) -> str:
    """Return the code block of docs/api.md with this name, as it stands there."""
    (block,) = re.findall(rf"^```\w+ {re.escape(name)}\n(.*?)^```$", (ROOT / "docs/api.md").read_text(), re.M | re.S)
    return str(block)


@dataclass(frozen=True)
class FrontEnd:
    """A built front end: its folder, its address, and the port where it looks for the service."""

    folder: Path
    port: int
    service_port: int
    panel: str
    """Path of the page of the tests."""

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def env(self) -> dict[str, str]:
        service = f"http://127.0.0.1:{self.service_port}"
        return {"PATH": os.environ["PATH"], "NEXT_TELEMETRY_DISABLED": "1", "SKILLSWAP_URL": service}


@pytest.fixture(scope="session")
def next_folder(request: pytest.FixtureRequest, package: Path) -> Path:
    """A folder with the packages of the example installed: Next.js, and the client as it was then."""
    return npm_folder(request, EXAMPLE, what="Next.js", beside={"../../clients/typescript": package})


@pytest.fixture(scope="session", params=ROUTERS)
def front_end(request: pytest.FixtureRequest, next_folder: Path, package: Path) -> Iterator[FrontEnd]:
    """A front end with each of the two routers, built for production."""
    # Inside the folder, so that Node.js finds the packages there.
    with tempfile.TemporaryDirectory(dir=next_folder, prefix=f"{request.param}-") as made:
        folder = Path(made)
        shutil.copy(HERE / "front/panel.jsx", folder)
        if request.param == "app_router":
            shutil.copytree(EXAMPLE, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("node_modules", ".next"))
            (folder / "app" / "panel").mkdir()
            (folder / "app" / "panel" / "page.jsx").write_text(PANEL)
            shutil.copytree(package, folder / "node_modules" / "skillswap-client")  # as it is now
        else:
            shutil.copytree(HERE / "front" / request.param, folder, dirs_exist_ok=True)
            (folder / "next.config.js").write_text(printed("next.config.js"))
        panel = "/panel" if request.param == "app_router" else "/"
        found = FrontEnd(folder, free_port(), free_port(), panel)
        done = subprocess.run(
            ["../node_modules/.bin/next", "build"],
            cwd=folder,
            env=found.env,
            capture_output=True,
            text=True,
            check=False,
            timeout=BUILD_SECONDS,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        yield found


@asynccontextmanager
async def running_front_end(front_end: FrontEnd) -> AsyncIterator[None]:
    """Run `next start` for the block."""
    log = front_end.folder / "start.log"
    with log.open("w") as output:
        # By its file and not by npm: the process that is started is the one to stop.
        child = await asyncio.create_subprocess_exec(
            "node",
            "../node_modules/next/dist/bin/next",
            "start",
            "--port",
            str(front_end.port),
            cwd=front_end.folder,
            env=front_end.env,
            stdout=output,
            stderr=output,
        )
    try:
        async with aiohttp.ClientSession() as session:

            async def is_up() -> bool:
                assert child.returncode is None, log.read_text()
                try:
                    async with session.get(front_end.url) as answer:
                        return answer.status == 200
                except aiohttp.ClientError:
                    return False

            await eventually(is_up, within=START_SECONDS)
        yield
    finally:
        child.terminate()
        await asyncio.wait_for(child.wait(), 10)


@pytest.fixture
async def service(mailing_env: dict[str, str], tmp_path: Path, front_end: FrontEnd) -> AsyncIterator[Service]:
    """The service with the settings that docs/api.md prints, and a mail server."""
    lines = printed("service.env").replace(PRINTED_ORIGIN, front_end.url).split()
    env = mailing_env | dict(line.split("=", 1) for line in lines)
    log = tmp_path / "service.log"
    async with running_service(env, role="api", port=front_end.service_port, log=log) as running:
        async with running_front_end(front_end):
            yield running


@pytest.fixture
async def page(chromium: str, service: Service, front_end: FrontEnd) -> AsyncIterator[Page]:
    """The front end in a browser."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=BROWSER)
        opened = await browser.new_page()
        await opened.goto(front_end.url + front_end.panel)
        yield opened
        await browser.close()
