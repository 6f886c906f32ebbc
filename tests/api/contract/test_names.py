"""Front ends of the contract work unmodified: they send its own names, edit what they read and send it back whole.

Unknown names are ignored and counted by route; what contradicts the stored documents is an error and changes nothing.
"""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from domain.swaps import Swap
from domain.users import User
from handlers.runtime.deps import Deps
from handlers.swaps import accept_swap, cancel_swap
from tests.api.conftest import Client, Connect
from tests.factories import MakeSwap, MakeUser
from tests.waiting import eventually

Doc = dict[str, Any]


async def ask(session: aiohttp.ClientSession, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    async with session.request(method, path, json=body) as answer:
        return answer.status, await answer.json()


def field_of(problem: Doc) -> str:
    assert problem["code"] == "read_only_field"
    return str(problem["errors"][0]["field"])


async def ignored_names(client: Client, route: str) -> float:
    async with client().get("/metrics") as answer:
        lines = (await answer.text()).splitlines()
    prefix = f'skillswap_ignored_names_total{{route="{route}"}} '
    return next((float(line.removeprefix(prefix)) for line in lines if line.startswith(prefix)), 0.0)


@pytest.fixture
async def ada(make_user: MakeUser) -> User:
    return await make_user(
        "Ada", email="ada@example.org", skills_offered=("Python", "Chess"), skills_wanted=("Guitar",),
        offered_levels={"python": "expert", "chess": "beginner"},
    )  # fmt: skip


@pytest.fixture
async def ben(make_user: MakeUser) -> User:
    return await make_user("Ben", skills_offered=("Guitar",), skills_wanted=("Python",))


async def test_a_profile_is_edited_and_sent_back_as_it_was_read(client: Client, ada: User) -> None:
    session = client(ada)
    _, profile = await ask(session, "GET", "/api/user?t=1700000000")
    assert profile["timezone"] is None
    assert await ask(session, "PUT", "/api/user", profile) == (200, profile)
    status, after = await ask(session, "PUT", "/api/user", {**profile, "location": "Harbour", "__v": 0})
    assert (status, after) == (200, {**profile, "location": "Harbour"})
    status, after = await ask(session, "PUT", "/api/user", {**profile, "skills_offered": ["Python"]})
    assert (status, after["offered_levels"]) == (200, {"Python": "expert"}), "the level goes with its skill"


async def test_a_profile_as_another_program_wrote_it_can_be_sent_back(deps: Deps, client: Client, ada: User) -> None:
    wrote = {"name": "", "timezone": "Mars/Base"}
    await deps.store.database.collection("users").update_one({"email": ada.email}, {"$set": wrote})

    async def read() -> Doc:
        return (await ask(client(ada), "GET", "/api/user"))[1]

    await eventually(lambda: _holds(read, "timezone", "Mars/Base"))
    profile = await read()
    status, after = await ask(client(ada), "PUT", "/api/user", {**profile, "location": "Harbour"})
    assert (status, after) == (200, {**profile, "location": "Harbour"})


async def _holds(read: Any, name: str, value: Any) -> bool:
    return bool((await read())[name] == value)


@pytest.mark.parametrize("body", [{"email": "ada@example.org"}, {"email": "\uff21DA@example.org "}, {"role": "member"}])
async def test_what_cannot_be_changed_may_be_sent_as_it_is(client: Client, ada: User, body: Doc) -> None:
    status, after = await ask(client(ada), "PUT", "/api/user", {**body, "_id": ada.id, "location": "Harbour"})
    assert (status, after["location"]) == (200, "Harbour")


@pytest.mark.parametrize(
    "body", [{"email": "ben@example.org"}, {"email": None}, {"email": ""}, {"_id": "0" * 24}, {"role": "admin"}]
)
async def test_a_contradiction_in_a_profile_changes_nothing(client: Client, ada: User, body: Doc) -> None:
    session = client(ada)
    status, problem = await ask(session, "PUT", "/api/user", {**body, "location": "Elsewhere"})
    assert (status, field_of(problem)) == (422, next(iter(body)))
    _, profile = await ask(session, "GET", "/api/user")
    assert (profile["location"], profile["email"], profile["role"]) == ("", "ada@example.org", "member")


async def test_a_request_may_name_its_sender_its_status_and_a_time(client: Client, ada: User, ben: User) -> None:
    body = {
        "from_user_id": ada.id, "to_user_id": ben.id, "offered_skill": "Python", "wanted_skill": "Guitar",
        "status": "pending", "created_at": "1999-01-01T00:00:00.000Z", "message": "Tuesday?",
    }  # fmt: skip
    status, swap = await ask(client(ada), "POST", "/api/swap?t=1", body)
    assert (status, swap["from_user_id"], swap["status"]) == (201, ada.id, "pending")
    assert not swap["created_at"].startswith("1999")
    for wrong in ({"from_user_id": ben.id}, {"status": "accepted"}):
        status, problem = await ask(client(ada), "POST", "/api/swap", {**body, **wrong})
        assert (status, field_of(problem)) == (422, next(iter(wrong)))


async def read_swap(client: Client, user: User, swap: Swap) -> Doc:
    _, swaps = await ask(client(user), "GET", "/api/swap?_=1700000000&user_id=x")
    return next(one for one in swaps if one["_id"] == swap.id)


async def test_a_swap_is_sent_back_with_its_new_status(
    client: Client, make_swap: MakeSwap, ada: User, ben: User
) -> None:
    swap = await make_swap(ada, ben, message="Tuesday?")
    document = await read_swap(client, ben, swap)
    path = f"/api/swap/{swap.id}"
    for person in (ada, ben):
        assert (await ask(client(person), "PUT", path, document))[1]["version"] == 1, "sent back as it was read"
    status, after = await ask(client(ben), "PUT", path, {**document, "status": "accepted"})
    assert (status, after["status"], after["version"]) == (200, "accepted", 2)
    for person in (ada, ben):
        assert (await ask(client(person), "PUT", path, await read_swap(client, person, swap)))[0] == 200


async def test_a_swap_that_was_read_before_it_changed_is_a_conflict(
    deps: Deps, client: Client, make_swap: MakeSwap, ada: User, ben: User
) -> None:
    swap = await make_swap(ada, ben)
    document = await read_swap(client, ada, swap)
    await accept_swap(deps, ben, swap.id)
    for status in ("pending", "cancelled"):
        answer, problem = await ask(client(ada), "PUT", f"/api/swap/{swap.id}", {**document, "status": status})
        assert (answer, problem["code"], problem["current"]["version"]) == (409, "swap.changed", 2)
    without_version = {name: value for name, value in document.items() if name != "version"}
    answer, problem = await ask(client(ada), "PUT", f"/api/swap/{swap.id}", without_version)
    assert (answer, problem["code"]) == (422, "swap.unknown_status"), "nobody makes a swap pending again"
    headers = {"If-Match": '"1"'}
    async with client(ada).put(
        f"/api/swap/{swap.id}", json={**document, "status": "cancelled"}, headers=headers
    ) as refused:
        assert (refused.status, (await refused.json())["current"]["status"]) == (412, "accepted")
    await cancel_swap(deps, ben, swap.id)
    assert (await read_swap(client, ada, swap))["version"] == 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"_id": "0" * 24}, {"from_user_id": "0" * 24}, {"to_user_id": "0" * 24}, {"offered_skill": "Chess"},
        {"wanted_skill": "Chess"}, {"message": "Wednesday!"},
    ],
)  # fmt: skip
async def test_a_contradiction_in_a_swap_changes_nothing(
    client: Client, make_swap: MakeSwap, ada: User, ben: User, wrong: Doc
) -> None:
    swap = await make_swap(ada, ben, message="Tuesday?")
    document = await read_swap(client, ben, swap)
    status, problem = await ask(client(ben), "PUT", f"/api/swap/{swap.id}", {**document, "status": "accepted", **wrong})
    assert (status, field_of(problem)) == (422, next(iter(wrong)))
    assert await read_swap(client, ben, swap) == document


