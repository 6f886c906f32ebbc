"""Checks of the suite itself: each runs on the product and on a mutant, and has to detect the mutant only."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import socketio
from bson import ObjectId

from domain.deliveries import LEASE, Delivery
from domain.users import User
from skillswap.loopback import free_port
from storage import outbox
from storage.outbox import Outbox
from storage.swaps import swap_doc
from tests.faults import elections, overload
from tests.faults.cluster import Cluster, open_cluster, pending_swap, running_swap
from tests.faults.mutants import MUTANTS
from tests.faults.plan_kills import last_rating, one_leg, telling_and_mark, telling_of_ratings
from tests.faults.rows import Row
from tests.faults.servers import replica_set

RECEIVE_WITHIN = 3.0
RACES = 10
CHATS, MESSAGES = 6, 8

PEOPLE = {"credit-at-write": 1000}
"""People of a check that needs more than a few."""

Check = Callable[[Cluster, str], Awaitable[str]]
"""Runs a process with the mutant ("" for none); returns the violation, or ""."""


async def run(*, seed: int = 1, with_elections: bool = True) -> list[Row]:
    caught: dict[str, tuple[str, str]] = {}
    with tempfile.TemporaryDirectory(prefix="skillswap-mistakes-") as name:
        folder = Path(name)
        async with replica_set(folder / "one", 1) as server:
            for number, (mutant, check) in enumerate(CHECKS.items()):
                results = []
                for side, mistake in enumerate(("", mutant)):
                    uri = server.uri(f"mistakes{number}{side}")
                    place, people = folder / f"{number}{side}", PEOPLE.get(mutant, 8)
                    async with open_cluster(place, uri, people=people, swaps=16, seed=seed) as cluster:
                        results.append(await check(cluster, mistake))
                caught[mutant] = (results[0], results[1])
                print(f"  mistakes: {mutant}: {results[1] or 'NOT NOTICED'}", flush=True)
        if with_elections:
            async with replica_set(folder / "three", 3) as servers:
                lost = await elections.control(folder, servers, seed)
            caught["w:1"] = ("", f"{lost} acknowledged messages lost" if lost else "")
    wrong = [f"{name}: {clean or 'not noticed'}" for name, (clean, noticed) in caught.items() if clean or not noticed]
    figure = "; ".join(wrong) or f"{len(caught)} of {len(caught)} noticed: {', '.join(caught)}"
    return [Row("1", "the suite notices built-in mistakes", figure, not wrong)]


async def _two_answers(cluster: Cluster, mutant: str) -> str:
    """Accept and reject concurrently: only one of them succeeds."""
    await cluster.start("api", MUTANT=mutant)
    swaps = cluster.deps.store.database.collection("swaps")
    both = 0
    async with aiohttp.ClientSession(cluster.url) as web:
        for number in range(RACES):
            asker, partner = cluster.web[number % 4], cluster.web[4 + number % 4]
            swap = pending_swap(asker, partner, f"Race {number}")
            await swaps.insert_one(swap_doc(swap))
            answers = await asyncio.gather(
                *(_answer(web, cluster, partner, swap.id, status) for status in ("accepted", "rejected"))
            )
            both += answers == [200, 200]
    return f"{both} of {RACES} requests were both accepted and rejected" if both else ""


async def _answer(web: aiohttp.ClientSession, cluster: Cluster, user: User, swap_id: str, status: str) -> int:
    async with web.put(f"/api/swap/{swap_id}", json={"status": status}, headers=cluster.headers(user)) as reply:
        return reply.status


async def _kill_after_answer(cluster: Cluster, mutant: str) -> str:
    """Acknowledged messages are stored, even when the process is killed right after."""
    service = await cluster.start("api", MUTANT=mutant)
    answered = []
    async with aiohttp.ClientSession(cluster.url) as web:
        for swap in cluster.swaps[:5]:
            sender = next(user for user in cluster.web if user.id in swap.participants)
            body = {"swap_id": swap.id, "message": f"word for {swap.id}"}
            async with web.post("/api/chat", json=body, headers=cluster.headers(sender)) as reply:
                assert reply.status == 201, await reply.text()
                answered.append(body["message"])
    await service.kill()
    stored = {doc["message"] async for doc in cluster.deps.store.database.collection("messages").find()}
    lost = [text for text in answered if text not in stored]
    return f"{len(lost)} of {len(answered)} acknowledged messages are gone" if lost else ""


async def _order_of_one_sender(cluster: Cluster, mutant: str) -> str:
    """Messages emitted in a row by one client are stored in that order."""
    await cluster.start("api", MUTANT=mutant)
    disordered = 0
    for number in range(CHATS):
        one, other = cluster.web[number], cluster.web[(number + 1) % len(cluster.web)]
        swap = running_swap(one, other, f"Breath {number}")
        await cluster.deps.store.database.collection("swaps").insert_one(swap_doc(swap))
        client = socketio.AsyncClient(reconnection=False)
        await client.connect(cluster.url, auth={"token": cluster.token(one)}, transports=["websocket"])
        answers: asyncio.Queue[Any] = asyncio.Queue()
        for index in range(MESSAGES):
            body = {"swap_id": swap.id, "message": f"{index}"}
            await client.emit("chat:new", body, callback=answers.put_nowait)
        for _ in range(MESSAGES):
            await asyncio.wait_for(answers.get(), RECEIVE_WITHIN)
        await client.disconnect()
        found = cluster.deps.store.database.collection("messages").find({"swap_id": ObjectId(swap.id)})
        disordered += [doc["message"] async for doc in found.sort("seq", 1)] != [f"{n}" for n in range(MESSAGES)]
    return f"{disordered} of {CHATS} chats out of order" if disordered else ""


async def _other_channels(cluster: Cluster, mutant: str) -> str:
    """A message posted over REST is received on the partner's socket."""
    await cluster.start("api", MUTANT=mutant)
    swap = cluster.swaps[-1]
    one, other = (next(user for user in cluster.web if user.id == person) for person in swap.participants)
    client = socketio.AsyncClient(reconnection=False)
    received = asyncio.Event()

    async def receive(_: dict[str, Any]) -> None:
        received.set()

    client.on("chat:receive", receive)
    await client.connect(cluster.url, auth={"token": cluster.token(other)}, transports=["websocket"])
    async with aiohttp.ClientSession(cluster.url) as web:
        body = {"swap_id": swap.id, "message": "over here"}
        async with web.post("/api/chat", json=body, headers=cluster.headers(one)) as reply:
            assert reply.status == 201
    try:
        await asyncio.wait_for(received.wait(), RECEIVE_WITHIN)
    except TimeoutError:
        return "a message posted over REST is not received on the socket"
    finally:
        await client.disconnect()
    return ""


