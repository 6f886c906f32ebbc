"""`kill -9` at critical moments: dialogs continue, messages arrive, nothing happens twice."""

from __future__ import annotations

import asyncio

from pymongo import MongoClient

from tests.flows.conftest import Cluster, post
from tests.waiting import eventually


async def test_onboarding_continues_after_a_kill(cluster: Cluster) -> None:
    service = await cluster.start()
    person = cluster.sandbox.add_person("Ana").id
    await cluster.send(person, "/start", "step:teach")
    await cluster.press(person, "step:teach", "step:learn")
    await cluster.send(person, "Guitar, Chess", "Chess ✕")
    await service.kill()

    sent = await cluster.sandbox.send_text(person, "Sewing")
    await cluster.start()
    question = await cluster.sees(person, "Sewing ✕", after=sent)
    assert [button.label for button in question.buttons if "✕" in button.label][:3] == [
        "Guitar ✕",
        "Chess ✕",
        "Sewing ✕",
    ]
    await cluster.press(person, "step:learn", "step:times")


async def test_update_interrupted_by_a_kill_acts_once(cluster: Cluster) -> None:
    service = await cluster.start()
    ana = await cluster.register("Ana", teach="Guitar", learn="Python")
    li = await cluster.register("Li", teach="Python", learn="Guitar")
    swap_id = await cluster.swap(ana, li)
    await cluster.send(ana, "hello", None)
    await cluster.sees(li, "hello")
    # The confirming reaction follows the stored message: delay it, and kill meanwhile.
    cluster.sandbox.delay("setMessageReaction", 30)
    await cluster.sandbox.send_text(ana, "are you there?")
    await cluster.sees(li, "are you there?")
    await eventually(lambda: _no_pending_delivery(cluster))
    await service.kill()
    cluster.sandbox.behave()

    await cluster.start()
    await cluster.sandbox.send_text(ana, "still me")
    await cluster.sees(li, "still me")
    texts = [message.words for message in cluster.sandbox.chat(li) if message.from_bot]
    assert sum("are you there?" in text for text in texts) == 1
    assert await _stored(cluster, swap_id) == ["hello", "are you there?", "still me"]


async def test_held_messages_are_sent_once_when_a_kill_comes_between_them(cluster: Cluster) -> None:
    service = await cluster.start()
    ana = await cluster.register("Ana", teach="Guitar", learn="Python")
    li = await cluster.register("Li", teach="Python", learn="Guitar")
    with_li = await cluster.swap(ana, li)
    bo = await cluster.register("Bo", teach="Python", learn="Guitar")
    with_bo = await cluster.swap(ana, bo)
    await cluster.sandbox.send_text(bo, "Shall we meet?")
    await cluster.sees(ana, "Shall we meet?")
    await cluster.send(ana, "one, for Bo", "instead?")
    question = await cluster.send(ana, "two, for Bo", "These 2 messages go to Li")
    # The confirming reaction follows the first stored message: delay it, and kill meanwhile.
    cluster.sandbox.delay("setMessageReaction", 30)
    to_bo = next(button.data for button in question.buttons if "Bo" in button.label)
    await cluster.sandbox.press(ana, question.id, str(to_bo))
    await cluster.sees(bo, "one, for Bo")
    await service.kill()
    cluster.sandbox.behave()

    await cluster.start()
    await cluster.sees(bo, "two, for Bo")
    await cluster.sees(ana, "All 2 messages sent")
    await cluster.sandbox.send_text(ana, "three, for Bo")
    await cluster.sees(bo, "three, for Bo")
    assert await _stored(cluster, with_li) == []
    assert await _stored(cluster, with_bo) == ["Shall we meet?", "one, for Bo", "two, for Bo", "three, for Bo"]


async def test_message_stored_before_a_kill_is_relayed_after_restart(cluster: Cluster) -> None:
    service = await cluster.start()
    ana = await cluster.register("Ana", teach="Guitar", learn="Python")
    li = await cluster.register("Li", teach="Python", learn="Guitar")
    swap_id = await cluster.swap(ana, li)
    cookie = await cluster.cookie(ana)
    cluster.sandbox.fail("sendMessage", times=1000, status=502)
    status, _ = await post(f"{cluster.url}/api/chat", cookie, {"swap_id": swap_id, "message": "through the storm"})
    assert status == 201
    await service.kill()
    cluster.sandbox.behave()
    assert not any("through the storm" in message.words for message in cluster.sandbox.chat(li))

    await cluster.start()
    await cluster.sees(li, "through the storm")
    status, _ = await post(f"{cluster.url}/api/chat", cookie, {"swap_id": swap_id, "message": "and after it"})
    await cluster.sees(li, "and after it")
    texts = [message.words for message in cluster.sandbox.chat(li) if message.from_bot]
    assert sum("through the storm" in text for text in texts) == 1


async def test_clean_stop_frees_its_leases_and_exits_with_zero(cluster: Cluster) -> None:
    service = await cluster.start()
    assert await service.stop() == 0
    await eventually(lambda: _no_leases(cluster))


async def _stored(cluster: Cluster, swap_id: str) -> list[str]:
    def read() -> list[str]:
        with MongoClient[dict[str, object]](cluster.env["MONGODB_URI"]) as client:
            found = client.get_default_database()["messages"].find().sort("seq")
            return [str(doc["message"]) for doc in found if str(doc["swap_id"]) == swap_id]

    return await asyncio.to_thread(read)


async def _no_pending_delivery(cluster: Cluster) -> bool:
    """Return True when every delivery is sent and marked: a kill between the two may send it twice."""

    def read() -> bool:
        with MongoClient[dict[str, object]](cluster.env["MONGODB_URI"]) as client:
            return not client.get_default_database()["messages"].find_one({"outbox.due_at": {"$exists": True}})

    return await asyncio.to_thread(read)


async def _no_leases(cluster: Cluster) -> bool:
    def read() -> bool:
        with MongoClient[dict[str, object]](cluster.env["MONGODB_URI"]) as client:
            return not list(client.get_default_database()["leases"].find({"holder": {"$ne": None}}))

    return await asyncio.to_thread(read)