async def test_a_stranger_learns_nothing_from_a_swap_sent_back(
    client: Client, make_user: MakeUser, make_swap: MakeSwap, ada: User, ben: User
) -> None:
    swap = await make_swap(ada, ben)
    eve = await make_user()
    for from_user_id in (ada.id, ben.id):
        body = {"status": "accepted", "from_user_id": from_user_id}
        status, problem = await ask(client(eve), "PUT", f"/api/swap/{swap.id}", body)
        assert (status, problem["code"]) == (404, "swap.not_found")


async def test_a_message_may_name_both_people_at_both_doors(
    client: Client, connect: Connect, make_user: MakeUser, make_swap: MakeSwap, ada: User, ben: User
) -> None:
    swap, eve = await make_swap(ada, ben, status="accepted"), await make_user()
    socket = await connect(ada)
    body = {"swap_id": swap.id, "from_user_id": ada.id, "to_user_id": ben.id, "created_at": "2020-01-01", "tmp": 1}
    status, message = await ask(client(ada), "POST", "/api/chat?t=1", {**body, "message": "over REST"})
    assert (status, message["to_user_id"]) == (201, ben.id)
    said = await socket.call("chat:new", {**body, "message": "over a socket"})
    assert (said["ok"], said["message"]["seq"]) == (True, 2)
    for wrong in ({"from_user_id": ben.id}, {"to_user_id": ada.id}, {"to_user_id": eve.id}):
        status, problem = await ask(client(ada), "POST", "/api/chat", {**body, "message": "hi", **wrong})
        assert (status, field_of(problem)) == (422, next(iter(wrong)))
        said = await socket.call("chat:new", {**body, "message": "hi", **wrong})
        assert (said["ok"], field_of(said["error"])) == (False, next(iter(wrong)))
    _, messages = await ask(client(ada), "GET", f"/api/chat/{swap.id}?limit=10&_=99&t=1&t=2")
    assert [one["message"] for one in messages] == ["over REST", "over a socket"]


