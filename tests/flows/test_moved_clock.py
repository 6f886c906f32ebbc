"""The clock moved in a running service: what is due happens at once, in every process, and nobody is signed out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import aiohttp

from domain.alerts import LIVES
from tests.flows.conftest import Cluster
from tests.moved_clock import MoveClock


async def test_a_request_expires_in_another_process_and_both_are_told(cluster: Cluster, move_clock: MoveClock) -> None:
    await cluster.start("api")
    await cluster.start("bot")
    ana = await cluster.register("Ana", teach="Guitar", learn="Python")
    li = await cluster.register("Li", teach="Python", learn="Guitar")
    cookie = await cluster.cookie(ana)
    await cluster.send(ana, "/match", ":ask")
    await cluster.press(ana, ":ask", ":send")
    await cluster.press(ana, ":send")
    await cluster.sees(li, ":accept")

    shown = await move_clock(weeks=1)
    assert shown - datetime.now(UTC) > timedelta(days=6, hours=23)
    told = await cluster.sees(ana, "did not answer your request")
    assert datetime.fromtimestamp(told.date, UTC) > shown - timedelta(seconds=2), "the sandbox has the moved time"
    await cluster.sees(li, "expired")
    async with aiohttp.ClientSession(headers={"Cookie": cookie}) as web:
        async with web.get(f"{cluster.url}/api/swap") as reply:
            (swap,) = await reply.json()
        assert swap["status"] == "expired"
        assert datetime.fromisoformat(swap["updated_at"]) >= shown - timedelta(seconds=2)
        await move_clock(weeks=8)
        await cluster.send(ana, "/web", "token=")
        async with web.get(f"{cluster.url}/api/swap") as reply:
            assert reply.status == 200, "the session lives by the real time, and not just for a month of the moved one"


async def test_an_alert_ends_after_its_time(cluster: Cluster, move_clock: MoveClock) -> None:
    await cluster.start()
    ana = await cluster.register("Ana", teach="Guitar", learn="Python")
    await cluster.send(ana, "/find Astronomy", "🔔")
    await cluster.press(ana, "aladd:", "I will tell you when somebody begins")
    await move_clock(seconds=LIVES.total_seconds() + 1)
    await cluster.sees(ana, "Renew Astronomy")


async def test_the_moved_time_stays_after_a_restart(cluster: Cluster, move_clock: MoveClock) -> None:
    service = await cluster.start()
    ana = await cluster.register("Ana", teach="Guitar", learn="Python")
    cookie = await cluster.cookie(ana)
    shown = await move_clock(days=3)
    await service.stop()
    await cluster.start()
    li = await cluster.register("Li", teach="Python", learn="Guitar")
    async with aiohttp.ClientSession(headers={"Cookie": cookie}) as web:
        async with web.get(f"{cluster.url}/api/user") as reply:
            assert reply.status == 200
            ana_since = datetime.fromisoformat((await reply.json())["created_at"])
        async with web.get(f"{cluster.url}/api/user", headers={"Cookie": await cluster.cookie(li)}) as reply:
            li_since = datetime.fromisoformat((await reply.json())["created_at"])
    assert ana_since < shown - timedelta(days=2)
    assert li_since > shown - timedelta(seconds=2)
