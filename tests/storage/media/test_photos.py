"""Photos are stored at the host or in the database, found, and deleted for good."""

from __future__ import annotations

import asyncio
import io
import logging
import time
import traceback
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from bson import ObjectId
from PIL import Image
from pymongo.errors import PyMongoError

from domain.errors import Invalid, Unavailable
from domain.photos import CHAT, PROFILE
from storage.media.cloudinary import CloudinaryAssets
from storage.media.images import MAX_SIDE
from storage.media.photos import CLAIM, UNUSED_AGE, Photos
from storage.mongodb.database import Database, new_id
from storage.mongodb.indexes import ensure_indexes
from tests.cloudinary_endpoint import API_KEY, CLOUD, CloudinaryEndpoint, Fault, cloudinary_endpoint
from tests.storage.media.test_images import CANARIES, loaded_jpeg

__all__ = ["cloudinary_endpoint"]

BASE = "http://127.0.0.1:8080"
DAY = timedelta(hours=24)


def picture(size: tuple[int, int] = (320, 200), colour: str = "teal") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


def later(delay: timedelta = timedelta()) -> datetime:
    return datetime.now(UTC) + delay


@pytest.fixture
def kept_here(database: Database) -> Photos:
    return Photos(database, None, base_url=BASE + "/")


@pytest.fixture
async def assets(cloudinary_endpoint: CloudinaryEndpoint) -> AsyncIterator[CloudinaryAssets]:
    client = cloudinary_endpoint.assets_client()
    yield client
    await client.close()


@pytest.fixture
def hosted(database: Database, assets: CloudinaryAssets) -> Photos:
    return Photos(database, assets, base_url=BASE)


async def count(database: Database, **query: object) -> int:
    return int(await database.collection("photos").count_documents(query))