async def test_an_event_without_an_acknowledgement_that_fails_is_told(
    connect: Connect, make_swap: MakeSwap, ada: User, ben: User
) -> None:
    swap = await make_swap(ada, ben, status="cancelled")
    tab, other_tab, partner = await connect(ada), await connect(ada), await connect(ben)
    await tab.emit("chat:new", {"swap_id": swap.id, "message": "hi", "client_id": "c1"})
    await tab.emit("chat:new", "text")
    await tab.emit("chat:delete", {"swap_id": swap.id, "seq": 1})
    await eventually(lambda: len(tab.received) == 3)
    (_, first), (_, second), (_, third) = tab.received
    assert {name for name, _ in tab.received} == {"chat:error"}
    assert (first["event"], first["swap_id"], first["client_id"]) == ("chat:new", swap.id, "c1")
    assert (first["error"]["code"], first["error"]["current"]["_id"]) == ("chat.closed", swap.id)
    assert (second["event"], second["swap_id"], second["error"]["status"]) == ("chat:new", None, 422)
    assert (third["event"], third["error"]["status"]) == ("chat:delete", 404)
    said = await tab.call("chat:new", {"swap_id": swap.id, "message": "hi"})
    assert not said["ok"]
    assert len(tab.received) == 3, "an acknowledged failure is not told twice"
    assert other_tab.received == partner.received == []


async def test_ignored_names_are_counted_by_route_and_never_by_name(
    client: Client, connect: Connect, make_swap: MakeSwap, ada: User, ben: User
) -> None:
    swap = await make_swap(ada, ben, status="accepted")
    session, socket = client(ada), await connect(ada)
    before = {route: await ignored_names(client, route) for route in ("/api/user", "/api/swap", "chat:new")}
    await ask(session, "GET", "/api/user?t=1&canary=2")
    await ask(session, "PUT", "/api/user", {"canary": 1, "telegram_linked": False})
    await ask(session, "GET", "/api/swap?canary=1&limit=1")
    await socket.call("chat:new", {"swap_id": swap.id, "message": "hi", "canary": 1, "via": "web"})
    after = {route: await ignored_names(client, route) for route in before}
    assert {route: after[route] - before[route] for route in before} == {
        "/api/user": 3,
        "/api/swap": 1,
        "chat:new": 1,
    }
    async with client().get("/metrics") as answer:
        assert "canary" not in await answer.text()


async def test_our_own_routes_stay_strict(client: Client, ada: User) -> None:
    for method, path, body in (("GET", "/api/matches?t=1", None), ("POST", "/api/alerts", {"skill": "Go", "x": 1})):
        status, problem = await ask(client(ada), method, path, body)
        assert (status, problem["code"]) == (422, "unknown_field")


@pytest.mark.parametrize("path", ["session", "csrf", "providers"])
async def test_a_cache_buster_on_a_nextauth_route_is_ignored(client: Client, ada: User, path: str) -> None:
    assert (await ask(client(ada), "GET", f"/api/auth/{path}?t=1"))[0] == 200
