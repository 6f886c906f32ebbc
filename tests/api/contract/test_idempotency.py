"""What is sent again under its key is done once; what is changed is what was looked at."""

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


async def test_the_same_request_gets_the_same_answer_and_is_done_once(
    deps: Deps, client: Client, make_user: MakeUser
) -> None:
    ada, ben = await pair(make_user)
    session, answers = client(ada), []
    for _ in range(3):
        async with session.post("/api/swap", json=proposal(ben.id), headers={KEY: "k-1"}) as answer:
            kept = {name: answer.headers.get(name) for name in ("Location", "ETag", "Content-Type")}
            answers.append((answer.status, kept, await answer.read()))
    assert answers[0][0] == 201
    assert answers[1:] == answers[:1] * 2
    assert answer.headers["Idempotent-Replayed"] == "true"
    assert len(await list_swaps(deps, ada)) == 1


async def test_another_content_under_the_same_key_is_refused(client: Client, make_user: MakeUser) -> None:
    ada, ben = await pair(make_user)
    session = client(ada)
    async with session.post("/api/swap", json=proposal(ben.id), headers={KEY: "k-1"}) as answer:
        assert answer.status == 201
    async with session.post("/api/swap", json=proposal(ben.id, message="!"), headers={KEY: "k-1"}) as answer:
        assert (answer.status, (await answer.json())["code"]) == (422, "idempotency.reused")


async def test_a_key_belongs_to_one_person_and_one_address(
    client: Client, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await pair(make_user)
    swap = await make_swap(ada, ben, status="accepted", offered_skill="Guitar")
    said = {"swap_id": swap.id, "message": "hi"}
    for who in (ada, ben):
        async with client(who).post("/api/chat", json=said, headers={KEY: "k-1"}) as answer:
            assert answer.status == 201
    async with client(ada).get(f"/api/chat/{swap.id}") as answer:
        assert len(await answer.json()) == 2


async def test_at_once_one_is_done_and_the_others_wait_or_get_its_answer(
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


async def test_a_refused_request_may_be_tried_again_under_its_key(client: Client, make_user: MakeUser) -> None:
    ada, ben = await pair(make_user)
    session = client(ada)
    wrong = proposal(ben.id) | {"wanted_skill": "Chess"}
    for _ in range(2):
        async with session.post("/api/swap", json=wrong, headers={KEY: "k-1"}) as answer:
            assert (answer.status, (await answer.json())["code"]) == (422, "swap.not_taught")
    async with session.post("/api/swap", json=proposal(ben.id), headers={KEY: "k-1"}) as answer:
        assert answer.status == 201


async def test_whoever_died_with_the_key_in_hand_does_not_keep_it(
    deps: Deps, client: Client, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await pair(make_user)
    swap = await make_swap(ada, ben, status="accepted", offered_skill="Guitar")
    body = {"swap_id": swap.id, "message": "hi"}
    async with client(ada).post("/api/chat", json=body, headers={KEY: "k-1"}) as answer:
        first = await answer.json()
    # as if the process had died after the message was stored, and before its answer was kept
    held = deps.store.database.collection("idempotency")
    died = {"state": RUNNING, "holder": "dead", "lease_until": deps.now() + LEASE}
    await held.update_many({}, {"$set": died})
    async with client(ada).post("/api/chat", json=body, headers={KEY: "k-1"}) as answer:
        assert (answer.status, (await answer.json())["code"]) == (409, "idempotency.in_flight")
        assert answer.headers["Retry-After"] == "1"
    await held.update_many({}, {"$set": {"lease_until": deps.now() - timedelta(seconds=1)}})
    async with client(ada).post("/api/chat", json=body, headers={KEY: "k-1"}) as answer:
        assert (answer.status, (await answer.json())["_id"]) == (200, first["_id"])


async def test_an_upload_is_repeated_whatever_its_form_looks_like(client: Client, make_user: MakeUser) -> None:
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


async def test_a_form_whose_heads_are_no_heads_is_malformed(client: Client, make_user: MakeUser) -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="\x1b"\r\n\r\n1\r\n--b--\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    async with client(await make_user()).post("/api/upload", data=body, headers=headers) as answer:
        assert (answer.status, (await answer.json())["code"]) == (400, "request.malformed")


async def test_a_purpose_too_long_to_be_one_is_refused_as_any_other(client: Client, make_user: MakeUser) -> None:
    form = aiohttp.FormData({"purpose": "x" * 1000})
    form.add_field("file", jpeg(), filename="a.jpg")
    async with client(await make_user()).post("/api/upload", data=form) as answer:
        assert (answer.status, (await answer.json())["code"]) == (422, "invalid_field")


@pytest.mark.parametrize("key", ["", " ", "k" * 256, "schlüssel", "a b"])
async def test_a_key_that_is_none_is_refused(client: Client, make_user: MakeUser, key: str) -> None:
    ada, ben = await pair(make_user)
    async with client(ada).post("/api/swap", json=proposal(ben.id), headers={KEY: key}) as answer:
        assert (answer.status, (await answer.json())["code"]) == (422, "idempotency.key")


async def test_what_was_answered_goes_with_the_person(deps: Deps, make_user: MakeUser) -> None:
    ada = await make_user()
    idempotency_key = idempotency.IdempotencyKey(ada.id, "/api/swap", "k-1")
    assert await idempotency.begin(deps, idempotency_key, "d", "h") is None
    await delete_account(deps, ada)
    assert await deps.store.database.collection("idempotency").count_documents({}) == 0


async def test_an_etag_lets_only_the_first_of_two_changes_through(
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
        assert answer.status == 200  # one's own answer, said again


@pytest.mark.parametrize(
    ("etag", "version", "status"),
    [("1", None, 400), ('"a"', None, 400), ('"1", "2"', None, 400), ('"2"', 1, 422), ("*", None, 200), ('"1"', 1, 200)],
)
async def test_an_etag_is_read_strictly(
    client: Client, make_user: MakeUser, make_swap: MakeSwap, etag: str, version: int | None, status: int
) -> None:
    ada, ben = await pair(make_user)
    swap = await make_swap(ada, ben, offered_skill="Guitar")
    body = {"status": "accepted"} | ({"version": version} if version is not None else {})
    async with client(ben).put(f"/api/swap/{swap.id}", json=body, headers={"If-Match": etag}) as answer:
        assert answer.status == status, await answer.text()


@pytest.mark.parametrize("header", ["Idempotency-Key", "If-Match"])
async def test_a_page_of_another_origin_may_send_them(client: Client, header: str) -> None:
    asked = {
        "Origin": "https://app.example.org",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": header,
    }
    async with client().options("/api/swap", headers=asked) as answer:
        assert header in answer.headers["Access-Control-Allow-Headers"]
