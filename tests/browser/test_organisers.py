"""The first ten minutes of docs/organisers.md, word by word: whatever is written, pressed or run here stands there."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.async_api import Page

from skillswap.loopback import free_port
from tests.browser.test_two_people import Phone, _picture
from tests.service import ROOT, running_service
from tests.skillswap.test_cli import skillswap

STEPS = (ROOT / "docs" / "organisers.md").read_text(encoding="utf-8").partition("## In ten minutes")[2]
STEPS = STEPS.partition("\n## ")[0]


def bold(label: str) -> str:
    """Return the words of a button, once the page says that it is to be pressed."""
    assert f"**{label}**" in STEPS, label
    return label


def written(text: str) -> str:
    """Return what is to be written, once the page says so."""
    assert f"`{text}`" in STEPS, text
    return text


async def test_the_first_ten_minutes_are_as_the_page_for_organisers_says(
    page: Page, database_uri: str, tmp_path: Path, pictures: Path | None
) -> None:
    env = {"DATA_DIR": str(tmp_path), "MONGODB_URI": database_uri, "SANDBOX_PORT": str(free_port())}
    async with running_service(env, port=free_port(), log=tmp_path / "service.log"):
        await page.goto(f"http://127.0.0.1:{env['SANDBOX_PORT']}/sandbox")
        priya = await choose(page, "Priya")
        await become(priya, env, "admin")
        await five_questions(priya)
        await _picture(page, pictures, "organisers-questions")
        await priya.press(bold("Go on to my profile"))
        await make_profile(priya)
        await priya.sees("🎉")
        li = await choose(page, "Li")
        await agree(li)
        await become(li, env, "moderator")
        await found_group(page)
        await _picture(page, pictures, "organisers-group")
        group = Phone(page, "Priya", group="Moderators")
        for name in ("Maya", "Noah"):
            phone = await choose(page, name)
            await agree(phone)
            await make_profile(phone)
            await phone.sees("One last thing:")
            await phone.send("A neighbour told me")
            await phone.sees("are looking at your profile")
            await group.open()
            await group.sees(f"{name} would like to join")
            if name == "Maya":
                await _picture(page, pictures, "organisers-application")
            await group.press(bold("Let in"))
            await phone.sees("has let you in")
        zoe = await come_by_link(page, priya)
        await agree(zoe)
        await make_profile(zoe, teach="Tango", learn="Sewing")
        await zoe.sees("🎉")
        maya = Phone(page, "Maya")
        await maya.open()
        await maya.send(written("/match"))
        await maya.sees("Zoe teaches you")
    code, out, _ = await skillswap("audit", **env)
    assert (code, len(re.findall("application.let_in", out))) == (0, 2)
    _, out, _ = await skillswap("admin", "list", **env)
    assert re.findall(r"(admin|moderator) +(\w+)", out) == [("admin", "Priya"), ("moderator", "Li")]


async def choose(page: Page, name: str) -> Phone:
    """Add somebody on the page, and press START."""
    assert f"**{name}**" in STEPS
    await page.get_by_role("button", name=f"Add {name}").first.click()
    phone = Phone(page, name)
    await phone.screen.get_by_role("button", name=bold("START")).click()
    return phone


async def become(phone: Phone, env: dict[str, str], role: str) -> None:
    """Have the command line give this person a role, by the number that the bot tells them."""
    await phone.send(written("/id"))
    await phone.sees("71000000")
    said = await phone.screen.get_by_text("71000000").last.inner_text()
    number = re.findall(r"71000000\d", said)[-1]
    option = ("--role", role) if role != "admin" else ()
    assert " ".join((".venv/bin/skillswap admin grant", number, *option)) in STEPS
    code, out, err = await skillswap("admin", "grant", number, *option, **env)
    assert code == 0, err
    assert role in out


async def five_questions(phone: Phone) -> None:
    await phone.send(written("/start"))
    await phone.sees("What is your community called?")
    await phone.send("Harbour Swaps")
    await phone.sees("What is it about?")
    await phone.send("Neighbours of the old harbour teach each other.")
    await phone.sees("What are your rules?")
    await phone.send("Be kind, keep your word, no sales and no dating.")
    await phone.sees("How do people come in?")
    await phone.press(bold("Moderators let them in"))
    await phone.sees("Whom can people ask?")
    await phone.send("hello@harbour.example")
    await phone.sees("is open for business")


async def found_group(page: Page) -> None:
    await page.get_by_role("button", name=bold("New group")).click()
    await page.get_by_label("Name", exact=True).fill(written("Moderators"))
    await page.get_by_role("button", name=bold("Create")).click()
    group = Phone(page, "Priya", group="Moderators")
    await group.send(written("/here"))
    await group.sees("This is the moderators' place now.")


async def come_by_link(page: Page, priya: Phone) -> Phone:
    """Have Priya make a link, and Zoe open it."""
    await priya.open()
    await priya.send(written("/invite"))
    await priya.press(bold("New link"))
    await priya.sees("Here is your invitation")
    link = await priya.screen.locator("a[href*='start=i_']").last.inner_text()
    await page.get_by_role("button", name="Add a person").click()
    await page.get_by_label("First name").fill(written("Zoe"))
    await page.get_by_role("button", name=bold("Add"), exact=True).click()
    zoe = Phone(page, "Zoe")
    await zoe.screen.get_by_role("button", name=bold("START")).click()
    await zoe.sees("no sales and no dating")
    await zoe.send(f"{written('/start')} {link.partition('start=')[2]}")
    await zoe.sees("You come by an invitation")
    return zoe


async def agree(phone: Phone) -> None:
    await phone.press(bold("I agree"))


async def make_profile(phone: Phone, *, teach: str = "Sewing", learn: str = "Tango") -> None:
    """Answer two of the eight steps, and pass the others."""
    await phone.press(bold("Keep"))
    await phone.sees("What can you teach?")
    await phone.send(teach)
    await phone.sees(f"{teach} ✕")
    await phone.press(bold("Next"))
    await phone.sees("What would you like to learn?")
    await phone.send(learn)
    await phone.sees(f"{learn} ✕")
    await phone.press(bold("Next"))
    for question in ("When do you have time?", "Where are you?", "A photo of you?"):
        await phone.sees(question)
        await phone.press(bold("Skip"))
    await phone.sees("Who may find you?")
    await phone.press(bold("Public"))
    await phone.press(bold("Looks good"))
