"""`kill -9` at the worst moments: the dialog goes on where it was, the message arrives, nothing twice."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from pymongo import MongoClient

from tests.flows.conftest import Town, post


async def test_onboarding_goes_on_after_a_kill(town: Town) -> None:
    service = await town.start()
    person = town.sandbox.add_person("Ana").id
    await town.say(person, "/start", "step:teach")
    await town.press(person, "step:teach", "step:learn")
    await town.say(person, "Guitar, Chess", "Chess ✕")
    await service.kill()

    sent = await town.sandbox.send_text(person, "Sewing")
    await town.start()
    question = await town.sees(person, "Sewing ✕", after=sent)
    assert [button.label for button in question.buttons if "✕" in button.label][:3] == [
        "Guitar ✕",
        "Chess ✕",
        "Sewing ✕",
    ]
    await town.press(person, "step:learn", "step:times")


async def test_an_update_killed_in_the_middle_acts_once(town: Town) -> None:
    service = await town.start()
    ana = await town.register("Ana", teach="Guitar", learn="Python")
    li = await town.register("Li", teach="Python", learn="Guitar")
    swap_id = await town.swap(ana, li)
    await town.say(ana, "hello", None)
    await town.sees(li, "hello")
    # The reaction that confirms comes after the message is kept: hold it there, and kill.
    town.sandbox.delay("setMessageReaction", 30)
    await town.sandbox.send_text(ana, "are you there?")
    await town.sees(li, "are you there?")
    await _until(lambda: _nothing_on_its_way(town))
    await service.kill()
    town.sandbox.behave()

    await town.start()
    await town.sandbox.send_text(ana, "still me")
    await town.sees(li, "still me")
    texts = [message.words for message in town.sandbox.chat(li) if message.from_bot]
    assert sum("are you there?" in text for text in texts) == 1
    assert await _stored(town, swap_id) == ["hello", "are you there?", "still me"]


async def test_a_message_kept_before_the_kill_is_relayed_after_it(town: Town) -> None:
    service = await town.start()
    ana = await town.register("Ana", teach="Guitar", learn="Python")
    li = await town.register("Li", teach="Python", learn="Guitar")
    swap_id = await town.swap(ana, li)
    cookie = await town.cookie(ana)
    town.sandbox.fail("sendMessage", times=1000, status=502)
    status, _ = await post(f"{town.url}/api/chat", cookie, {"swap_id": swap_id, "message": "through the storm"})
    assert status == 201
    await service.kill()
    town.sandbox.behave()
    assert not any("through the storm" in message.words for message in town.sandbox.chat(li))

    await town.start()
    await town.sees(li, "through the storm")
    status, _ = await post(f"{town.url}/api/chat", cookie, {"swap_id": swap_id, "message": "and after it"})
    await town.sees(li, "and after it")
    texts = [message.words for message in town.sandbox.chat(li) if message.from_bot]
    assert sum("through the storm" in text for text in texts) == 1


async def test_a_clean_stop_leaves_nothing_running_and_ends_with_zero(town: Town) -> None:
    service = await town.start()
    assert await service.stop() == 0
    await _until(lambda: _no_leases(town))


async def _stored(town: Town, swap_id: str) -> list[str]:
    def read() -> list[str]:
        with MongoClient[dict[str, object]](town.env["MONGODB_URI"]) as client:
            found = client.get_default_database()["messages"].find().sort("seq")
            return [str(doc["message"]) for doc in found if str(doc["swap_id"]) == swap_id]

    return await asyncio.to_thread(read)


async def _nothing_on_its_way(town: Town) -> bool:
    """Sent and marked as sent: what is killed between the two may arrive twice, and only that."""

    def read() -> bool:
        with MongoClient[dict[str, object]](town.env["MONGODB_URI"]) as client:
            return not client.get_default_database()["messages"].find_one({"outbox.due_at": {"$exists": True}})

    return await asyncio.to_thread(read)


async def _no_leases(town: Town) -> bool:
    def read() -> bool:
        with MongoClient[dict[str, object]](town.env["MONGODB_URI"]) as client:
            return not list(client.get_default_database()["leases"].find({"holder": {"$ne": None}}))

    return await asyncio.to_thread(read)


async def _until(is_true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(10):
        while not await is_true():
            await asyncio.sleep(0.05)
