"""The match with one user, and times to meet them, over REST."""

from __future__ import annotations

from datetime import datetime

from domain.week import format_slots
from tests.api.conftest import Client
from tests.factories import MakeUser

EVENINGS = format_slots(("weekday evenings",))


async def test_the_match_with_one_user_has_the_reasons_of_their_card(client: Client, make_user: MakeUser) -> None:
    ada = await make_user("Ada", availability=EVENINGS)
    ben = await make_user("Ben", availability=EVENINGS)
    async with client(ada).get("/api/matches") as answer:
        (card,) = await answer.json()
    async with client(ada).get(f"/api/matches/{ben.id}") as answer:
        assert await answer.json() == card
    assert card["shared_times"] == ["weekday evenings"]
    async with client(ada).get(f"/api/matches/{'0' * 24}") as answer:
        assert answer.status == 404


async def test_suggested_times_can_be_named_in_a_request(client: Client, make_user: MakeUser) -> None:
    ada = await make_user("Ada", availability=EVENINGS, timezone="Europe/Madrid")
    ben = await make_user("Ben", availability=EVENINGS, timezone="Europe/Madrid")
    async with client(ada).get(f"/api/matches/{ben.id}/times") as answer:
        slots = (await answer.json())["slots"]
    assert len({slot[:10] for slot in slots}) == 7
    assert all(datetime.fromisoformat(slot).weekday() < 5 for slot in slots)
    asked = {
        "to_user_id": ben.id,
        "offered_skill": ada.skills_offered[0],
        "wanted_skill": ben.skills_offered[0],
        "message": "",
        "slots": slots[:3],
    }
    async with client(ada).post("/api/swap", json=asked) as answer:
        assert (answer.status, (await answer.json())["slots"]) == (201, slots[:3])
