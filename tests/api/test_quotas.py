"""The quota of requests at the REST interface and on the page of one's swaps."""

from __future__ import annotations

from handlers.runtime.deps import Deps
from tests.api.conftest import Client
from tests.factories import MakeUser


async def test_a_front_end_reads_what_is_left_and_a_refusal_has_the_same_numbers(
    client: Client, deps: Deps, make_user: MakeUser
) -> None:
    new = await make_user("New", skills_offered=("Chess",), created_at=deps.now())
    others = [await make_user(skills_offered=("Go",)) for _ in range(4)]
    left, page, statuses = [], [], []
    for partner in others:
        async with client(new).get("/api/quota") as answer:
            left.append((await answer.json())["left"])
        async with client(new).get("/swaps") as answer:
            page.append("before somebody answers" in await answer.text())
        body = {"to_user_id": partner.id, "offered_skill": "Chess", "wanted_skill": "Go"}
        async with client(new).post("/api/swap", json=body) as answer:
            statuses.append(answer.status)
            last, retry_after = await answer.json(), answer.headers.get("Retry-After")
    assert (left, page, statuses) == ([3, 2, 1, 0], [False, False, True, False], [201, 201, 201, 429])
    assert last["code"] == "swap.daily_limit"
    assert int(retry_after or 0) > 0
    async with client(new).get("/api/quota") as answer:
        quota = await answer.json()
    assert last["quota"] == quota
    assert quota["more"] == [
        {"step": "first_day", "places": 2},
        {"step": "full_profile", "places": 5},
        {"step": "first_swap", "places": 10},
    ]
    assert quota["free_at"]
    async with client(new).get("/swaps") as answer:
        text = await answer.text()
    assert "That was your last open request for now" in text
    assert "5 more with a photo and two skills each way" in text
