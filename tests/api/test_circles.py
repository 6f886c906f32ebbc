"""Circles over REST and sockets: first names until the circle closes, then a conversation of three."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from api.app import openapi_document
from domain.users import User
from handlers.swaps import Proposal, accept_swap, propose_swap
from handlers.users import delete_account
from tests.api.conftest import Client, Connect, Web
from tests.factories import MakeUser
from tests.waiting import eventually

ROWS = (("Ana Alvarez", "Guitar", "Chinese"), ("Li", "Python", "Guitar"), ("Noor", "Chinese", "Python"))


@pytest.fixture
async def trio(make_user: MakeUser) -> list[User]:
    return [await make_user(name, skills_offered=(teach,), skills_wanted=(want,)) for name, teach, want in ROWS]


async def call(client: Client, user: User, method: str, path: str, **body: Any) -> tuple[int, Any]:
    async with client(user).request(method, path, json=body or None) as answer:
        return answer.status, await answer.json()


async def ask(client: Client, user: User) -> dict[str, Any]:
    status, (possible,) = await call(client, user, "GET", "/api/circles/possible")
    assert status == 200
    status, circle = await call(client, user, "POST", "/api/circles", key=possible["key"])
    assert status == 201
    return dict(circle)


async def test_sync_does_not_reveal_members_of_an_open_circle(client: Client, trio: list[User]) -> None:
    ana, li, noor = trio
    async with client(noor).post("/api/chat/sync", json={"chats": [], "since": "0"}) as answer:
        cursor = (await answer.json())["cursor"]
    await ask(client, ana)
    async with client(noor).post("/api/chat/sync", json={"chats": [], "since": cursor}) as answer:
        news = await answer.text()
    assert ana.id not in news
    assert li.id not in news


async def test_typing_signal_is_refused_in_an_open_circle(client: Client, connect: Connect, trio: list[User]) -> None:
    ana, _, noor = trio
    listening, writing = await connect(noor), await connect(ana)
    circle = await ask(client, ana)
    refused = await writing.call("chat:typing", {"swap_id": circle["_id"]})
    assert refused["error"]["code"] == "swap.not_found"
    assert ana.id not in str(listening.received)


async def test_three_users_close_a_circle_and_chat(client: Client, connect: Connect, trio: list[User]) -> None:
    ana, li, noor = trio
    socket = await connect(noor)
    circle = await ask(client, ana)
    path = f"/api/circles/{circle['_id']}"
    status, invited = await call(client, noor, "GET", path)
    assert (status, invited["can"], invited["you_learn"]["name"]) == (200, ["join", "leave"], "Li")
    await eventually(lambda: ("circle:updated", invited) in socket.received)
    for person in trio:
        text = str((await call(client, person, "GET", "/api/circles"))[1])
        assert not any(other.id in text for other in trio)
        assert "Alvarez" not in text
        assert (await call(client, person, "GET", "/api/swap"))[1] == []
        assert (await call(client, person, "GET", f"/api/swap/{circle['_id']}"))[0] == 404

    status, joined = await call(client, li, "PUT", path, answer="join", version=1)
    assert (status, joined["status"]) == (200, "proposed")
    status, closed = await call(client, noor, "PUT", path, answer="join", version=1)
    assert (status, closed["status"], closed["can"]) == (200, "accepted", ["chat", "leave", "plan", "met", "arrange"])
    assert (closed["you_teach"]["user_id"], closed["you_learn"]["user_id"]) == (ana.id, li.id)
    status, _ = await call(client, li, "POST", "/api/chat", swap_id=circle["_id"], message="Hello you two")
    assert status == 201
    await eventually(lambda: any(event == "chat:receive" for event, _ in socket.received))
    events = [event for event, _ in socket.received]
    assert "swap:updated" not in events
    for person in trio:
        _, chat = await call(client, person, "GET", f"/api/chat/{circle['_id']}")
        assert [(line["from_user_id"], line["message"]) for line in chat] == [(li.id, "Hello you two")]
    status, problem = await call(client, li, "PUT", path, answer="decline")
    assert (status, problem["code"], problem["current"]["status"]) == (409, "circle.closed", "accepted")
    assert (await call(client, li, "PUT", path, answer="leave"))[1]["status"] == "cancelled"
    assert (await call(client, ana, "POST", "/api/chat", swap_id=circle["_id"], message="?"))[0] == 409


async def test_declined_seat_is_offered_to_a_replacement(client: Client, trio: list[User], make_user: MakeUser) -> None:
    ana, li, noor = trio
    circle = await ask(client, ana)
    path = f"/api/circles/{circle['_id']}"
    await call(client, noor, "PUT", path, answer="join", version=1)
    omar = await make_user("Omar", skills_offered=("Python",), skills_wanted=("Guitar",))
    status, declined = await call(client, li, "PUT", path, answer="decline")
    assert (status, declined["status"], declined["can"]) == (200, "declined", [])
    assert (await call(client, li, "GET", "/api/circles"))[1] == []
    _, (invitation,) = await call(client, omar, "GET", "/api/circles")
    status, problem = await call(client, omar, "PUT", path, answer="join", version=1)
    assert (status, problem["code"], problem["current"]) == (409, "circle.changed", invitation)
    status, closed = await call(client, omar, "PUT", path, answer="join", version=invitation["version"])
    assert (status, closed["status"]) == (200, "accepted")
    assert (await call(client, li, "GET", f"/api/chat/{circle['_id']}"))[0] == 404


async def test_repeated_or_unknown_circle_is_refused(client: Client, trio: list[User]) -> None:
    ana, li, _ = trio
    _, (possible,) = await call(client, ana, "GET", "/api/circles/possible")
    for key in ("", "x", "0" * 16, "$ne", "é"):
        assert (await call(client, ana, "POST", "/api/circles", key=key))[0] == 404
    assert (await call(client, li, "POST", "/api/circles", key=possible["key"]))[0] == 404
    assert (await call(client, ana, "POST", "/api/circles", key=possible["key"]))[0] == 201
    assert (await call(client, ana, "POST", "/api/circles", key=possible["key"]))[0] == 404
    for circle_id in ("x", "0" * 24):
        assert (await call(client, ana, "GET", f"/api/circles/{circle_id}"))[0] == 404
        assert (await call(client, ana, "PUT", f"/api/circles/{circle_id}", answer="leave"))[0] == 404
    _, (circle,) = await call(client, ana, "GET", "/api/circles")
    for body in ({"answer": "join"}, {"answer": "marry"}, {"answer": "join", "version": "1"}, {}):
        async with client(li).put(f"/api/circles/{circle['_id']}", json=body) as answer:
            assert answer.status == 422


async def test_real_responses_match_the_document(client: Client, trio: list[User]) -> None:
    document = await asyncio.to_thread(openapi_document)

    def check(path: str, method: str, status: int, value: Any) -> None:
        (content,) = document["paths"][path][method]["responses"][str(status)]["content"].values()
        Draft202012Validator({**content["schema"], "components": document["components"]}).validate(value)

    ana, li, _ = trio
    _, possible = await call(client, ana, "GET", "/api/circles/possible")
    check("/api/circles/possible", "get", 200, possible)
    circle = await ask(client, ana)
    check("/api/circles", "post", 201, circle)
    check("/api/circles", "get", 200, (await call(client, li, "GET", "/api/circles"))[1])
    path = f"/api/circles/{circle['_id']}"
    check("/api/circles/{id}", "put", 409, (await call(client, li, "PUT", path, answer="join", version=9))[1])
    check("/api/circles/{id}", "put", 200, (await call(client, li, "PUT", path, answer="decline"))[1])


async def test_possible_circles_come_in_pages_with_names_in_the_readers_language(
    client: Client, make_user: MakeUser
) -> None:
    ana = await make_user("Ana", skills_offered=("guitar",), skills_wanted=("Chinese",), locale="es")
    for number in range(3):
        await make_user(f"L{number}", skills_offered=("Python",), skills_wanted=("Guitar",))
        await make_user(f"T{number}", skills_offered=("chino",), skills_wanted=("Python",))
    keys: list[str] = []
    path = "/api/circles/possible?limit=4"
    while path:
        async with client(ana).get(path) as answer:
            assert (answer.status, answer.headers["X-Total-Count"]) == (200, "9")
            page, link = await answer.json(), answer.headers.get("Link", "")
        keys += [circle["key"] for circle in page]
        assert page[0]["you_teach"]["skill_name"] == "Guitarra (guitar)"
        assert page[0]["you_learn"]["skill_name"] == "chino"
        path = link.partition(">")[0].removeprefix("<")
    assert len(keys) == len(set(keys)) == 9
    assert (await call(client, ana, "POST", "/api/circles", key=keys[-1]))[0] == 201


async def test_no_answer_names_a_member_who_has_deleted_their_account(
    client: Client, web: Web, trio: list[User]
) -> None:
    ana, li, noor = trio
    circle = await ask(client, ana)
    for user in (li, noor):
        _, (seen,) = await call(client, user, "GET", "/api/circles")
        await call(client, user, "PUT", f"/api/circles/{circle['_id']}", answer="join", version=seen["version"])
    swap = await propose_swap(web.deps, ana, Proposal(li.id, "Guitar", "Python"))
    await accept_swap(web.deps, li, swap.id)
    _, before = await call(client, li, "GET", "/api/circles")
    assert "Ana" in str(before)

    await delete_account(web.deps, ana)
    (status, circles), (_, swaps) = [await call(client, li, "GET", path) for path in ("/api/circles", "/api/swaps")]
    assert status == 200
    assert (circles[0]["you_teach"]["name"], circles[0]["you_learn"]["name"]).count("") == 1
    for path in ("/api/users", f"/api/chat?swap_id={swap.id}", f"/api/users/{ana.id}"):
        _, answer = await call(client, li, "GET", path)
        assert "Alvarez" not in str(answer)
    assert swaps
    assert "Ana" not in str(circles) + str(swaps)
