"""Alerts in the bot: added with a button, sent with a link to the teacher's card, renewed and removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.alerts import LIVES
from domain.users import ProfileChanges
from handlers.alerts import end_due_alerts, look_for_alerts
from handlers.users import get_user, update_profile
from storage.mongodb.database import object_id

if TYPE_CHECKING:
    from tests.bot.stage import Stage

pytest_plugins = ["tests.bot.stage"]


async def test_alert_is_sent_as_soon_as_the_skill_is_taught(stage: Stage) -> None:
    ana = await stage.person("Ana", "Python", "chess")
    li = await stage.person("Li", "cooking", "Python")
    nobody = await stage.says(ana, "/find Guitar", "Nobody here teaches")
    await stage.presses(
        ana, nobody, "🔔 Tell me when somebody does", "I will tell you when somebody begins to teach Guitar"
    )
    await update_profile(stage.deps, await get_user(stage.deps, li.id), ProfileChanges(skills_offered=("Guitar",)))
    assert await look_for_alerts(stage.deps) == 1
    notification = await stage.sees(ana, "Li teaches Guitar now")
    card = await stage.presses(ana, notification, "👤 Li", "Python")
    assert "🤝 Propose a swap" in stage.buttons(card)


async def test_empty_deck_offers_alerts_for_wanted_skills(stage: Stage) -> None:
    ana = await stage.person("Ana", "Python", "Guitar, Chess")
    empty = await stage.says(ana, "/match", "everybody for now")
    screen = await stage.presses(ana, empty, "🔔 Alerts", "No alerts yet")
    assert stage.buttons(screen)[:2] == ["🔔 Guitar", "🔔 Chess"]
    screen = await stage.presses(ana, screen, "🔔 Guitar", "Guitar until")
    screen = await stage.presses(ana, screen, "🔕 Guitar", "No alerts yet")


async def test_ended_alert_is_renewed_with_a_button(stage: Stage) -> None:
    ana = await stage.person("Ana", "Python", "Guitar")
    screen = await stage.says(ana, "/alerts", "No alerts yet")
    screen = await stage.presses(ana, screen, "🔔 Guitar", "Guitar until")
    (alert,) = await stage.deps.store.alerts.list_of(ana.id, limit=2)
    day = alert.expires_at
    assert f"Guitar until {day:%B} {day.day}, {day.year}" in screen.words
    over = {"$set": {"expires_at": alert.expires_at - LIVES}}
    await stage.deps.store.database.collection("alerts").update_one({"_id": object_id(alert.id)}, over)
    assert await end_due_alerts(stage.deps) == 1
    notification = await stage.sees(ana, "has run its 90 days")
    await stage.presses(ana, notification, "🔁 Renew Guitar", "I will tell you when somebody begins to teach Guitar")