async def test_photo_without_a_host_is_stored_in_the_database(kept_here: Photos) -> None:
    owner = new_id()
    photo = await kept_here.save(owner, picture((3000, 1500)), purpose=PROFILE)
    assert (photo.owner_id, photo.purpose, photo.width, photo.height) == (owner, PROFILE, MAX_SIDE, MAX_SIDE // 2)
    assert photo.url == f"{BASE}/photos/{photo.id}.jpg"
    assert await kept_here.find(photo.id) == await kept_here.find_by_url(photo.url) == photo
    data = await kept_here.read(photo.id)
    assert data is not None
    assert Image.open(io.BytesIO(data)).size == (photo.width, photo.height)


async def test_invalid_photo_leaves_no_document(kept_here: Photos, database: Database) -> None:
    with pytest.raises(Invalid, match=r"photo\.not_an_image"):
        await kept_here.save(new_id(), b"<svg onload=alert(1)>", purpose=CHAT)
    assert await count(database) == 0


@pytest.mark.parametrize("photo_id", ["", "../../x", "a\0.jpg", "0" * 24, "$where"])
async def test_unknown_ids_find_nothing(kept_here: Photos, photo_id: str) -> None:
    assert await kept_here.find(photo_id) is None
    assert await kept_here.find_by_url(photo_id) is None
    assert await kept_here.read(photo_id) is None
    await kept_here.doom(photo_id)


async def test_doomed_photo_is_hidden_at_once_and_deleted_by_the_next_reap(
    kept_here: Photos, database: Database
) -> None:
    photo, other = [await kept_here.save(new_id(), picture(), purpose=CHAT) for _ in range(2)]
    await kept_here.doom(photo.id)
    assert await kept_here.find(photo.id) is None
    assert await kept_here.find_by_url(photo.url) is None
    assert await kept_here.read(photo.id) is None
    assert await kept_here.reap(now=later()) == 1
    assert await kept_here.reap(now=later()) == 0
    assert await count(database) == 1
    assert await kept_here.find(other.id) == other


async def test_doom_owned_dooms_all_photos_of_a_user(kept_here: Photos) -> None:
    owner = new_id()
    for _ in range(3):
        await kept_here.save(owner, picture(), purpose=CHAT)
    other = await kept_here.save(new_id(), picture(), purpose=CHAT)
    assert await kept_here.doom_owned(owner) == 3
    assert await kept_here.doom_owned(owner) == 0
    assert await kept_here.reap(now=later()) == 3
    assert await kept_here.find(other.id) == other


async def test_telegram_file_id_is_stored(kept_here: Photos) -> None:
    photo = await kept_here.save(new_id(), picture(), purpose=CHAT)
    await kept_here.remember_file(photo.id, file_id="AgACAgQ")
    found = await kept_here.find(photo.id)
    assert found is not None
    assert found.telegram_file_id == "AgACAgQ"


async def test_unused_photos_are_deleted_after_a_week_and_used_ones_stay(kept_here: Photos, database: Database) -> None:
    await ensure_indexes(database)
    owner = new_id()
    shown, sent, unused = [await kept_here.save(owner, picture(), purpose=CHAT) for _ in range(3)]
    await database.collection("users").insert_one({"_id": ObjectId(owner), "photo_url": shown.url})
    message = {"swap_id": ObjectId(), "seq": 1, "from_user_id": ObjectId(owner), "client_id": "c1"}
    await database.collection("messages").insert_one({**message, "photo_url": sent.url, "created_at": later()})
    assert await kept_here.reap(now=later()) == 0
    assert await kept_here.reap(now=later(UNUSED_AGE)) == 1
    assert await kept_here.find(unused.id) is None
    assert (await kept_here.find(shown.id), await kept_here.find(sent.id)) == (shown, sent)
    await kept_here.doom(shown.id)
    assert await kept_here.reap(now=later(UNUSED_AGE)) == 1


async def test_concurrent_photos_are_all_stored(kept_here: Photos, database: Database) -> None:
    photos = await asyncio.gather(*(kept_here.save(new_id(), picture(), purpose=CHAT) for _ in range(20)))
    assert len({photo.id for photo in photos}) == 20 == await count(database, state="stored")


async def test_uploaded_photo_is_clean_signed_and_served(
    hosted: Photos, cloudinary_endpoint: CloudinaryEndpoint
) -> None:
    photo = await hosted.save(new_id(), loaded_jpeg(), purpose=CHAT)
    call = cloudinary_endpoint.calls[0]
    assert call.fields["public_id"] == f"skillswap/{photo.id}"
    assert call.fields["overwrite"] == "0"
    assert call.fields["allowed_formats"] == "jpg"
    assert len(call.fields["signature"]) == 64  # SHA-256
    everything = call.data + repr(call.fields).encode()
    assert not [canary for canary in CANARIES if canary in everything]
    async with aiohttp.ClientSession() as client, client.get(photo.url) as response:
        assert (response.status, await response.read()) == (200, call.data)
    assert await hosted.find_by_url(photo.url) == photo
    assert await hosted.read(photo.id) is None


async def test_replies_signed_with_sha1_are_accepted(hosted: Photos, cloudinary_endpoint: CloudinaryEndpoint) -> None:
    cloudinary_endpoint.sha1_replies = True
    assert (await hosted.save(new_id(), picture(), purpose=CHAT)).url.startswith(cloudinary_endpoint.url)


async def test_an_asset_is_never_overwritten(assets: CloudinaryAssets, cloudinary_endpoint: CloudinaryEndpoint) -> None:
    await assets.upload("pier", b"first")
    with pytest.raises(Unavailable, match=r"photo\.host_failed"):
        await assets.upload("pier", b"second")
    assert cloudinary_endpoint.assets == {"skillswap/pier": b"first"}


@pytest.mark.parametrize(
    ("fault", "code", "logged"),
    [
        ("drop", "photo.host_unavailable", "Cloudinary failed: ProtocolError"),
        ("error", "photo.host_failed", "HTTP 500"),
        ("unauthorized", "photo.host_failed", "HTTP 401"),
        ("unpaid", "photo.host_failed", "HTTP 402"),
        ("busy", "photo.host_unavailable", "HTTP 420"),
        ("bad_gateway", "photo.host_failed", "HTTP 502 without JSON"),
        ("truncated", "photo.host_failed", "HTTP 200 without JSON"),
        ("bad_signature", "photo.host_failed", "signature is wrong"),
        ("foreign_host", "photo.host_failed", "address is foreign"),
    ],
)
async def test_host_failure_is_our_error_and_the_log_has_its_status_without_secrets(
    hosted: Photos,
    database: Database,
    cloudinary_endpoint: CloudinaryEndpoint,
    caplog: pytest.LogCaptureFixture,
    fault: Fault,
    code: str,
    logged: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    cloudinary_endpoint.fault = fault
    with pytest.raises(Unavailable) as caught:
        await hosted.save(new_id(), picture(), purpose=CHAT)
    assert caught.value.code == code
    assert logged in caplog.text
    assert await count(database, state="stored") == 0
    said = caplog.text + "".join(traceback.format_exception(caught.value))
    signature = cloudinary_endpoint.calls[0].fields["signature"]
    assert not [secret for secret in (cloudinary_endpoint.api_secret, API_KEY, signature) if secret in said]


async def test_refused_connection_to_the_host_is_reported_at_once(
    hosted: Photos, cloudinary_endpoint: CloudinaryEndpoint
) -> None:
    await cloudinary_endpoint.stop()
    started = time.monotonic()
    with pytest.raises(Unavailable, match=r"photo\.host_unavailable"):
        await hosted.save(new_id(), picture(), purpose=CHAT)
    assert time.monotonic() - started < 2


async def test_hanging_host_times_out_within_8_seconds_and_blocks_no_other_call(
    hosted: Photos, cloudinary_endpoint: CloudinaryEndpoint, database: Database
) -> None:
    cloudinary_endpoint.fault = "stored_late"  # stored, but its response is lost
    started = time.monotonic()
    uploads = [asyncio.create_task(hosted.save(new_id(), picture(), purpose=CHAT)) for _ in range(6)]
    slowest = 0.0
    while not all(task.done() for task in uploads):
        before = time.monotonic()
        assert await database.ping()
        slowest = max(slowest, time.monotonic() - before)
        await asyncio.wait(uploads, timeout=0.1)
    outcomes = await asyncio.gather(*uploads, return_exceptions=True)
    assert [str(outcome) for outcome in outcomes] == ["photo.host_unavailable"] * 6
    assert time.monotonic() - started < 8.5  # the last started after the decoding of the others
    assert slowest < 0.5
    # an asset stored without our knowledge is found and deleted a day later
    assert len(cloudinary_endpoint.assets) >= 4
    cloudinary_endpoint.fault = None
    assert await hosted.reap(now=later()) == 0
    assert await hosted.reap(now=later(DAY)) == 6
    assert cloudinary_endpoint.assets == {}
    assert await count(database) == 0


async def test_deletion_is_retried_until_the_host_confirms(
    hosted: Photos, cloudinary_endpoint: CloudinaryEndpoint, database: Database
) -> None:
    photo = await hosted.save(new_id(), picture(), purpose=CHAT)
    await hosted.doom(photo.id)
    for attempt, fault in enumerate(("error", "truncated", "drop")):
        cloudinary_endpoint.fault = fault
        assert await hosted.reap(now=later(attempt * CLAIM)) == 0
    cloudinary_endpoint.fault = None
    assert await count(database, state="doomed") == 1
    assert await hosted.reap(now=later(3 * CLAIM)) == 1
    assert await count(database) == 0
    assert cloudinary_endpoint.assets == {}
    assert cloudinary_endpoint.calls[-1].fields["invalidate"] == "1"


async def test_missing_asset_counts_as_deleted(hosted: Photos, cloudinary_endpoint: CloudinaryEndpoint) -> None:
    photo = await hosted.save(new_id(), picture(), purpose=CHAT)
    await hosted.doom(photo.id)
    cloudinary_endpoint.assets.clear()
    assert await hosted.reap(now=later()) == 1


async def test_concurrent_reapers_delete_each_asset_once(
    hosted: Photos, assets: CloudinaryAssets, cloudinary_endpoint: CloudinaryEndpoint, database: Database
) -> None:
    for photo in await asyncio.gather(*(hosted.save(new_id(), picture(), purpose=CHAT) for _ in range(8))):
        await hosted.doom(photo.id)
    reapers = [hosted, *(Photos(database, assets, base_url=BASE) for _ in range(3))]
    now = later()
    assert sum(await asyncio.gather(*(reaper.reap(now=now) for reaper in reapers))) == 8
    assert sum(call.action == "destroy" for call in cloudinary_endpoint.calls) == 8


async def test_assets_wait_while_their_host_is_not_configured(
    hosted: Photos, kept_here: Photos, cloudinary_endpoint: CloudinaryEndpoint
) -> None:
    photo = await hosted.save(new_id(), picture(), purpose=CHAT)
    await hosted.doom(photo.id)
    assert await kept_here.reap(now=later()) == 0
    assert await hosted.reap(now=later()) == 1
    assert cloudinary_endpoint.assets == {}


async def test_leftover_of_a_crash_after_the_upload_is_deleted(
    assets: CloudinaryAssets, cloudinary_endpoint: CloudinaryEndpoint, database: Database
) -> None:
    """The process ends between the host's response and the update: the document written first refers to the asset."""

    class EndsAfterUpload:
        async def upload(self, public_id: str, data: bytes) -> str:
            await assets.upload(public_id, data)
            raise PyMongoError("gone")

        async def destroy(self, public_id: str) -> None:
            await assets.destroy(public_id)

    with pytest.raises(PyMongoError):
        await Photos(database, EndsAfterUpload(), base_url=BASE).save(new_id(), picture(), purpose=CHAT)
    assert len(cloudinary_endpoint.assets) == 1
    assert await Photos(database, assets, base_url=BASE).reap(now=later(DAY)) == 1
    assert cloudinary_endpoint.assets == {}
    assert await count(database) == 0


async def test_cloudinary_urls_are_checked() -> None:
    """With the real service only its own delivery hosts are accepted."""
    assets = CloudinaryAssets(CLOUD, API_KEY, "s" * 20)
    good = f"https://res.cloudinary.com/{CLOUD}/image/upload/v1/skillswap/x.jpg"
    assert assets._is_ours(good, "skillswap/x")
    foreign = (
        good.replace("https", "http"),
        good.replace("res.cloudinary.com", "res.cloudinary.com.example.org"),
        good.replace("res.cloudinary.com", "notcloudinary.com"),
        good.replace("res.", "user@res."),
        good.replace(CLOUD, "elsewhere"),
        good.replace("skillswap/x", "skillswap/y"),
        "https://[",
    )
    assert not [url for url in foreign if assets._is_ours(url, "skillswap/x")]
    await assets.close()
