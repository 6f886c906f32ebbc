"""The hours of a week in a profile: given by REST, beside the slots that the bot offers, and compared in matches."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import Client
from tests.factories import MakeUser

NONE: list[list[int]] = [[] for _ in range(7)]
TUESDAY_EVENING = [[], [19, 20], [], [], [], [], []]


async def put(session: Any, **changes: Any) -> dict[str, Any]:
    async with session.put("/api/user", json=changes) as answer:
        assert answer.status == 200, await answer.text()
        document: dict[str, Any] = await answer.json()
    return document


async def test_hours_say_their_slots_in_words_and_what_was_typed_stays(client: Client, make_user: MakeUser) -> None:
    session = client(await make_user(availability="weekend mornings, not in August"))
    async with session.get("/api/user") as answer:
        assert (await answer.json())["hours"] == [*NONE[:5], [8, 9, 10, 11], [8, 9, 10, 11]]
    document = await put(session, hours=TUESDAY_EVENING)
    assert (document["hours"], document["availability"]) == (TUESDAY_EVENING, "weekday evenings, not in August")
    assert await put(session, **document) == document  # sent back as a whole, nothing changes
    document = await put(session, availability="weekday evenings, weekend mornings")
    assert document["hours"] == [[], [19, 20], [], [], [], [8, 9, 10, 11], [8, 9, 10, 11]]
    assert (await put(session, hours=None))["availability"] == ""


async def test_hours_outside_of_all_slots_are_kept(client: Client, make_user: MakeUser) -> None:
    night = [[0, 23], *NONE[:6]]
    session = client(await make_user())
    assert (await put(session, hours=night))["hours"] == night
    assert (await put(session, availability="weekday mornings"))["hours"][0] == [0, 8, 9, 10, 11, 23]


@pytest.mark.parametrize(
    "hours", [[[1]], [[24], *NONE[:6]], [[-1], *NONE[:6]], [*NONE, []], "evenings", [["6"], *NONE]]
)
async def test_hours_that_no_week_has_are_refused(client: Client, make_user: MakeUser, hours: Any) -> None:
    async with client(await make_user()).put("/api/user", json={"hours": hours}) as answer:
        assert answer.status == 422


async def test_two_people_match_by_their_hours(client: Client, make_user: MakeUser) -> None:
    ada = await make_user("Ada", skills_offered=("Python",), skills_wanted=("Guitar",))
    ben = await make_user("Ben", skills_offered=("Guitar",), skills_wanted=("Python",))

    async def seen() -> tuple[list[str], list[str]]:
        async with client(ada).get(f"/api/matches/{ben.id}") as answer:
            card = await answer.json()
        return [one["key"] for one in card["reasons"]], [one["key"] for one in card["caveats"]]

    await put(client(ada), hours=TUESDAY_EVENING)
    await put(client(ben), hours=[[], [], [19, 20], [], [], [], []])  # both "weekday evenings", never at once
    assert "no_common_time" in (await seen())[1]
    await put(client(ben), hours=TUESDAY_EVENING)
    reasons, caveats = await seen()
    assert "no_common_time" not in caveats
    assert "common_time" in reasons
