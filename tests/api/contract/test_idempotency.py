"""Idempotency keys (`Idempotency-Key`) and conditional updates (`If-Match`)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from handlers.runtime import idempotency
from handlers.runtime.deps import Deps
from handlers.swaps import accept_swap, list_swaps
from handlers.users import delete_account
from storage.idempotency import LEASE, RUNNING
from tests.api.conftest import Client
from tests.factories import MakeSwap, MakeUser, jpeg

KEY = "Idempotency-Key"


def proposal(partner: str, **more: Any) -> dict[str, Any]:
    return {"to_user_id": partner, "offered_skill": "Guitar", "wanted_skill": "Python", **more}


async def pair(make_user: MakeUser) -> tuple[Any, Any]:
    ada = await make_user("Ada", skills_offered=("Guitar",), skills_wanted=("Python",))
    ben = await make_user("Ben", skills_offered=("Python",), skills_wanted=("Guitar",))
    return ada, ben


async def test_repeated_request_is_executed_once_with_the_same_response(
    deps: Deps, client: Client, make_user: MakeUser
) -> None:
    ada, ben = await pair(make_user)
    session, answers = client(ada), []
    for _ in range(3):
        async with session.post("/api/swap", json=proposal(ben.id), headers={KEY: "k-1"}) as answer:
            headers = {name: answer.headers.get(name) for name in ("Location", "ETag", "Content-Type")}
            answers.append((answer.status, headers, await answer.read()))
    assert answers[0][0] == 201
    assert answers[1:] == answers[:1] * 2
    assert answer.headers["Idempotent-Replayed"] == "true"
    assert len(await list_swaps(deps, ada)) == 1


async def test_different_body_under_the_same_key_is_refused(client: Client, make_user: MakeUser) -> None:
    ada, ben = await pair(make_user)
    session = client(ada)
    async with session.post("/api/swap", json=proposal(ben.id), headers={KEY: "k-1"}) as answer:
        assert answer.status == 201
    async with session.post("/api/swap", json=proposal(ben.id, message="!"), headers={KEY: "k-1"}) as answer:
        assert (answer.status, (await answer.json())["code"]) == (422, "idempotency.reused")


async def test_key_belongs_to_one_user_and_one_path(client: Client, make_user: MakeUser, make_swap: MakeSwap) -> None:
    ada, ben = await pair(make_user)
    swap = await make_swap(ada, ben, status="accepted", offered_skill="Guitar")
    body = {"swap_id": swap.id, "message": "hi"}
    for user in (ada, ben):
        async with client(user).post("/api/chat", json=body, headers={KEY: "k-1"}) as answer:
            assert answer.status == 201
    async with client(ada).get(f"/api/chat/{swap.id}") as answer:
        assert len(await answer.json()) == 2


async def test_concurrent_requests_under_one_key_are_executed_once(
    deps: Deps, client: Client, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await pair(make_user)
    swap = await make_swap(ada, ben, status="accepted", offered_skill="Guitar")

    async def send() -> int:
        body = {"swap_id": swap.id, "message": "hi"}
        async with client(ada).post("/api/chat", json=body, headers={KEY: "k-1"}) as answer:
            assert answer.status in (201, 409), await answer.text()
            return answer.status

    assert 201 in await asyncio.gather(*(send() for _ in range(8)))
    async with client(ben).get(f"/api/chat/{swap.id}") as answer:
        assert len(await answer.json()) == 1


async def test_refused_request_can_be_retried_under_its_key(client: Client, make_user: MakeUser) -> None:
    ada, ben = await pair(make_user)
    session = client(ada)
    wrong = proposal(ben.id) | {"wanted_skill": "Chess"}
    for _ in range(2):
        async with session.post("/api/swap", json=wrong, headers={KEY: "k-1"}) as answer:
            assert (answer.status, (await answer.json())["code"]) == (422, "swap.not_taught")
    async with session.post("/api/swap", json=proposal(ben.id), headers={KEY: "k-1"}) as answer:
        assert answer.status == 201


async def test_key_held_by_a_dead_process_is_freed_by_its_lease(
    deps: Deps, client: Client, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await pair(make_user)
    swap = await make_swap(ada, ben, status="accepted", offered_skill="Guitar")
    body = {"swap_id": swap.id, "message": "hi"}
    async with client(ada).post("/api/chat", json=body, headers={KEY: "k-1"}) as answer:
        first = await answer.json()
    # as if the process had died after storing the message and before storing the response
    keys = deps.store.database.collection("idempotency")
    died = {"state": RUNNING, "holder": "dead", "lease_until": deps.now() + LEASE}
    await keys.update_many({}, {"$set": died})
    async with client(ada).post("/api/chat", json=body, headers={KEY: "k-1"}) as answer:
        assert (answer.status, (await answer.json())["code"]) == (409, "idempotency.in_flight")
        assert answer.headers["Retry-After"] == "1"
    await keys.update_many({}, {"$set": {"lease_until": deps.now() - timedelta(seconds=1)}})
    async with client(ada).post("/api/chat", json=body, headers={KEY: "k-1"}) as answer:
        assert (answer.status, (await answer.json())["_id"]) == (200, first["_id"])


async def test_repeated_upload_is_recognised_under_another_boundary(client: Client, make_user: MakeUser) -> None:
    ada, photo, urls = await make_user(), jpeg(), []
    for boundary in ("one", "another"):
        with aiohttp.MultipartWriter("form-data", boundary) as form:
            form.append(photo, {"Content-Type": "image/jpeg"}).set_content_disposition(
                "form-data", name="file", filename="a.jpg"
            )
            async with client(ada).post("/api/upload", data=form, headers={KEY: "k-1"}) as answer:
                assert answer.status == 200, await answer.text()
                urls.append((await answer.json())["secure_url"])
    assert urls[0] == urls[1]


async def test_malformed_part_headers_are_refused(client: Client, make_user: MakeUser) -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="\x1b"\r\n\r\n1\r\n--b--\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    async with client(await make_user()).post("/api/upload", data=body, headers=headers) as answer:
        assert (answer.status, (await answer.json())["code"]) == (400, "request.malformed")


async def test_overlong_upload_purpose_is_refused(client: Client, make_user: MakeUser) -> None:
    form = aiohttp.FormData({"purpose": "x" * 1000})
    form.add_field("file", jpeg(), filename="a.jpg")
    async with client(await make_user()).post("/api/upload", data=form) as answer:
        assert (answer.status, (await answer.json())["code"]) == (422, "invalid_field")


@pytest.mark.parametrize("key", ["", " ", "k" * 256, "schlüssel", "a b"])
async def test_invalid_key_is_refused(client: Client, make_user: MakeUser, key: str) -> None:
    ada, ben = await pair(make_user)
    async with client(ada).post("/api/swap", json=proposal(ben.id), headers={KEY: key}) as answer:
        assert (answer.status, (await answer.json())["code"]) == (422, "idempotency.key")


async def test_stored_responses_are_deleted_with_the_account(deps: Deps, make_user: MakeUser) -> None:
    ada = await make_user()
    idempotency_key = idempotency.IdempotencyKey(ada.id, "/api/swap", "k-1")
    assert await idempotency.begin(deps, idempotency_key, "d", "h") is None
    await delete_account(deps, ada)
    assert await deps.store.database.collection("idempotency").count_documents({}) == 0


async def test_if_match_lets_only_the_first_of_two_changes_through(
    deps: Deps, client: Client, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await pair(make_user)
    swap = await make_swap(ada, ben, offered_skill="Guitar")
    url = f"/api/swap/{swap.id}"
    async with client(ben).get(url) as answer:
        seen = answer.headers["ETag"]
    await accept_swap(deps, ben, swap.id)
    async with client(ben).put(url, json={"status": "rejected"}, headers={"If-Match": seen}) as answer:
        problem = await answer.json()
    assert (answer.status, problem["current"]["status"], problem["current"]["version"]) == (412, "accepted", 2)
    async with client(ben).put(url, json={"status": "cancelled", "version": 1}) as answer:
        assert answer.status == 409
    async with client(ben).put(url, json={"status": "cancelled"}, headers={"If-Match": 'W/"2"'}) as answer:
        assert (answer.status, answer.headers["ETag"]) == (200, '"3"')
    async with client(ben).put(url, json={"status": "cancelled"}, headers={"If-Match": seen}) as answer:
        assert answer.status == 200  # repeating one's own answer succeeds


@pytest.mark.parametrize(
    ("etag", "version", "status"),
    [("1", None, 400), ('"a"', None, 400), ('"1", "2"', None, 400), ('"2"', 1, 422), ("*", None, 200), ('"1"', 1, 200)],
)
async def test_if_match_is_parsed_strictly(
    client: Client, make_user: MakeUser, make_swap: MakeSwap, etag: str, version: int | None, status: int
) -> None:
    ada, ben = await pair(make_user)
    swap = await make_swap(ada, ben, offered_skill="Guitar")
    body = {"status": "accepted"} | ({"version": version} if version is not None else {})
    async with client(ben).put(f"/api/swap/{swap.id}", json=body, headers={"If-Match": etag}) as answer:
        assert answer.status == status, await answer.text()


@pytest.mark.parametrize("header", ["Idempotency-Key", "If-Match"])
async def test_cross_origin_request_may_send_the_header(client: Client, header: str) -> None:
    asked = {
        "Origin": "https://app.example.org",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": header,
    }
    async with client().options("/api/swap", headers=asked) as answer:
        assert header in answer.headers["Access-Control-Allow-Headers"]
