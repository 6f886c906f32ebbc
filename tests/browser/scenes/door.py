"""The door: the community and its rules, invitations, an application, how somebody stands, the organisers' pages."""

from __future__ import annotations

import re

import aiohttp

from domain.community import APPROVAL, CommunityChanges
from domain.users import ADMIN, MODERATOR, ProfileChanges
from handlers import standing
from handlers.applications import submit_application
from handlers.community import change_community
from handlers.invites import make_invite, revoke_invite
from handlers.rules import agree_to_rules
from handlers.users import get_user, register_email_user, update_profile
from tests.api.conftest import COOKIE, Web
from tests.browser.scenes import GUITAR, PYTHON, Pages, Stage
from tests.factories import insert_user


async def answer_path(web: Web, token: str) -> str:
    """Return the address of the page on which this reader answers the organisers."""
    async with aiohttp.ClientSession(web.url, headers={"Cookie": f"{COOKIE}={token}"}) as http:
        async with http.get("/standing") as answer:
            found = re.search(r'href="(/mail/answer[^"]+)"', await answer.text())
    assert found is not None
    return found[1]


async def pages(stage: Stage) -> Pages:
    deps = stage.deps
    olga = await insert_user(deps, "Olga", role=ADMIN, **PYTHON)
    eva = await insert_user(deps, "Mona", role=MODERATOR, **PYTHON)
    warned, resting = [await insert_user(deps, name, **PYTHON) for name in ("Wanda", "Sue")]
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
    await standing.warn(deps, eva, warned.id, reason="rude")
    await standing.suspend(deps, eva, resting.id, reason="selling")
    warned, resting = await get_user(deps, warned.id), await get_user(deps, resting.id)
    return [
        *((path, None) for path in ("/", "/community", "/rules", f"/i/{invite.code}", f"/i/{over.code}", "/i/nothing")),
        *((path, nils) for path in (f"/i/{invite.code}", "/application", "/me/edit", "/rules")),
        ("/application", lou),
        ("/", warned),
        *((path, resting) for path in ("/", "/standing")),
        (await answer_path(stage.web, stage.sign_in(resting)), None),
        *((path, olga) for path in ("/community", "/community/edit", "/community/invites", "/community/staff")),
    ]
