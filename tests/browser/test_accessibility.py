"""Every page, light and dark, on a phone: axe, the accessibility checker, finds nothing; nothing is wider than the
screen, and no script or style is refused by the page's own policy."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

import aiohttp
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

from api.app import page_routes
from domain.community import APPROVAL, CommunityChanges
from domain.planning import Meeting
from domain.reports import SWAP, Complaint
from domain.swaps import ACCEPTED
from domain.users import ADMIN, MODERATOR, ProfileChanges, User
from handlers import sessions, standing
from handlers.applications import submit_application
from handlers.blocks import block_user
from handlers.cases import act_on_case
from handlers.circles import ask_circle
from handlers.community import change_community
from handlers.invites import make_invite, revoke_invite
from handlers.messages import Draft, send_message
from handlers.reports import report
from handlers.rules import agree_to_rules
from handlers.runtime.deps import Deps
from handlers.swaps import Proposal, propose_swap
from handlers.users import get_user, register_email_user, update_profile
from tests.api.conftest import COOKIE, Web, web
from tests.api.test_session_edges import disputed
from tests.browser.conftest import browser
from tests.factories import SignIn, insert_swap, insert_user, later, list_possible

__all__ = ["browser", "web"]

DAY = timedelta(days=1)
WIDTH, HEIGHT = 390, 844
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
"""Tags of axe; the sizes of targets are only looked at when they are named."""
GUITAR = {"skills_offered": ("Guitar",), "skills_wanted": ("Python",)}
PYTHON = {"skills_offered": ("Python",), "skills_wanted": ("Guitar",)}
OTHER_PAGES = ("/docs", "/api/auth/signin", "/api/auth/verify-request", "/api/auth/error", "/api/auth/signout")
FILES = {"/sandbox"}
"""Routes of `page_routes` that lead elsewhere."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Pages to look at, as (path, reader or None); `covered` are the routes that they are of."""

    pages: tuple[tuple[str, User | None], ...]


async def _talks(deps: Deps, ada: User, ben: User) -> Mapping[str, str]:
    """Make a request with times, an accepted swap with words and a session, and one that is to be rated."""
    cleo = await insert_user(deps, "Cleo", **PYTHON)
    dan = await insert_user(deps, "Dan", **PYTHON)
    slots = tuple((deps.now() + days * DAY).replace(minute=0, second=0, microsecond=0) for days in (2, 3))
    asked = await propose_swap(deps, cleo, Proposal(ben.id, "Python", "Guitar", "Hello Ben!", slots=slots))
    running = await insert_swap(deps, ada, ben, status=ACCEPTED)
    await send_message(deps, ada, Draft(running.id, "See you there", "web"))
    await sessions.offer_session(deps, ada, running.id, Meeting(slots, link="https://meet.example.org/x"))
    done = await insert_swap(deps, dan, ben, status=ACCEPTED)
    await sessions.note_session(deps, dan, done.id, Meeting(()))
    await sessions.answer_session(deps, ben, done.id, "1", "yes")
    for person in (dan, ben):
        await sessions.finish_swap(deps, person, done.id)
    return {"asked": asked.id, "running": running.id, "rate": f"{done.id}/rate/{dan.id}"}


async def _circle(deps: Deps) -> tuple[User, str]:
    ana = await insert_user(deps, "Ana", skills_offered=("Cooking",), skills_wanted=("Chinese",))
    await insert_user(deps, "Li Wei", skills_offered=("Yoga",), skills_wanted=("Cooking",))
    await insert_user(deps, "Noor", skills_offered=("Chinese",), skills_wanted=("Yoga",))
    [possible] = await list_possible(deps, ana)
    return ana, (await ask_circle(deps, ana, possible.id)).id


async def _moderated(deps: Deps, eva: User, ada: User, ben: User, running: str) -> Mapping[str, str]:
    """Make a case with evidence, one that is done, a dispute, a skill without a name."""
    await report(deps, ada, Complaint(ben.id, SWAP, running, "rude", "Shouted.", with_messages=True, with_block=False))
    eli = await insert_user(deps, "Eli", skills_offered=("Azulejo firing", "gitarrra"), skills_wanted=("Chess",))
    await report(deps, ada, Complaint(eli.id, "profile", eli.id, "selling", with_block=False))
    open_case, other = await deps.store.cases.find_open(ben.id), await deps.store.cases.find_open(eli.id)
    assert open_case is not None
    assert other is not None
    await act_on_case(deps, eva, other.id, "hide", "selling")
    fay, gil = await insert_user(deps, "Fay", **PYTHON), await insert_user(deps, "Gil", **GUITAR)
    dispute = await insert_swap(deps, fay, gil, status=ACCEPTED)
    await disputed(later(deps, -4 * DAY), fay, gil, dispute)
    return {"case": open_case.id, "done": other.id, "dispute": dispute.id, "person": eli.id}


async def answer_path(web: Web, token: str) -> str:
    """Return the address of the page on which this reader answers the organisers."""
    async with aiohttp.ClientSession(web.url, headers={"Cookie": f"{COOKIE}={token}"}) as http:
        async with http.get("/standing") as answer:
            found = re.search(r'href="(/mail/answer[^"]+)"', await answer.text())
    assert found is not None
    return found[1]


