"""The example of examples/nextjs in a browser: sign in by NextAuth, see who matches, ask, and chat."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from handlers.messages import Draft, list_messages, send_message
from handlers.runtime.deps import Deps
from handlers.swaps import accept_swap, list_swaps
from tests.api.auth.nextauth.conftest import Post
from tests.factories import MakeUser
from tests.nextjs.conftest import EXAMPLE, FrontEnd, printed
from tests.service import Service
from tests.waiting import eventually

ADA = "ada@example.org"
MOST_LINES = 300

pytestmark = pytest.mark.timeout(400)  # the first test builds the front end


def test_the_example_is_short_and_has_the_configuration_that_is_printed() -> None:
    files = [*EXAMPLE.glob("app/**/*.*"), EXAMPLE / "next.config.js"]
    assert sum(len(path.read_text().splitlines()) for path in files) < MOST_LINES
    assert (EXAMPLE / "next.config.js").read_text() == printed("next.config.js")


@pytest.mark.parametrize("front_end", ["app_router"], indirect=True, scope="session")
async def test_a_person_signs_in_by_nextauth_asks_and_chats(
    page: Page, service: Service, post: Post, front_end: FrontEnd, deps: Deps, make_user: MakeUser
) -> None:
    ada = await make_user("Ada", email=ADA, skills_offered=("Python",), skills_wanted=("Guitar",))
    ben = await make_user("Ben", skills_offered=("Guitar",), skills_wanted=("Python",))
    await page.goto(front_end.url)
    await page.get_by_label("Your mail address").fill(ADA)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("status")).to_contain_text(ADA)
    await page.goto(await post.link(ADA))
    await expect(page.get_by_text("Signed in as Ada")).to_be_visible()

    await expect(page.get_by_role("listitem").filter(has_text="Ben")).to_contain_text("teaches you Guitar")
    await page.get_by_role("button", name="Ask Ben").click()
    await page.get_by_role("button", name="Back").click()
    (swap,) = await list_swaps(deps, ben)
    listed = page.get_by_role("listitem").filter(has_text="Python for Guitar")
    await expect(listed).to_contain_text("pending")
    await accept_swap(deps, ben, swap.id)
    await expect(listed).to_contain_text("accepted")

    await listed.get_by_role("button", name="Open the chat").click()
    await page.get_by_label("Message", exact=True).fill("Tuesday at six?")
    await page.get_by_role("button", name="Send").click()
    log = page.get_by_role("log")
    await expect(log).to_contain_text("You: Tuesday at six?")
    await send_message(deps, ben, Draft(swap.id, "Gladly", "web"))
    await expect(log).to_contain_text("They: Gladly")

    async def has_both() -> bool:
        return [message.message for message in await list_messages(deps, ada, swap.id)] == ["Tuesday at six?", "Gladly"]

    await eventually(has_both)
