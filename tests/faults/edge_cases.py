"""The rarer kill points: inside a transaction, after an upload to the photo host, after using a sign-in link."""

from __future__ import annotations

import asyncio
import contextlib
import re
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
from bson import ObjectId

from storage.media.photos import Photos
from tests.cloudinary_endpoint import CloudinaryEndpoint
from tests.factories import jpeg
from tests.faults.cluster import Cluster, open_cluster
from tests.faults.rows import Row
from tests.faults.servers import replica_set
from tests.service import Service

MAIL = "ada@example.org"
DEATH_SECONDS = 15.0
TRANSACTION_SECONDS = 30.0
"""Time in which the database may keep the locks of a killed process's transaction."""


async def run(*, seed: int = 1) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="skillswap-edge-cases-") as name:
        folder, endpoint = Path(name), CloudinaryEndpoint()
        await endpoint.start()
        cloud = endpoint.variables
        try:
            async with replica_set(folder / "one", 1) as server:
                async with open_cluster(
                    folder / "cluster", server.uri(), people=6, swaps=12, seed=seed, **cloud
                ) as cluster:
                    wrong = [
                        *[f"K5: {problem}" for problem in await _in_a_transaction(cluster)],
                        *[f"K6: {problem}" for problem in await _upload_without_record(cluster, endpoint)],
                        *[f"K7: {problem}" for problem in await _used_sign_in_link(cluster)],
                    ]
        finally:
            await endpoint.stop()
    figure = (
        "; ".join(wrong) or "K5 all or nothing, K6 the orphan is removed, K7 the link reports it and the next one works"
    )
    return [Row("1", "kills at K5, K6 and K7", figure, not wrong, kills={"K5": 1, "K6": 1, "K7": 1})]


async def _in_a_transaction(cluster: Cluster) -> list[str]:
    """Kill a merge of two users inside its transaction: nothing is changed, and the next attempt changes everything."""
    stays, goes = cluster.web[0], cluster.web[1]
    swaps = cluster.deps.store.database.collection("swaps")
    moving = {
        "participants": {"$eq": ObjectId(goes.id), "$ne": ObjectId(stays.id)}
    }  # swaps between the two stay, closed
    before = await swaps.count_documents(moving)
    service = await cluster.start("api", KILL_AT="K5:1")
    async with aiohttp.ClientSession(cluster.url) as web:
        async with web.post("/api/accounts/merge", headers=cluster.headers(stays)) as reply:
            body = {"code": (await reply.json())["code"]}
        with contextlib.suppress(aiohttp.ClientError):
            async with web.post("/api/accounts/merge/accept", json=body, headers=cluster.headers(goes)):
                pass
    await _dies(service)
    wrong = []
    if await swaps.count_documents(moving) != before:
        wrong.append("part of a transaction was stored")
    service = await cluster.start("api")
    deadline = time.monotonic() + TRANSACTION_SECONDS
    status = 503
    async with aiohttp.ClientSession(cluster.url) as web:
        while status == 503 and time.monotonic() < deadline:
            async with web.post("/api/accounts/merge/accept", json=body, headers=cluster.headers(goes)) as reply:
                status = reply.status
    if status != 200 or await swaps.count_documents(moving):
        wrong.append(f"the next try returned {status}, {await swaps.count_documents(moving)} swaps did not move")
    await service.stop()
    return wrong


async def _upload_without_record(cluster: Cluster, endpoint: CloudinaryEndpoint) -> list[str]:
    """Kill an upload before it is recorded: the profile is unchanged and the orphaned picture is removed."""
    owner = cluster.web[2]
    service = await cluster.start("api", KILL_AT="K6:1")
    async with aiohttp.ClientSession(cluster.url) as web:
        with contextlib.suppress(aiohttp.ClientError):
            async with web.post("/api/upload", data=_form(), headers=cluster.headers(owner)):
                pass
    await _dies(service)
    wrong = []
    user = await cluster.deps.store.users.find(owner.id)
    if user is None or user.photo_url:
        wrong.append("the profile shows an unrecorded photo")
    if len(endpoint.assets) != 1:
        wrong.append(f"the host keeps {len(endpoint.assets)} pictures")
    service = await cluster.start("api")
    async with aiohttp.ClientSession(cluster.url) as web:
        async with web.post("/api/upload", data=_form(), headers=cluster.headers(owner)) as reply:
            if reply.status != 200:
                wrong.append(f"the next upload returned {reply.status}")
    photos = Photos(cluster.deps.store.database, endpoint.assets_client(), base_url=cluster.url)
    await photos.reap(now=cluster.deps.now() + timedelta(hours=25))
    await photos.close()
    if len(endpoint.assets) != 1:
        wrong.append(f"after the reaper {len(endpoint.assets)} pictures are left")
    await service.stop()
    return wrong


def _form() -> aiohttp.FormData:
    form = aiohttp.FormData()
    form.add_field("file", jpeg(), filename="me.jpg", content_type="image/jpeg")
    return form


async def _used_sign_in_link(cluster: Cluster) -> list[str]:
    """Kill a sign-in after its link is used: the link is reported as used, and the next one works."""
    service = await cluster.start("api", KILL_AT="K7:1")
    async with _browser(cluster) as web:
        link = await _link(cluster, web)
        with contextlib.suppress(aiohttp.ClientError):
            async with web.get(link, allow_redirects=False):
                pass
        await _dies(service)
        service = await cluster.start("api")
        wrong = []
        async with web.get(link, allow_redirects=False) as reply:
            if await _is_signed_in(web):
                wrong.append("a used link signs in")
            if reply.status >= 500:
                wrong.append(f"the used link returned {reply.status}")
        async with web.get(await _link(cluster, web), allow_redirects=False):
            if not await _is_signed_in(web):
                wrong.append("the next link does not sign in")
    await service.stop()
    return wrong


def _browser(cluster: Cluster) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        cluster.url, cookie_jar=aiohttp.CookieJar(unsafe=True), headers={"Origin": cluster.url}, raise_for_status=False
    )


async def _link(cluster: Cluster, web: aiohttp.ClientSession) -> str:
    """Request a sign-in link; without a mail server it is in the log."""
    log = cluster.folder / "api.log"
    size = log.stat().st_size
    async with web.get("/api/auth/csrf") as reply:
        token = (await reply.json())["csrfToken"]
    fields: dict[str, Any] = {"csrfToken": token, "email": MAIL, "json": "true"}
    async with web.post("/api/auth/signin/email", data=fields, allow_redirects=False) as reply:
        assert reply.status in (200, 302), await reply.text()
    async with asyncio.timeout(DEATH_SECONDS):
        while True:
            text = (await asyncio.to_thread(log.read_bytes))[size:].decode()
            if found := re.findall(r"http://\S+/api/auth/callback/email\?[^\s\"\\]+", text):
                return str(found[-1]).removeprefix(cluster.url)
            await asyncio.sleep(0.05)


async def _is_signed_in(web: aiohttp.ClientSession) -> bool:
    async with web.get("/api/auth/session") as reply:
        return bool((await reply.json()).get("user"))


async def _dies(service: Service) -> None:
    await asyncio.wait_for(service.child.wait(), DEATH_SECONDS)
