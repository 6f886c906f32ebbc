"""Telegram posts updates to the webhook of the API process and the bot process acts on them; forged requests are
refused."""

from __future__ import annotations

import asyncio

import aiohttp

from skillswap.loopback import free_port
from tests.flows.conftest import Cluster

WEBHOOK_SECRET = "a-webhook-secret-of-these-tests-0123456789"


async def test_webhook_updates_act_once_and_forged_updates_never(cluster: Cluster) -> None:
    address = f"http://127.0.0.1:{free_port()}"
    cluster.url = address
    cluster.env |= {"TELEGRAM_WEBHOOK_URL": address, "TELEGRAM_WEBHOOK_SECRET": WEBHOOK_SECRET}
    await cluster.start("run")
    cluster.sandbox.duplicate_updates(3)
    person = cluster.sandbox.add_person("Ana").id
    await cluster.send(person, "/start", "step:teach")
    await cluster.press(person, "step:teach", "step:learn")
    await cluster.send(person, "Guitar", "Guitar ✕")
    welcomes = [message for message in cluster.sandbox.chat(person) if message.words.startswith("👋")]
    assert len(welcomes) == 1

    forged = {"update_id": 1, "message": {"chat": {"id": person, "type": "private"}, "text": "/delete"}}
    async with aiohttp.ClientSession() as web:
        for headers, status in (({}, 403), ({"X-Telegram-Bot-Api-Secret-Token": "guess"}, 403)):
            async with web.post(f"{address}/telegram/webhook", json=forged, headers=headers) as reply:
                assert reply.status == status
        good = {"X-Telegram-Bot-Api-Secret-Token": WEBHOOK_SECRET}
        async with web.get(f"{address}/telegram/webhook", headers=good) as reply:
            assert reply.status == 405
        async with web.post(f"{address}/telegram/webhook", data="x", headers=good) as reply:
            assert reply.status == 415
        too_big = {"update_id": 2, "message": {"text": "x" * 1_100_000}}
        async with web.post(f"{address}/telegram/webhook", json=too_big, headers=good) as reply:
            assert reply.status == 413
        async with web.post(f"{address}/telegram/webhook", json={"update_id": 3, "news": {}}, headers=good) as reply:
            assert (reply.status, await reply.read()) == (200, b"")
        nested = '{"update_id": 7, "message": {"chat": {"id": 9}, "x": ' + "[" * 900 + "]" * 900 + "}}"
        headers = {**good, "Content-Type": "application/json"}
        async with web.post(f"{address}/telegram/webhook", data=nested, headers=headers) as reply:
            assert reply.status == 200
        # An update that BSON cannot hold is acknowledged: refused, it would block its chat for a day of retries.
        for strange in (
            {"update_id": 2**63}, {"update_id": "8"}, {"update_id": True}, {"message": {}},
            {"update_id": 4, "message": {"date": 2**63}}, {"update_id": 5, "\0": 1},
        ):  # fmt: skip
            async with web.post(f"{address}/telegram/webhook", json=strange, headers=good) as reply:
                assert reply.status == 200
        for unreadable in ("x", "", "[]", "7", '{"update_id": 9', '{"update_id": 9, "x": ' + "[" * 9000):
            async with web.post(f"{address}/telegram/webhook", data=unreadable, headers=headers) as reply:
                assert (reply.status, await reply.read()) == (200, b"")
        half = '{"update_id": 10, "message": {"chat": {"id": 9}, "text": "\\ud83d"}}'
        async with web.post(f"{address}/telegram/webhook", data=half, headers=headers) as reply:
            assert reply.status == 200
        async with web.get(f"{address}/metrics") as reply:
            metrics = await reply.text()
    assert 'skillswap_rejected_updates_total{reason="json"} 6.0' in metrics
    assert 'skillswap_rejected_updates_total{reason="id"} 4.0' in metrics
    assert 'skillswap_rejected_updates_total{reason="content"} 4.0' in metrics
    assert 'skillswap_telegram_updates{state="dead"} 4.0' in metrics
    reader, writer = await asyncio.open_connection(*address.removeprefix("http://").split(":"))
    body = b'{"update_id": 6, "news": {}}'
    head = (
        f"POST /telegram/webhook HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    )
    writer.write(f"{head}\r\nX-Telegram-Bot-Api-Secret-Token: {WEBHOOK_SECRET}\r\n\r\n".encode() + body[:9])
    await asyncio.sleep(0.05)  # sends the body in two segments
    writer.write(body[9:])
    assert b" 200 " in await asyncio.wait_for(reader.readline(), 10)
    writer.close()
