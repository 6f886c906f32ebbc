from __future__ import annotations

import asyncio
import re

import pytest

from domain.attachments import Attachment
from handlers.messages import Draft, send_message
from handlers.photos import CHAT, PROFILE, upload_photo
from handlers.runtime.deps import Deps
from tests.api.conftest import Client, Connect
from tests.factories import MakeSwap, MakeUser, jpeg


async def test_messages_are_stored_and_read_by_both_in_order(
    client: Client, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    texts = ["Hello", "<script>alert(1)</script> _*[ </b>", "…\nñ 🎸"]
    for sender, text in zip((ada, ben, ada), texts, strict=True):
        async with client(sender).post("/api/chat", json={"swap_id": swap.id, "message": text}) as answer:
            body = await answer.json()
        assert (answer.status, body["message"], body["via"]) == (201, text, "web")
    for reader in (ada, ben):
        async with client(reader).get(f"/api/chat/{swap.id}") as answer:
            found = await answer.json()
        assert [(message["seq"], message["message"]) for message in found] == list(enumerate(texts, 1))


async def test_a_copied_phone_number_is_sent_by_rest_and_by_socket(
    client: Client, connect: Connect, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    text = "Call me: \u202a+34 600 000 000\u202c\vor \u202ewrite\uf8ff"
    kept = "Call me: \u202a+34 600 000 000\u202c\nor write"
    async with client(ada).post("/api/chat", json={"swap_id": swap.id, "message": text}) as answer:
        assert (answer.status, (await answer.json())["message"]) == (201, kept)
    answered = await (await connect(ben)).call("chat:new", {"swap_id": swap.id, "message": text})
    assert answered["message"]["message"] == kept
    for unreadable in ("\u2067\u2069", "\uf8ff"):
        async with client(ada).post("/api/chat", json={"swap_id": swap.id, "message": unreadable}) as answer:
            assert answer.status == 422


async def test_a_message_has_as_many_characters_as_telegram_allows(
    client: Client, connect: Connect, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    for text, status in (("x" * 4096, 201), ("x" * 4097, 422), ("🎸" * 4096, 201), ("🎸" * 4097, 422)):
        async with client(ada).post("/api/chat", json={"swap_id": swap.id, "message": text}) as answer:
            body = await answer.json()
        assert (answer.status, body.get("code")) == (status, None if status == 201 else "text.too_long")
    async with client(ada).put(f"/api/chat/{swap.id}/1", json={"message": "y" * 4096}) as answer:
        assert answer.status == 200
    answered = await (await connect(ben)).call("chat:new", {"swap_id": swap.id, "message": "x" * 4097})
    assert answered["error"]["code"] == "text.too_long"
    async with client(ada).get(f"/chats/{swap.id}") as answer:
        assert re.search(r'<textarea id="words" [^>]*maxlength="4096"', await answer.text())


async def test_an_attachment_from_telegram_is_said_in_the_document(
    client: Client, connect: Connect, deps: Deps, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    voice = Attachment("voice", mime="audio/ogg", size=5000, seconds=65, unique_id="AgAD")
    text = f"{voice.line}\nListen"
    await send_message(deps, ada, Draft(swap.id, text, "telegram", attachment=voice))
    async with client(ben).get(f"/api/chat/{swap.id}") as answer:
        (found,) = await answer.json()
    assert found["message"] == "🎤 1:05 · Telegram\nListen"
    assert found["attachment"] == {
        "kind": "voice", "name": "", "mime": "audio/ogg", "bytes": 5000, "seconds": 65, "lat": None, "lon": None,
    }  # fmt: skip
    answered = await (await connect(ben)).call("chat:new", {"swap_id": swap.id, "message": "Nice"})
    assert answered["message"]["attachment"] is None


async def test_cursor_returns_later_messages_and_no_cursor_the_newest(
    client: Client, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    session = client(ada)
    for number in range(5):
        await session.post("/api/chat", json={"swap_id": swap.id, "message": str(number)})

    async def numbers(query: str) -> list[int]:
        async with session.get(f"/api/chat/{swap.id}{query}") as answer:
            assert answer.status == 200
            return [message["seq"] for message in await answer.json()]

    assert await numbers("?after=3") == [4, 5]
    assert await numbers("?after=1&limit=2") == [2, 3]
    assert await numbers("?limit=2") == [4, 5]
    assert await numbers("?after=0&limit=1000000000") == [1, 2, 3, 4, 5]
    assert await numbers("?after=99") == []


async def test_repeated_client_id_sends_one_message(client: Client, make_user: MakeUser, make_swap: MakeSwap) -> None:
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    session = client(ada)
    body = {"swap_id": swap.id, "message": "once", "client_id": "tab-1:0001"}

    async def post() -> tuple[int, str]:
        async with session.post("/api/chat", json=body) as answer:
            return answer.status, (await answer.json())["_id"]

    first = await post()
    repeats = await asyncio.gather(*(post() for _ in range(4)))
    assert first[0] == 201
    assert set(repeats) == {(200, first[1])}
    async with session.post("/api/chat", json={**body, "message": "twice"}) as answer:
        assert (answer.status, (await answer.json())["code"]) == (409, "message.client_id_reused")
    async with session.get(f"/api/chat/{swap.id}") as answer:
        assert len(await answer.json()) == 1


async def test_only_an_own_chat_photo_can_be_sent(
    client: Client, make_user: MakeUser, make_swap: MakeSwap, deps: Deps
) -> None:
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    own = await upload_photo(deps, ada, jpeg(), purpose=CHAT)
    foreign = await upload_photo(deps, ben, jpeg(), purpose=PROFILE)
    async with client(ada).post("/api/chat", json={"swap_id": swap.id, "photo_url": own.url}) as answer:
        body = await answer.json()
    assert (answer.status, body["photo_url"], body["message"]) == (201, own.url, "")
    for url in (foreign.url, "https://evil.example/x.jpg", "javascript:alert(1)"):
        async with client(ada).post("/api/chat", json={"swap_id": swap.id, "photo_url": url}) as answer:
            assert (answer.status, (await answer.json())["code"]) == (422, "photo.not_yours")


async def test_message_in_a_request_that_was_taken_back_is_refused(
    client: Client, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben, eve = await make_user(), await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="cancelled")
    async with client(ada).post("/api/chat", json={"swap_id": swap.id, "message": "hi"}) as answer:
        problem = await answer.json()
    assert (answer.status, problem["code"], problem["current"]["status"]) == (409, "chat.closed", "cancelled")
    async with client(eve).post("/api/chat", json={"swap_id": swap.id, "message": "hi"}) as answer:
        assert (answer.status, (await answer.json())["code"]) == (404, "swap.not_found")


@pytest.mark.parametrize(
    "change",
    [
        {"message": ""},
        {"message": "   \n "},
        {"message": "\u200b\u200d"},
        {"message": "x" * 4097},
        {"message": "nul \x00"},
        {"client_id": "x" * 10_000},
        {"client_id": ""},
        {"client_id": {"$gt": ""}},
        {"message": {"$gt": ""}},
        {"swap_id": {"$ne": None}},
        {"from_user_id": "0" * 24},
    ],
)
async def test_invalid_message_is_refused(
    client: Client, make_user: MakeUser, make_swap: MakeSwap, change: dict[str, object]
) -> None:
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    async with client(ada).post("/api/chat", json={"swap_id": swap.id, "message": "hi", **change}) as answer:
        problem = await answer.json()
    assert answer.status == 422
    assert next(iter(change)) in [error["field"] for error in problem["errors"]]


@pytest.mark.parametrize(
    "query", ["after=-1", "after=abc", "after=9223372036854775808", "after=1&after=2", "after[$gt]=1"]
)
async def test_invalid_cursor_is_refused(client: Client, make_user: MakeUser, make_swap: MakeSwap, query: str) -> None:
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    async with client(ada).get(f"/api/chat/{swap.id}?{query}") as answer:
        assert answer.status == 422


async def test_messages_are_rate_limited(client: Client, make_user: MakeUser, make_swap: MakeSwap) -> None:
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    session = client(ada)
    answers = []
    for number in range(20):
        async with session.post("/api/chat", json={"swap_id": swap.id, "message": str(number)}) as answer:
            answers.append((answer.status, answer.headers.get("Retry-After")))
    assert [status for status, _ in answers[:10]] == [201] * 10
    assert answers[-1][0] == 429
    assert int(answers[-1][1] or 0) >= 1
