"""The kill points off the main road: inside a transaction, beside the photo host, behind a used-up sign-in link."""

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
"""So long the database may keep what a killed process had begun, and its documents locked."""


async def run(*, seed: int = 1) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="skillswap-corners-") as name:
        folder, endpoint = Path(name), CloudinaryEndpoint()
        await endpoint.start()
        cloud = endpoint.variables
        try:
            async with replica_set(folder / "one", 1) as server:
                async with open_cluster(
                    folder / "town", server.uri(), people=6, swaps=12, seed=seed, **cloud
                ) as cluster:
                    wrong = [
                        *[f"K5: {said}" for said in await _in_a_transaction(cluster)],
                        *[f"K6: {said}" for said in await _beside_the_photo_host(cluster, endpoint)],
                        *[f"K7: {said}" for said in await _behind_a_link(cluster)],
                    ]
        finally:
            await endpoint.stop()
    figure = (
        "; ".join(wrong) or "K5 all or nothing, K6 the orphan is removed, K7 the link says so and the next one works"
    )
    return [Row("1", "kills off the main road (K5, K6, K7)", figure, not wrong, kills={"K5": 1, "K6": 1, "K7": 1})]


async def _in_a_transaction(cluster: Cluster) -> list[str]:
    """Two people become one: nothing of it has happened after the kill, all of it after the next try."""
    stays, goes = cluster.web[0], cluster.web[1]
    swaps = cluster.deps.store.database.collection("swaps")
    moving = {"participants": {"$eq": ObjectId(goes.id), "$ne": ObjectId(stays.id)}}  # those of the two stay, closed
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
        wrong.append("part of a transaction was kept")
    service = await cluster.start("api")
    deadline = time.monotonic() + TRANSACTION_SECONDS
    status = 503
    async with aiohttp.ClientSession(cluster.url) as web:
        while status == 503 and time.monotonic() < deadline:
            async with web.post("/api/accounts/merge/accept", json=body, headers=cluster.headers(goes)) as reply:
                status = reply.status
    if status != 200 or await swaps.count_documents(moving):
        wrong.append(f"the next try came to {status}, {await swaps.count_documents(moving)} swaps did not move")
    await service.stop()
    return wrong


async def _beside_the_photo_host(cluster: Cluster, endpoint: CloudinaryEndpoint) -> list[str]:
    """The host has the picture and the database does not know: the profile is as it was, the orphan goes."""
    someone = cluster.web[2]
    service = await cluster.start("api", KILL_AT="K6:1")
    async with aiohttp.ClientSession(cluster.url) as web:
        with contextlib.suppress(aiohttp.ClientError):
            async with web.post("/api/upload", data=_form(), headers=cluster.headers(someone)):
                pass
    await _dies(service)
    wrong = []
    user = await cluster.deps.store.users.find(someone.id)
    if user is None or user.photo_url:
        wrong.append("the profile shows a photo that nobody vouches for")
    if len(endpoint.assets) != 1:
        wrong.append(f"the host keeps {len(endpoint.assets)} pictures")
    service = await cluster.start("api")
    async with aiohttp.ClientSession(cluster.url) as web:
        async with web.post("/api/upload", data=_form(), headers=cluster.headers(someone)) as reply:
            if reply.status != 200:
                wrong.append(f"the next upload came to {reply.status}")
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


async def _behind_a_link(cluster: Cluster) -> list[str]:
    """The link is used up and nobody is signed in: it says so, and the next one works."""
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
                wrong.append(f"the used link came to {reply.status}")
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
    """Ask for a sign-in link; without a mail server it stands in the log."""
    log = cluster.folder / "api.log"
    size = log.stat().st_size
    async with web.get("/api/auth/csrf") as reply:
        token = (await reply.json())["csrfToken"]
    said: dict[str, Any] = {"csrfToken": token, "email": MAIL, "json": "true"}
    async with web.post("/api/auth/signin/email", data=said, allow_redirects=False) as reply:
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
