"""A first page comes without jumping; when its largest part is painted is printed (`pytest -s`)."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser

from domain.users import ProfileChanges, User
from handlers.photos import PROFILE, upload_photo
from handlers.runtime.deps import Deps
from handlers.users import update_profile
from tests.api.conftest import COOKIE, Web, open_web
from tests.factories import MakeSwap, MakeUser, SignIn, jpeg

MOST_SHIFT = 0.1
"""Layout shift up to which a page counts as good."""
SETTLED_MS = 1500
WATCH = """() => {
  window.seen = { shift: 0, largest: 0 };
  const add = ({ value, hadRecentInput }) => { if (!hadRecentInput) seen.shift += value; };
  new PerformanceObserver((list) => list.getEntries().forEach(add))
    .observe({ type: "layout-shift", buffered: true });
  new PerformanceObserver((list) => { seen.largest = list.getEntries().at(-1).startTime; })
    .observe({ type: "largest-contentful-paint", buffered: true });
}"""


@pytest.fixture
async def web(deps: Deps) -> AsyncIterator[Web]:
    async with open_web(deps) as running:
        yield running


@pytest.fixture
async def reader(deps: Deps, make_user: MakeUser, make_swap: MakeSwap) -> User:
    """Somebody whom others with photos fit and have asked."""
    ben = await make_user("Ben", skills_offered=("Guitar",), skills_wanted=("Python",))
    for number in range(6):
        ada = await make_user(f"Ada {number}", skills_offered=("Python",), skills_wanted=("Guitar",))
        photo = await upload_photo(deps, ada, jpeg(side=900), purpose=PROFILE)
        await update_profile(deps, ada, ProfileChanges(photo_url=photo.url))
        if number % 2:
            await make_swap(ada, ben, message="Hello Ben, shall we?")
    return ben


@pytest.mark.parametrize("width", [390, 1400])
@pytest.mark.parametrize("path", ["/", "/swaps", "/discover"])
async def test_nothing_jumps_while_a_first_page_comes(
    browser: Browser, web: Web, reader: User, sign_in: SignIn, path: str, width: int
) -> None:
    context = await browser.new_context(viewport={"width": width, "height": 844})
    if path != "/":
        await context.add_cookies([{"name": COOKIE, "value": sign_in(reader), "url": web.url}])
    page = await context.new_page()
    await page.add_init_script(f"({WATCH})()")
    await page.goto(web.url + path)
    await page.wait_for_load_state("networkidle")
    await page.wait_for_timeout(SETTLED_MS)
    seen = await page.evaluate("seen")
    print(f"{path} at {width} px: layout shift {seen['shift']:.4f}, largest paint after {seen['largest']:.0f} ms")
    assert seen["largest"] > 0
    assert seen["shift"] < MOST_SHIFT
    await context.close()