async def _retries(cluster: Cluster, mutant: str) -> str:
    """A client id is stored once and numbers are unique, over two processes."""
    messages = cluster.deps.store.database.collection("messages")
    if mutant:
        for name in ("once", "in_order"):
            await messages.drop_index(name)
    other = free_port()
    await cluster.start("api", MUTANT=mutant)
    await cluster.start("api", port=other, MUTANT=mutant)
    swap = cluster.swaps[-1]
    sender = next(user for user in cluster.web if user.id in swap.participants)
    async with aiohttp.ClientSession() as web:
        for number in range(5):
            body = {"swap_id": swap.id, "message": f"word {number}", "client_id": f"retry-{number}"}
            tries = [
                web.post(f"http://127.0.0.1:{port}/api/chat", json=body, headers=cluster.headers(sender))
                for port in (cluster.port, other)
            ]
            for reply in await asyncio.gather(*tries):
                await reply.read()
                reply.release()
    count = await messages.count_documents({"swap_id": ObjectId(swap.id)})
    return f"5 messages were stored as {count}" if count != 5 else ""


async def _stale_worker(cluster: Cluster, mutant: str) -> str:
    """A worker whose lease has passed to another one changes nothing."""
    original = outbox.Outbox.__init__
    if mutant:
        MUTANTS[mutant]()
    try:
        store = Outbox(cluster.deps.store.database)
    finally:
        outbox.Outbox.__init__ = original  # type: ignore[method-assign]
    now = cluster.deps.now()
    swap = running_swap(cluster.telegram[0], cluster.web[0], "Stale")
    line = Delivery(id="stale", to=cluster.telegram[0].id, channel="telegram", event="swap.accepted", due_at=now)
    doc = swap_doc(swap) | outbox.outbox_fields([line])
    await cluster.deps.store.database.collection("swaps").insert_one(doc)
    first = await store.claim("one", now=now, busy=set())
    second = await store.claim("two", now=now + LEASE + timedelta(seconds=1), busy=set())
    assert first is not None
    assert second is not None
    assert await store.finish(second, "sent")
    await store.retry(first, due_at=now)
    again = await store.claim("three", now=now + timedelta(seconds=1), busy=set())
    return "a sent delivery is sent again" if again is not None else ""


CHECKS: dict[str, Check] = {
    "check-then-set": _two_answers,
    "ack-before-persist": _kill_after_answer,
    "async-handlers": _order_of_one_sender,
    "emit-from-handler": _other_channels,
    "no-unique-index": _retries,
    "no-fencing": _stale_worker,
    "mark-after-telling": telling_and_mark,
    "tell-after-mark": telling_and_mark,
    "rating-alone": last_rating,
    "ratings-told-before-mark": telling_of_ratings,
    "leg-for-all": one_leg,
    "credit-at-write": overload.more_than_it_passes_on,
}
