"""The door on the sandbox page: a stranger is kept out, applies and is let in, is reported, warned and banned."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

from playwright.async_api import Page

from domain.community import APPROVAL, CommunityChanges
from domain.exits import SETTLE_AFTER, UNDO_WITHIN
from domain.messages import WEB
from domain.reports import SWAP, Complaint
from domain.swaps import Swap
from domain.users import ADMIN, User
from handlers.auth.roles import grant_role
from handlers.community import change_community
from handlers.messages import Draft, send_message
from handlers.reports import report as make_report
from handlers.rules import agree_to_rules
from handlers.runtime.deps import Deps
from handlers.runtime.texts import load_texts
from handlers.swaps import Proposal, accept_swap, propose_swap
from handlers.users import find_telegram_user
from tests.browser.test_meetings import by_day, go_to
from tests.browser.test_moved_clock import arrive
from tests.browser.test_two_people import Phone, _picture, register
from tests.moved_clock import MoveClock
from tests.service import Service

GROUP = "Moderators"
RULES = "Be kind, keep your word, no sales and no dating."
QUESTION = "Who told you about us?"
CONTACT = "hello@harbour.example"
LATER = UNDO_WITHIN + SETTLE_AFTER + timedelta(minutes=1)
"""Time after which a decision cannot be undone any more, and what follows from it is done."""


async def found_group(page: Page, owner: str) -> Phone:
    """Found the moderators' group of one person alone, and make it the place where cards come."""
    await page.get_by_role("button", name="New group").click()
    await page.get_by_label("Name", exact=True).fill(GROUP)
    for box in await page.get_by_role("group", name="People").get_by_role("checkbox").all():
        await box.uncheck()
    await page.get_by_label(owner, exact=True).check()
    await page.get_by_role("button", name="Create").click()
    phone = Phone(page, owner, group=GROUP)
    await phone.send("/here")
    await phone.sees("This is the moderators' place now.")
    return phone


async def user_of(phone: Phone, deps: Deps) -> User:
    user = await find_telegram_user(deps, int(await phone.row.get_attribute("data-person") or 0))
    assert user is not None
    return user


async def come_to_the_door(page: Page, pictures: Path | None) -> Phone:
    """Let Noah find the bot: he reads the rules, and sees nobody."""
    await page.get_by_role("button", name="Add Noah").first.click()
    noah = Phone(page, "Noah")
    await noah.screen.get_by_role("button", name="START").click()
    await noah.sees(RULES)
    await noah.press("✅ I agree")
    await noah.sees("What should people call you?")
    await noah.send("/match")
    await noah.sees("as soon as the organisers have let you in")
    await _picture(page, pictures, "kept-out")
    return noah


async def apply(page: Page, noah: Phone, group: Phone, pictures: Path | None) -> None:
    """Let him make a profile and apply, and Priya let him in."""
    texts = await asyncio.to_thread(load_texts)
    await register(
        noah, texts["en"], teach="Gardening", learn="Python", location="Old harbour", ends_with="One last thing:"
    )
    await noah.send("My neighbour Maya")
    await noah.sees("are looking at your profile")
    await group.sees("Noah would like to join")
    await _picture(page, pictures, "application")
    await group.press("✅ Let in")
    await group.sees("was let in by Priya")
    await noah.sees("Harbour Swaps has let you in.")
    await _picture(page, pictures, "let-in")


async def running_swap(deps: Deps, asker: User, asked: User, skill: str) -> Swap:
    swap = await propose_swap(deps, asker, Proposal(asked.id, skill, "Gardening"))
    return await accept_swap(deps, asked, swap.id)


async def report(page: Page, maya: Phone, group: Phone, pictures: Path | None) -> None:
    """Let Maya report what he has written, with their messages, and without blocking him."""
    await maya.open()
    await maya.sees("Dinner at my place tonight?")
    await maya.send("/swaps")
    await maya.press("Noah")
    await maya.press("🚩 Report")
    await maya.press("flirting, dating")
    await maya.press("⬜️ Attach our last")
    await maya.sees("☑️ Attach our last")
    await maya.press("☑️ Block Noah too")
    await maya.sees("⬜️ Block Noah too")
    await _picture(page, pictures, "report")
    await maya.send("I came for the garden.")
    await maya.sees("your report has arrived")
    await group.sees("Noah: Forget the garden.")
    await _picture(page, pictures, "case")


async def warn(page: Page, noah: Phone, group: Phone, pictures: Path | None) -> None:
    """Let Priya warn him, and him read it."""
    await group.press("⚠️ Warn")
    await group.press("flirting, dating")
    await group.sees("Warned – Priya")
    await noah.sees("The organisers have to tell you something")
    await _picture(page, pictures, "warning")
    await noah.press("✅ I have read this")
    await noah.sees("Everything is open again")


async def ban(page: Page, noah: Phone, group: Phone, pictures: Path | None) -> None:
    """Let Priya ban him, which is asked twice, for what somebody else has reported."""
    await group.sees("Earlier cases: 1")
    await group.press("⛔ Ban")
    await group.press("Rude or threatening")
    await group.sees("Ban Noah?")
    await _picture(page, pictures, "ban")
    await group.press("⛔ Yes, ban")
    await group.sees("Banned – Priya")
    await noah.sees("have closed your account")
    await noah.send("/start")
    await noah.sees("has been closed by the people who run this community")
    await _picture(page, pictures, "banned")


async def test_a_stranger_is_let_in_reported_warned_and_banned(
    page: Page, service: Service, deps: Deps, move_clock: MoveClock, pictures: Path | None
) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    await page.goto(service.sandbox_page)
    await by_day(deps, move_clock)
    _, admin = await arrive(page, deps, "Priya", "en", teach=("Sewing",), learn=("Tango",))
    maya, asker = await arrive(page, deps, "Maya", "en", teach=("Python",), learn=("Gardening",))
    tomas, other = await arrive(page, deps, "Tomás", "es", teach=("Panadería",), learn=("Gardening",))
    admin = await grant_role(deps, admin.id, ADMIN)
    group = await found_group(page, "Priya")
    changes = CommunityChanges(name="Harbour Swaps", join=APPROVAL, rules=RULES, question=QUESTION, contact=CONTACT)
    await change_community(deps, admin, changes)
    for user in (asker, other):
        await agree_to_rules(deps, user, 1)
    await tomas.put_away()
    await maya.put_away()
    noah = await come_to_the_door(page, pictures)
    await apply(page, noah, group, pictures)
    stranger = await user_of(noah, deps)
    swap = await running_swap(deps, asker, stranger, "Python")
    second = await running_swap(deps, other, stranger, "Bread baking")
    await send_message(deps, stranger, Draft(swap.id, "Forget the garden. Dinner at my place tonight?", WEB))
    await report(page, maya, group, pictures)
    await warn(page, noah, group, pictures)
    await send_message(deps, stranger, Draft(second.id, "You are useless. I know where you live.", WEB))
    complaint = Complaint(stranger.id, SWAP, second.id, "rude", "Me da miedo.", with_messages=True, with_block=False)
    await make_report(deps, other, complaint)
    await ban(page, noah, group, pictures)
    await noah.put_away()
    await group.put_away()
    await go_to(deps, move_clock, deps.now() + LATER)
    await tomas.open()
    await maya.sees("Noah is no longer here, so your swap (Gardening ⇄ Python) has ended.")
    await tomas.sees("Noah ya no está aquí")
    await _picture(page, pictures, "partners")
    assert errors == []