@pytest.fixture
async def scene(deps: Deps, web: Web, sign_in: SignIn) -> Scene:
    olga = await insert_user(deps, "Olga", role=ADMIN, **PYTHON)
    eva = await insert_user(deps, "Eva", role=MODERATOR, **PYTHON)
    ada = await insert_user(deps, "Ada", timezone="Europe/Madrid", **PYTHON)
    ben = await insert_user(deps, "Ben", timezone="America/New_York", **GUITAR)
    talks, (ana, circle) = await _talks(deps, ada, ben), await _circle(deps)
    made = await _moderated(deps, eva, ada, ben, talks["running"])
    changes = CommunityChanges(
        name="Harbour", about="Neighbours.", rules="Be kind.", contact="olga@example.org", join=APPROVAL,
        question="Why?", languages=("en", "es"),
    )  # fmt: skip
    await change_community(deps, olga, changes)
    invite, over = await make_invite(deps, olga), await make_invite(deps, olga)
    await revoke_invite(deps, olga, over.id)
    nils, lou = [await register_email_user(deps, f"{name}@example.org", name) for name in ("nils", "lou")]
    lou = await update_profile(deps, await agree_to_rules(deps, lou, 1), ProfileChanges(**GUITAR))
    await submit_application(deps, lou, "Hello")
    warned, resting, blocker = [await insert_user(deps, name, **PYTHON) for name in ("Wanda", "Sue", "Bo")]
    await standing.warn(deps, eva, warned.id, reason="rude")
    await standing.suspend(deps, eva, resting.id, reason="selling")
    await block_user(deps, blocker, ada.id)
    warned, resting = await get_user(deps, warned.id), await get_user(deps, resting.id)
    swaps = f"/swaps/{talks['running']}"
    pages: list[tuple[str, User | None]] = [
        *((path, None) for path in ("/", "/community", "/rules", f"/i/{invite.code}", f"/i/{over.code}", "/i/nothing")),
        *((path, None) for path in OTHER_PAGES),
        *((path, nils) for path in (f"/i/{invite.code}", "/application", "/me/edit", "/rules")),
        ("/application", lou),
        ("/", warned),
        *((path, resting) for path in ("/", "/standing")),
        (await answer_path(web, sign_in(resting)), None),
        *((path, ben) for path in ("/", "/swaps", f"/swaps/{talks['asked']}", swaps, f"{swaps}/plan")),
        *((path, ben) for path in (f"/swaps/{talks['asked']}/counter", f"{swaps}/place/1")),
        *((path, ben) for path in (f"/swaps/{talks['rate']}", f"/report/{talks['running']}/{ada.id}", "/blocks")),
        *((path, ben) for path in (f"/block/{ada.id}", f"/report/{ada.id}", "/nowhere", f"/swaps/{circle}")),
        *((path, ana) for path in ("/", f"/circles/{circle}/block/you_teach", f"/report/{circle}/you_learn")),
        ("/blocks", blocker),
        *((path, olga) for path in ("/community", "/community/edit", "/community/invites", "/community/staff")),
        *((f"/moderation{path}", eva) for path in ("", "?show=mine", "?show=done", "/applications", "/disputes")),
        *((f"/moderation{path}", eva) for path in ("/skills", "/audit", f"/people/{made['person']}")),
        *((f"/moderation/{path}", eva) for path in (f"cases/{made['case']}", f"cases/{made['done']}")),
        (f"/moderation/disputes/{made['dispute']}", eva),
    ]
    return Scene(tuple(pages))


def test_no_page_is_forgotten(scene: Scene) -> None:
    patterns = {route.path for route in page_routes() if route.method == "GET"} - FILES
    seen = {path.partition("?")[0] for path, _ in scene.pages}
    forgotten = [
        pattern
        for pattern in patterns
        if not any(re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", pattern), path) for path in seen)
    ]
    assert not forgotten, "add them to the scene"


@pytest.fixture
async def phones(browser: Browser) -> AsyncIterator[dict[str, Page]]:
    opened = {}
    for scheme in ("light", "dark"):
        context = await browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme=scheme)  # type: ignore[arg-type]
        opened[scheme] = await context.new_page()
    yield opened
    for page in opened.values():
        await page.context.close()


@pytest.mark.timeout(600)
async def test_axe_finds_nothing_on_any_page_light_and_dark(
    web: Web, scene: Scene, phones: dict[str, Page], sign_in: SignIn
) -> None:
    found, said = [], []
    for scheme, page in phones.items():
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        for path, reader in scene.pages:
            await page.context.clear_cookies()
            if reader is not None:
                await page.context.add_cookies([{"name": COOKIE, "value": sign_in(reader), "url": web.url}])
            await page.goto(web.url + path)
            await page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true })")
            result = await Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]})
            found += [
                f"{scheme} {path}: {each['id']} {node['html'][:160]}"
                for each in result.response["violations"]
                for node in each["nodes"]
            ]
            width = await page.evaluate("document.documentElement.scrollWidth")
            found += [f"{scheme} {path}: {width} px wide"] if width > WIDTH else []
    assert not found, "\n".join(dict.fromkeys(found))
    policy = [line for line in said if "Content Security Policy" in line]
    assert not policy, policy
    print(f"{len(scene.pages)} pages looked at, light and dark")


async def test_axe_would_find_a_field_without_a_label(web: Web, phones: dict[str, Page]) -> None:
    page = phones["light"]
    await page.goto(f"{web.url}/")
    await page.evaluate("document.querySelector('main').append(document.createElement('input'))")
    result = await Axe().run(page, options={"runOnly": RULES})
    assert "label" in {each["id"] for each in result.response["violations"]}
