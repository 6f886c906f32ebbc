"""The page of alerts, with plain forms."""

from __future__ import annotations

from datetime import timedelta

from domain.alerts import LIVES, MAX_ALERTS
from domain.users import ProfileChanges
from handlers.alerts import add_alert, end_due_alerts, list_alerts, look_for_alerts
from handlers.runtime.deps import Deps
from handlers.users import update_profile
from tests.api.pages.conftest import Get, Post, values_of
from tests.factories import MakeUser, later


async def test_an_alert_is_set_found_taken_back_and_set_again(
    read: Get, send: Post, deps: Deps, make_user: MakeUser
) -> None:
    ada = await make_user("Ada", skills_wanted=("Kayaking",))
    _, page = await read(ada, "/alerts")
    assert ("Kayaking" in values_of(page, "skill"), "My alerts" in page) == (True, False)
    status, onward = await send(ada, "/alerts", [("action", "add"), ("skill", "Kayaking")])
    _, page = await read(ada, onward)
    assert (status, "You will hear of it when somebody begins to teach Kayaking" in page) == (303, True)
    ben = await make_user("Ben <i>", skills_offered=("Chess",), skills_wanted=("Go",))
    await update_profile(deps, ben, ProfileChanges(skills_offered=("Kayaking",)))
    await look_for_alerts(deps)
    _, page = await read(ada, "/alerts")
    assert f'href="/people/{ben.id}"' in page
    (alert,) = await list_alerts(deps, ada)
    status, onward = await send(ada, "/alerts", [("action", "remove"), ("alert", alert.id)])
    assert (status, await list_alerts(deps, ada)) == (303, [])
    _, page = await read(ada, onward)
    assert "The alert for Kayaking is off" in page
    assert (await send(ada, "/alerts", [("action", "add"), ("skill", values_of(page, "skill")[0])]))[0] == 303
    assert [one.skill for one in await list_alerts(deps, ada)] == ["Kayaking"]


async def test_an_alert_that_has_ended_is_renewed(read: Get, send: Post, deps: Deps, make_user: MakeUser) -> None:
    ada = await make_user("Ada")
    alert = await add_alert(later(deps, -LIVES - timedelta(hours=1)), ada, "Kayaking")
    await end_due_alerts(deps)
    _, page = await read(ada, "/alerts")
    assert "Ended on" in page
    assert (await send(ada, "/alerts", [("action", "renew"), ("alert", alert.id)]))[0] == 303
    (renewed,) = await list_alerts(deps, ada)
    assert renewed.is_running


async def test_an_unknown_skill_is_asked_about_and_kept(read: Get, send: Post, deps: Deps, make_user: MakeUser) -> None:
    ada = await make_user("Ada", skills_wanted=("Chess",))
    _, onward = await send(ada, "/alerts", [("action", "add"), ("skill", "Giutar")])
    _, page = await read(ada, onward)
    assert ("Did you mean something else?" in page, "Guitar" in values_of(page, "skill")) == (True, True)
    assert [alert.skill for alert in await list_alerts(deps, ada)] == ["Giutar"]


async def test_what_is_refused_keeps_the_skill_and_says_why(send: Post, deps: Deps, make_user: MakeUser) -> None:
    ada, eve = await make_user("Ada"), await make_user("Eve")
    for number in range(MAX_ALERTS):
        await add_alert(deps, ada, f"Skill {number}")
    status, page = await send(ada, "/alerts", [("action", "add"), ("skill", "One too many")])
    assert (status, 'role="alert"' in page, "One too many" in values_of(page, "skill")) == (409, True, True)
    assert "/alerts:" not in page
    status, page = await send(ada, "/alerts", [("action", "add"), ("skill", "nothing")])
    assert (status, 'role="alert"' in page) == (422, True)
    alert = (await list_alerts(deps, ada))[0]
    assert (await send(eve, "/alerts", [("action", "remove"), ("alert", alert.id)]))[0] == 404
    assert (await send(eve, "/alerts", [("action", "fly")]))[0] == 400
    assert len(await list_alerts(deps, ada)) == MAX_ALERTS
