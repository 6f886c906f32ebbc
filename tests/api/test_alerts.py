"""Alerts over REST."""

from __future__ import annotations

from domain.users import ProfileChanges
from handlers.alerts import look_for_alerts
from handlers.runtime.deps import Deps
from handlers.users import update_profile
from tests.api.conftest import Client
from tests.factories import MakeUser


async def test_alert_is_created_finds_a_user_and_is_deleted(deps: Deps, client: Client, make_user: MakeUser) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben", skills_offered=("Chess",), email="ben@example.org")
    http = client(ada)
    async with http.post("/api/alerts", json={"skill": "Guitar"}) as response:
        assert response.status == 201
        made = await response.json()
        assert (made["skill"], made["is_running"], made["found"]) == ("Guitar", True, [])
    await update_profile(deps, ben, ProfileChanges(skills_offered=("guitar",)))
    await look_for_alerts(deps)
    async with http.get("/api/alerts") as response:
        (alert,) = await response.json()
        assert [person["name"] for person in alert["found"]] == ["Ben"]
        assert "email" not in alert["found"][0]
    await update_profile(deps, ben, ProfileChanges(is_public=False))
    async with http.get("/api/alerts") as response:
        assert (await response.json())[0]["found"] == []
    async with client(ben).delete(f"/api/alerts/{made['_id']}") as response:
        assert response.status == 404
    async with http.delete(f"/api/alerts/{made['_id']}") as response:
        assert await response.json() == []


async def test_alert_on_an_invalid_skill_is_refused(client: Client, make_user: MakeUser) -> None:
    http = client(await make_user("Ada"))
    for body in ({}, {"skill": " "}, {"skill": "x" * 41}, {"skill": 7}, {"skill": "-"}, {"skill": "nothing"}):
        async with http.post("/api/alerts", json=body) as response:
            assert response.status == 422
    async with client().get("/api/alerts") as response:
        assert response.status == 401
