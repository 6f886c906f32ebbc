"""Other ends of a swap on the sandbox page: a session that is missed, a dispute, a swap that lapses; and a circle whose
three lessons are held."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.async_api import Page, expect

from domain.planning import Meeting
from domain.swaps import ACCEPTED, Swap
from domain.timetable import ASK_FOR_PLAN_AFTER, LAPSE_AFTER, STATEMENT_WITHIN, SUGGEST_AFTER
from domain.users import MODERATOR, User
from handlers import sessions
from handlers.auth.roles import grant_role
from handlers.circles import ask_circle, join_circle
from handlers.runtime.deps import Deps
from handlers.swaps import Proposal, accept_swap, answer_swap, propose_swap
from tests.browser.test_meetings import AFTER, by_day, go_to, pair
from tests.browser.test_moved_clock import arrive
from tests.browser.test_two_people import Phone, _picture
from tests.factories import list_possible
from tests.moved_clock import MoveClock
from tests.service import Service

IN_PERSON: dict[str, Any] = {"mode": "in_person", "place": "Café Sol"}


async def agreed(deps: Deps, asker: User, asked: User) -> tuple[Swap, datetime]:
    """Let two agree on a session, as the web would; return the swap and the start."""
    start = (deps.now() + timedelta(days=3)).replace(hour=16, minute=0, second=0, microsecond=0)
    proposal = Proposal(asked.id, asker.skills_offered[0], asked.skills_offered[0], slots=(start,))
    swap = await propose_swap(deps, asker, proposal)
    return await answer_swap(deps, asked, swap.id, ACCEPTED, starts_at=start), start


async def test_a_session_that_somebody_missed_is_told_in_neutral_words(
    page: Page, service: Service, deps: Deps, move_clock: MoveClock, pictures: Path | None
) -> None:
    await page.goto(service.sandbox_page)
    await by_day(deps, move_clock)
    maya, asker, tomas, asked = await pair(page, deps)
    _, start = await agreed(deps, asker, asked)
    await maya.sees("session.ics")
    await go_to(deps, move_clock, start + AFTER)
    await tomas.sees("¿Os visteis Maya y tú?")
    await tomas.press("🚫 No tuvo lugar")
    await tomas.press("No pude")
    await maya.sees("Did you and Tomás meet?")
    await maya.press("🚫 It didn't happen")
    await maya.sees("Tomás does not see your answer.")
    await _picture(page, pictures, "no-show")
    await maya.press("They didn't come")
    await maya.sees("Your session with Tomás did not take place.")
    await tomas.sees("Tu encuentro con Maya no tuvo lugar.")
    await _picture(page, pictures, "not-held")


async def test_a_dispute_is_settled_by_a_moderator(
    page: Page, service: Service, deps: Deps, move_clock: MoveClock, pictures: Path | None
) -> None:
    await page.goto(service.sandbox_page)
    await by_day(deps, move_clock)
    maya, asker, tomas, asked = await pair(page, deps)
    priya, moderator = await arrive(page, deps, "Priya", "en", teach=("Sewing",), learn=("Tango",))
    await grant_role(deps, moderator.id, MODERATOR)
    swap, start = await agreed(deps, asker, asked)
    await maya.sees("session.ics")
    await go_to(deps, move_clock, start + AFTER)
    await maya.sees("Did you and Tomás meet?")
    await maya.press("🚫 It didn't happen")
    await maya.press("They didn't come")
    await tomas.press("✅ Sí")
    await tomas.press("✅ Las dos cosas")
    await maya.sees("Tomás says that you met.")
    await maya.press("🚫 It didn't happen")
    await maya.press("✍️ Tell your side")
    await maya.sees("What happened, from your side?")
    await maya.send("I waited at the door of the bakery.")
    await maya.sees("The moderators will read it")
    await sessions.make_statement(deps, asked, swap.id, "Estuvimos en mi casa, como dijimos por chat.")
    await go_to(deps, move_clock, deps.now() + STATEMENT_WITHIN + timedelta(minutes=1))
    await priya.sees("Maya and Tomás remember a session differently.")
    await _picture(page, pictures, "dispute")
    await priya.press("🌱 It did not take place")
    await priya.sees("Both will read your reason")
    await priya.send("You waited at two places. Nobody is to blame: try again!")
    await priya.sees("Decided:")
    await maya.sees("The moderators count your swap with Tomás")
    await tomas.sees("Moderación considera que tu intercambio con Maya")
    await _picture(page, pictures, "decided")


async def test_a_swap_of_which_nothing_comes_lapses(
    page: Page, service: Service, deps: Deps, move_clock: MoveClock, pictures: Path | None
) -> None:
    await page.goto(service.sandbox_page)
    await by_day(deps, move_clock)
    maya, asker, tomas, asked = await pair(page, deps)
    swap = await propose_swap(deps, asker, Proposal(asked.id, "Python", "Bread baking"))
    await accept_swap(deps, asked, swap.id)
    await maya.sees("Tomás accepted!")
    since = deps.now()
    await go_to(deps, move_clock, since + SUGGEST_AFTER)
    await tomas.sees("¿Cuándo quedáis Maya y tú?")
    await go_to(deps, move_clock, since + ASK_FOR_PLAN_AFTER)
    await maya.sees("You and Tomás have no date yet.")
    await tomas.sees("Maya y tú aún no tenéis fecha.")
    await go_to(deps, move_clock, since + LAPSE_AFTER)
    await maya.sees("has fallen asleep, so I have closed it.")
    await tomas.sees("se ha quedado dormido, así que lo he cerrado.")
    await _picture(page, pictures, "lapsed")


async def test_the_three_lessons_of_a_circle_are_held(
    page: Page, service: Service, deps: Deps, move_clock: MoveClock, pictures: Path | None
) -> None:
    await page.goto(service.sandbox_page)
    await by_day(deps, move_clock)
    phones: list[Phone] = []
    people: list[User] = []
    for name, teach, learn in (
        ("Maya", "Python", "Chinese"),
        ("Li", "Guitar", "Python"),
        ("Noah", "Chinese", "Guitar"),
    ):
        phone, user = await arrive(page, deps, name, "en", teach=(teach,), learn=(learn,), timezone="Europe/Madrid")
        phones.append(phone)
        people.append(user)
    maya, li, noah = phones
    (candidate,) = await list_possible(deps, people[0])
    view = await ask_circle(deps, people[0], candidate.id)
    for user in people[1:]:
        view = await join_circle(deps, user, view.id, version=view.version)
    assert view.swap is not None
    start = (deps.now() + timedelta(days=3)).replace(hour=16, minute=0, second=0, microsecond=0)
    by_id = {user.id: user for user in people}
    for number, leg in enumerate(view.swap.legs):
        meeting = Meeting((start - timedelta(hours=number),), (number,), **IN_PERSON)
        swap = await sessions.offer_session(deps, by_id[leg.teacher], view.id, meeting)
        session = swap.plan.sessions[-1]
        await sessions.agree_session(deps, by_id[leg.learner], view.id, session.id, session.slots[0])
    for phone in phones:
        await expect(phone.screen.get_by_text("session.ics")).to_have_count(2)
    await go_to(deps, move_clock, start + AFTER)
    for phone, teacher in ((maya, "Noah"), (li, "Maya"), (noah, "Li")):
        question = phone.screen.locator(".message", has_text=f"Did you and {teacher} meet?").last
        await question.get_by_role("button", name="✅ Yes").click()
        await phone.sees(f"You and {teacher} have met.")
    done: list[str] = []
    for phone, name in ((maya, "Maya"), (li, "Li"), (noah, "Noah")):
        for other in done:
            await phone.sees(f"{other} is done with your swap.")
        await phone.press("🏁 We're done")
        done.append(name)
    for phone in phones:
        await phone.sees("is complete.")
    await _picture(page, pictures, "circle-held")
