"""A front end on Next.js 15 with the rewrites that docs/api.md prints: everything works through its one origin."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.api.auth.nextauth.conftest import Post
from tests.factories import jpeg
from tests.nextjs.conftest import FrontEnd
from tests.service import Service

pytestmark = pytest.mark.timeout(400)  # the first test builds the front end
ADA = "ada@example.org"

CONNECT = """options => new Promise((resolve, reject) => {
    const socket = io({ reconnection: false, timeout: 8000, ...options })
    const end = (value) => { socket.disconnect(); resolve(value) }
    setTimeout(() => end("not connected in time"), 15000)
    socket.on("connect_error", (error) => end(`refused: ${error.message}`))
    socket.on("connect", async () => {
        const { engine } = socket.io
        const isUpgraded = options.transports || engine.transport.name === "websocket"
        if (!isUpgraded) await new Promise((upgraded) => engine.once("upgrade", upgraded))
        const asked = await socket.timeout(8000).emitWithAck("chat:read", { swap_id: "0".repeat(24), seq: 1 })
        end([engine.transport.name, asked.error.code])
    })
})"""
GET = "async address => { const answer = await fetch(address); return [answer.status, await answer.json()] }"


async def sign_in(page: Page, post: Post, front_end: FrontEnd) -> None:
    """Sign in by a mailed link, all through the front end."""
    who = page.locator("#who")
    await expect(who).to_have_attribute("data-status", "unauthenticated")
    result = await page.evaluate("email => signIn('email', { email, redirect: false })", ADA)
    assert (result["error"], result["ok"]) == (None, True)
    link = await post.link(ADA)
    assert link.startswith(f"{front_end.url}/api/auth/callback/email?")
    await page.goto(link)
    assert page.url == f"{front_end.url}{front_end.panel}"
    await expect(who).to_have_text(ADA)


async def test_a_person_signs_in_uploads_a_photo_and_connects_through_the_front_end(
    page: Page, service: Service, post: Post, front_end: FrontEnd
) -> None:
    await sign_in(page, post, front_end)
    status, user = await page.evaluate(GET, "/api/user")
    assert (status, user["email"]) == (200, ADA)

    photo: Any = {"name": "ada.jpg", "mimeType": "image/jpeg", "buffer": jpeg(side=64)}
    await page.locator("input").set_input_files(photo)
    image = page.get_by_alt_text("uploaded")
    await expect(image).to_have_js_property("naturalWidth", 64)
    address = await image.get_attribute("src")
    assert address is not None
    assert address.startswith(f"{front_end.url}/photos/")

    for path in ("/socket.io", "/api/socket"):
        for transports, name in ((["websocket"], "websocket"), (["polling"], "polling"), (None, "websocket")):
            options = {"path": path, **({"transports": transports} if transports else {})}
            assert await page.evaluate(CONNECT, options) == [name, "swap.not_found"], (path, transports)
    without_slash = {"path": "/api/socket", "addTrailingSlash": False}
    assert await page.evaluate(CONNECT, without_slash) == ["websocket", "swap.not_found"]


async def test_pages_of_the_service_are_styled_behind_the_front_end(page: Page, front_end: FrontEnd) -> None:
    missing: list[str] = []
    page.on("response", lambda answer: missing.append(answer.url) if answer.status >= 400 else None)
    await page.goto(f"{front_end.url}/api/auth/signin")
    await page.goto(f"{front_end.url}/mail/stop?token=none")
    await expect(page.get_by_role("button")).to_be_visible()
    assert await page.evaluate("document.styleSheets[0].cssRules.length") > 0
    assert missing == []
