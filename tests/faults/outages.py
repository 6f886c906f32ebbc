"""Outages: ten minutes without Telegram, and every failure of the photo host."""

from __future__ import annotations

import asyncio
import signal
import tempfile
import time
from pathlib import Path

import aiohttp

from tests.cloudinary_endpoint import CloudinaryEndpoint
from tests.factories import jpeg
from tests.faults.cluster import Cluster, open_cluster
from tests.faults.crash_points import FAST
from tests.faults.kills import percentile
from tests.faults.ledger import broken_limits, judge
from tests.faults.rows import Row
from tests.faults.servers import replica_set
from tests.faults.traffic import Traffic

OUTAGE_SECONDS = 600.0
"""By the clock of the service, which runs FAST times as fast meanwhile."""
DRAIN_LIMIT = 60.0
UPLOAD_LIMIT = 8.5
FAULTS = ("drop", "error", "truncated", "bad_signature", "foreign_host", "hang")


async def run(*, seed: int, messages: int = 1000, people: int = 50) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="skillswap-outages-") as name:
        folder, endpoint = Path(name), CloudinaryEndpoint()
        await endpoint.start()
        cloud = endpoint.variables
        try:
            async with replica_set(folder / "one", 1) as server:
                async with open_cluster(
                    folder / "telegram", server.uri("telegram"), people=people, swaps=people, seed=seed
                ) as cluster:
                    rows = [await _without_telegram(cluster, seed, messages)]
                async with open_cluster(
                    folder / "photos", server.uri("photos"), people=12, swaps=24, seed=seed, **cloud
                ) as cluster:
                    rows.append(await _without_photos(cluster, endpoint))
        finally:
            await endpoint.stop()
    return rows


async def _without_telegram(cluster: Cluster, seed: int, messages: int) -> Row:
    """Send `messages` on the web to Telegram users while the Bot API answers with errors only."""
    service = await cluster.start(CLOCK="0")
    await cluster.open_chats()
    traffic = Traffic(cluster, seed, telegram_share=0.0)
    await traffic.open()
    try:
        cluster.sandbox.fail("*", times=10_000_000, status=502)
        cluster.sandbox.fail("getUpdates", times=10_000_000, status=502)
        service.child.send_signal(signal.SIGUSR1)
        seconds = OUTAGE_SECONDS / FAST
        await traffic.talk(seconds, messages / seconds)
        while traffic.unanswered:  # acknowledged within the outage, however slowly
            await asyncio.sleep(0.1)
        service.child.send_signal(signal.SIGUSR2)
        backlog = (await cluster.deps.store.outbox.counts())["queued"]
        cluster.sandbox.behave()
        began = time.monotonic()
        cluster.sandbox.calls.clear()
        await traffic.settle(seconds=600.0)
        drained = time.monotonic() - began
        verdict = await judge(traffic)
    finally:
        await traffic.close()
    everywhere, in_chat = broken_limits(traffic)
    for example in verdict.examples[:10]:
        print(f"  outages: {example}", flush=True)
    is_right = not (verdict.telegram_unsent or verdict.telegram_disordered or verdict.dead)
    return Row(
        "9",
        "ten minutes without Telegram",
        f"{backlog} waiting deliveries went out in {drained:.0f} s of {DRAIN_LIMIT:.0f}, {verdict.telegram_unsent} "
        f"missing, {verdict.telegram_disordered} chats out of order, {verdict.telegram_twice} twice, "
        f"{verdict.dead} dead, {everywhere + in_chat} breaches of the limits",
        is_right and drained <= DRAIN_LIMIT and not everywhere and not in_chat,
    )


async def _without_photos(cluster: Cluster, endpoint: CloudinaryEndpoint) -> Row:
    """Let the photo host fail in every way: uploads end in time, other requests stay fast, the old photo stays."""
    await cluster.start("api")
    async with aiohttp.ClientSession(cluster.url) as web:
        calm = await _chat_p99(cluster, web)
        slowest, wrong = 0.0, []
        for number, fault in enumerate(FAULTS):
            owner = cluster.web[number % len(cluster.web)]
            endpoint.fault = None
            good = await _upload(cluster, web, number)
            endpoint.fault = fault
            began = time.perf_counter()
            uploading = asyncio.create_task(_upload(cluster, web, number))
            busy = await _chat_p99(cluster, web)
            status = await uploading
            slowest = max(slowest, time.perf_counter() - began)
            stored = await cluster.deps.store.users.find(owner.id)
            if good != 200 or status not in (502, 503) or stored is None or not stored.photo_url:
                wrong.append(f"{fault}: {good}, then {status}")
            calm = max(calm, 0.02)
            if busy > 3 * calm + 0.05:
                wrong.append(f"{fault}: others waited {busy * 1000:.0f} ms")
        endpoint.fault = None
    figure = (
        f"{len(FAULTS)} ways to fail, slowest answer {slowest:.1f} s of 8 s, p99 of others {calm * 1000:.0f} ms before"
    )
    return Row(
        "13",
        "without the photo host other requests are served",
        "; ".join(wrong) or figure,
        not wrong and slowest <= UPLOAD_LIMIT,
    )


async def _upload(cluster: Cluster, web: aiohttp.ClientSession, number: int) -> int:
    form = aiohttp.FormData()
    form.add_field("file", jpeg(), filename="me.jpg", content_type="image/jpeg")
    async with web.post(
        "/api/upload", data=form, headers=cluster.headers(cluster.web[number % len(cluster.web)])
    ) as reply:
        return reply.status


async def _chat_p99(cluster: Cluster, web: aiohttp.ClientSession, count: int = 100) -> float:
    taken = []
    for number in range(count):
        began = time.perf_counter()
        user = cluster.web[number % len(cluster.web)]
        async with web.get("/api/user", headers=cluster.headers(user)) as reply:
            assert reply.status == 200
            await reply.read()
        taken.append(time.perf_counter() - began)
    return percentile(taken, 0.99)
