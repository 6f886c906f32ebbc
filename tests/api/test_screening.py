"""Newcomers' first words at the REST interface, on sockets and on pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.records import Record
from domain.swaps import ACCEPTED
from domain.users import MODERATOR, User
from handlers.messages import list_messages
from handlers.photos import CHAT, reap_photos, upload_photo
from tests.api.conftest import Client, Connect, Web
from tests.api.realtime.test_server import received
from tests.factories import MakeSwap, MakeUser, insert_swap, jpeg, later

LINK = "More about me: example.org"


@pytest.fixture
async def people(make_user: MakeUser) -> tuple[User, User, User]:
    """A newcomer, a member who has swapped, and a moderator."""
    new = await make_user("New", skills_offered=("Chess",), skills_wanted=("Go",))
    old = await make_user("Old", skills_offered=("Go",), skills_wanted=("Chess",), record=Record(swaps_held=1))
    return new, old, await make_user("Mod", role=MODERATOR)


async def get(client: Client, user: User, path: str) -> Any:
    async with client(user).get(path) as answer:
        assert answer.status == 200, path
        return await answer.json()


async def act(client: Client, moderator: User, action: str, **fields: object) -> Any:
    (case,) = await get(client, moderator, "/api/moderation/cases")
    body = {"action": action, **fields}
    async with client(moderator).post(f"/api/moderation/cases/{case['_id']}/actions", json=body) as answer:
        return answer.status, await answer.json()


async def test_a_request_that_waits_is_known_to_its_asker_alone(
    client: Client, connect: Connect, people: tuple[User, User, User]
) -> None:
    new, old, moderator = people
    tab = await connect(old)
    body = {"to_user_id": old.id, "offered_skill": "Chess", "wanted_skill": "Go", "message": LINK}
    async with client(new).post("/api/swap", json=body) as answer:
        assert answer.status == 201
        swap = await answer.json()
    assert (swap["is_screened"], swap["to_user_id"], swap["participants"]) == (True, old.id, [new.id, old.id])
    assert swap["can"] == ["cancel"]
    for path in ("/api/swap", "/api/waiting", "/api/chat"):
        assert await get(client, old, path) == []
    for path in (f"/api/swap/{swap['_id']}", f"/api/chat/{swap['_id']}"):
        async with client(old).get(path) as answer:
            assert answer.status == 404
    assert tab.received == []
    (waiting,) = await get(client, new, "/api/screened")
    assert (waiting["kind"], waiting["text"], waiting["swap_id"]) == ("request", LINK, swap["_id"])
    for page in ("/swaps", f"/swaps/{swap['_id']}"):
        async with client(new).get(page) as answer:
            assert "Old" in await answer.text()
    async with client(new).get(f"/swaps/{swap['_id']}") as answer:
        assert "a moderator looks at it first" in await answer.text()
    (case,) = await get(client, moderator, "/api/moderation/cases")
    assert {"let_through", "refuse"} <= set(case["can"])
    file = await get(client, moderator, f"/api/moderation/cases/{case['_id']}")
    assert [(words["text"], words["to"], words["state"]) for words in file["words"]] == [(LINK, old.id, "waiting")]
    async with client(moderator).get(f"/moderation/cases/{case['_id']}") as answer:
        page = await answer.text()
    assert LINK in page
    assert 'value="let_through"' in page
    assert (await act(client, moderator, "let_through", version=case["version"] + 1))[0] == 409
    assert (await act(client, moderator, "let_through", version=case["version"]))[0] == 200
    (event, seen) = (await received(tab))[0]
    assert (event, seen["_id"], seen["message"], seen["is_screened"]) == ("swap:updated", swap["_id"], LINK, False)
    assert await get(client, new, "/api/screened") == []


async def test_a_message_that_waits_is_answered_with_202_and_sent_to_nobody(
    client: Client, connect: Connect, people: tuple[User, User, User], make_swap: MakeSwap
) -> None:
    new, old, moderator = people
    swap = await make_swap(new, old)
    tab, own_tab = await connect(old), await connect(new)
    body = {"swap_id": swap.id, "message": LINK, "client_id": "one"}
    for _ in range(2):
        async with client(new).post("/api/chat", json=body) as answer:
            message = await answer.json()
            assert (answer.status, message["is_screened"], message["seq"]) == (202, True, 0)
    by_socket = await own_tab.call("chat:new", {"swap_id": swap.id, "message": "and @some_body"})
    assert by_socket["message"]["is_screened"]
    assert await get(client, old, f"/api/chat/{swap.id}") == []
    assert tab.received == []
    first, second = await get(client, new, "/api/screened")
    async with client(old).delete(f"/api/screened/{second['_id']}") as answer:
        assert answer.status == 404
    async with client(new).delete(f"/api/screened/{second['_id']}") as answer:
        assert [one["_id"] for one in await answer.json()] == [first["_id"]]
    assert (await act(client, moderator, "let_through"))[0] == 200
    assert [one["message"] for one in await get(client, old, f"/api/chat/{swap.id}")] == [LINK]
    assert [event for event, _ in await received(tab)] == ["chat:receive"]


async def test_an_edit_that_waits_leaves_the_old_words(
    client: Client, connect: Connect, people: tuple[User, User, User], make_swap: MakeSwap
) -> None:
    new, old, moderator = people
    swap = await make_swap(new, old)
    async with client(new).post("/api/chat", json={"swap_id": swap.id, "message": "Hello"}) as answer:
        assert answer.status == 201
    tab = await connect(new)
    async with client(new).put(f"/api/chat/{swap.id}/1", json={"message": LINK}) as answer:
        assert (answer.status, (await answer.json())["is_screened"]) == (202, True)
    assert (await tab.call("chat:edit", {"swap_id": swap.id, "seq": 1, "message": "@some_body"}))["message"][
        "is_screened"
    ]
    assert [one["message"] for one in await get(client, old, f"/api/chat/{swap.id}")] == ["Hello"]
    assert (await act(client, moderator, "refuse", reason="selling"))[0] == 200
    assert [one["message"] for one in await get(client, old, f"/api/chat/{swap.id}")] == ["Hello"]


async def test_the_caption_of_a_photo_waits_with_the_photo(
    web: Web, client: Client, people: tuple[User, User, User], make_swap: MakeSwap
) -> None:
    new, old, moderator = people
    swap = await make_swap(new, old)
    photo = await upload_photo(web.deps, new, jpeg(), purpose=CHAT)
    body = {"swap_id": swap.id, "message": LINK, "photo_url": photo.url}
    async with client(new).post("/api/chat", json=body) as answer:
        assert answer.status == 202
    await reap_photos(later(web.deps, timedelta(days=2)))
    assert (await act(client, moderator, "let_through"))[0] == 200
    (message,) = await list_messages(web.deps, old, swap.id)
    assert (message.message, message.photo_url) == (LINK, photo.url)
    assert await web.deps.photos.find_by_url(photo.url) is not None


@pytest.mark.parametrize(
    "body", [{"action": "let_through"}, {"action": "refuse", "reason": "x" * 301}, {"action": "x"}]
)
async def test_bad_actions_are_refused(
    web: Web, client: Client, people: tuple[User, User, User], body: dict[str, str]
) -> None:
    new, old, moderator = people
    swap = await insert_swap(web.deps, new, old, status=ACCEPTED)
    report = {"about": new.id, "reason": "selling", "subject": "swap", "subject_id": swap.id}
    async with client(old).post("/api/reports", json=report) as answer:
        assert answer.status == 201
    status, said = await act(client, moderator, **body)
    assert status == (409 if body["action"] == "let_through" else 422)
    if status == 409:
        assert said["code"] == "case.no_words"
