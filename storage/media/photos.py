"""Photos: cleaned, stored at an asset host or in the database, and deleted when nothing refers to them.

A document is `pending` before its asset exists and `stored` after, so that leftovers of a crash can be found. An unused
photo is `doomed`: it is no longer served, and `reap` deletes it, asset first, document last.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol

from bson import Binary

from domain.errors import Problem, Unavailable
from domain.photos import Photo
from domain.screening import WAITING
from storage.mongodb.database import Database, object_id
from storage.mongodb.documents import ID, Field, Mapper

if TYPE_CHECKING:
    from storage.media.images import CleanImage

log = logging.getLogger(__name__)

AT_ONCE: Final = 1  # pictures decoded at a time: the largest take up to 400 MB for a second
ID_BYTES: Final = 12
ORPHAN_AGE: Final = timedelta(hours=24)
UNUSED_AGE: Final = timedelta(days=7)  # until then an upload may still be put into a profile or message
CLAIM: Final = timedelta(minutes=5)  # a deletion that failed or was interrupted is tried again after this
REAP_BATCH: Final = 200

PENDING: Final = "pending"
STORED: Final = "stored"
USED: Final = "used"  # stored, and seen in a profile or a message
DOOMED: Final = "doomed"
HELD: Final = "held"  # nothing shows it but a report, as evidence

_SERVED: Final = {"$in": [STORED, USED, HELD]}


EVIDENCE: Final = ("evidence.profile.photo_url", "evidence.messages.photo_url")
"""Where a report refers to photos of whom it is about."""


class AssetHost(Protocol):
    """Storage of photos. Both calls raise Unavailable (photo.host_unavailable, photo.host_failed). `origin` is
    where the URLs lead, as a source in a Content-Security-Policy."""

    origin: str

    async def upload(self, public_id: str, data: bytes) -> str:
        """Store a JPEG; returns its URL."""

    async def destroy(self, public_id: str) -> None:
        """Delete it; returns when it does not exist, also when it never did."""

    async def close(self) -> None:
        """Cancel calls that still wait for the host."""


class Photos:
    def __init__(self, database: Database, assets: AssetHost | None, *, base_url: str) -> None:
        """Set up the store. Without `assets` photos stay in the database, at `{base_url}/photos/{id}.jpg`."""
        self._photos = database.collection("photos")
        self._users = database.collection("users")
        self._messages = database.collection("messages")
        self._screened_words = database.collection("screened_words")
        self._community = database.collection("community")
        self._reports = database.collection("reports")
        self._assets = assets
        self._base_url = base_url.rstrip("/")
        self._decoders = asyncio.Semaphore(AT_ONCE)

    @property
    def origins(self) -> tuple[str, ...]:
        """The places from which photos come, as sources in a Content-Security-Policy."""
        return (self._base_url,) if self._assets is None else (self._base_url, self._assets.origin)

    async def save(self, owner_id: str, data: bytes, *, purpose: str) -> Photo:
        """Clean a photo and store it. Raises Invalid as `clean_image` does, Unavailable as the host does."""
        async with self._decoders:
            image = await asyncio.to_thread(_clean, data)
        photo_id = secrets.token_hex(ID_BYTES)  # not guessable: the URL alone gives access to the photo
        url = f"{self._base_url}/photos/{photo_id}.jpg"
        photo = Photo(photo_id, owner_id, purpose, url, image.width, image.height)
        row: dict[str, Any] = PHOTO.document(photo) | {
            "bytes": len(image.data),
            "state": STORED,
            "created_at": datetime.now(UTC),
        }
        if self._assets is None:
            await self._photos.insert_one({**row, "data": Binary(image.data)})
        else:
            row["url"] = await self._upload(self._assets, row, image.data)
        return photo_from(row)

    async def _upload(self, assets: AssetHost, row: dict[str, Any], data: bytes) -> str:
        pending = {**row, "url": None, "state": PENDING, "cloudinary_id": row["_id"]}
        await self._photos.insert_one(pending)
        # On failure the document stays: the host may have stored the photo all the same, or may yet; `reap` cleans up.
        url = await assets.upload(row["_id"], data)
        done = await self._photos.update_one(
            {"_id": row["_id"], "state": PENDING}, {"$set": {"state": STORED, "url": url}}
        )
        if done.matched_count == 0:  # doomed meanwhile, with its owner
            raise Unavailable("photo.host_failed")
        return url

    async def close(self) -> None:
        if self._assets is not None:
            await self._assets.close()

    async def find(self, photo_id: str) -> Photo | None:
        return await self._find({"_id": photo_id})

    async def find_by_url(self, url: str) -> Photo | None:
        return await self._find({"url": url})

    async def _find(self, query: dict[str, Any]) -> Photo | None:
        row = await self._photos.find_one({**query, "state": _SERVED}, projection={"data": False})
        return photo_from(row) if row else None

    async def read(self, photo_id: str) -> bytes | None:
        """Return the JPEG of a photo that is stored in the database."""
        row = await self._photos.find_one({"_id": photo_id, "state": _SERVED}, projection={"data": True})
        data = row.get("data") if row else None
        return bytes(data) if data is not None else None

    async def remember_file(self, photo_id: str, *, file_id: str | None = None, unique_id: str | None = None) -> None:
        """Store the ids of the photo in Telegram that are given."""
        ids = {"telegram_file_id": file_id, "telegram_unique_id": unique_id}
        if given := {name: value for name, value in ids.items() if value is not None}:
            await self._photos.update_one({"_id": photo_id, "state": _SERVED}, {"$set": given})

    async def doom(self, photo_id: str) -> None:
        """Mark the photo as unused: it is no longer served, and `reap` deletes it. Idempotent."""
        await self._photos.update_one({"_id": photo_id}, {"$set": {"state": DOOMED}})

    async def release(self, url: str, *, owner_id: str) -> None:
        """Doom a photo that the owner's profile no longer shows, unless one of their messages or the community does."""
        owner = object_id(owner_id)
        row = await self._photos.find_one({"url": url, "owner_id": owner, "state": _SERVED}, projection={"data": False})
        if row is not None and not await self._is_used(row):
            state = HELD if await self._is_evidence(row) else DOOMED
            await self._photos.update_one({"_id": row["_id"]}, {"$set": {"state": state}})

    async def doom_owned(self, owner_id: str) -> int:
        """Doom all photos of a user but the one that the community shows; returns their number. Those that a
        report has as evidence are held as long as the report."""
        owner = object_id(owner_id)
        if owner is None:
            return 0
        shown = await self._community.distinct("photo_url")
        evidence = [await self._reports.distinct(name, {"about": owner}) for name in EVIDENCE]
        held = [url for urls in evidence for url in urls if url]
        mine = {"owner_id": owner, "state": {"$ne": DOOMED}}
        await self._photos.update_many({**mine, "url": {"$in": held}}, {"$set": {"state": HELD}})
        query = {**mine, "url": {"$nin": [*shown, *held]}}
        return int((await self._photos.update_many(query, {"$set": {"state": DOOMED}})).modified_count)

    async def reap(self, *, now: datetime, orphan_age: timedelta = ORPHAN_AGE) -> int:
        """Delete photos that are doomed, incomplete or unused; returns how many are gone.

        Safe to call from every process at any time: a document is claimed before its asset is deleted. A deletion that
        the host does not confirm is claimed again by a later call.
        """
        await self._sort_out_unused(now)
        await self._sort_out_held()
        gone = 0
        for _ in range(REAP_BATCH):
            row = await self._claim(now, now - orphan_age)
            if row is None:
                break
            try:
                if self._assets is not None and "cloudinary_id" in row:
                    await self._assets.destroy(row["cloudinary_id"])
            except Problem as problem:
                log.warning("photo %s not deleted: %s", row["_id"], problem.code)
                if problem.code == "photo.host_unavailable":
                    break  # the others would fail as well
                continue
            gone += (await self._photos.delete_one({"_id": row["_id"], "state": DOOMED})).deleted_count
        return gone

    async def _claim(self, now: datetime, cutoff: datetime) -> dict[str, Any] | None:
        removable: dict[str, Any] = {
            "$or": [{"state": DOOMED}, {"state": PENDING, "created_at": {"$lte": cutoff}}],
            "claimed_at": {"$not": {"$gt": now - CLAIM}},
        }
        if self._assets is None:  # the host of some is no longer configured: theirs wait until it is again
            removable["cloudinary_id"] = {"$exists": False}
        row: dict[str, Any] | None = await self._photos.find_one_and_update(
            removable, {"$set": {"state": DOOMED, "claimed_at": now}}, projection={"cloudinary_id": True}
        )
        return row

    async def _sort_out_unused(self, now: datetime) -> None:
        """Check each photo once, a week after its upload: doom it unless a profile or a message shows it."""
        fresh = {"state": STORED, "created_at": {"$lte": now - UNUSED_AGE}}
        for row in await self._photos.find(fresh, projection={"data": False}).limit(REAP_BATCH).to_list(REAP_BATCH):
            state = USED if await self._is_used(row) else DOOMED
            await self._photos.update_one({"_id": row["_id"], "state": STORED}, {"$set": {"state": state}})

    async def _sort_out_held(self) -> None:
        """Doom photos that were held for reports which are not kept any more."""
        for row in await self._photos.find({"state": HELD}, projection={"data": False}).to_list(REAP_BATCH):
            if not await self._is_evidence(row):
                await self._photos.update_one({"_id": row["_id"], "state": HELD}, {"$set": {"state": DOOMED}})

    async def _is_evidence(self, row: dict[str, Any]) -> bool:
        shows = {"about": row["owner_id"], "$or": [{name: row["url"]} for name in EVIDENCE]}
        return await self._reports.find_one(shows, projection={"_id": True}) is not None

    async def _is_used(self, row: dict[str, Any]) -> bool:
        owner, url = row["owner_id"], row["url"]
        if await self._community.find_one({"photo_url": url}, projection={"_id": True}):
            return True
        if await self._users.find_one({"_id": owner, "photo_url": url}, projection={"_id": True}):
            return True
        # ours all have a client id; with it in the filter, the index by sender applies
        sent = {"from_user_id": owner, "client_id": {"$gt": ""}, "photo_url": url}
        if await self._messages.find_one(sent, projection={"_id": True}):
            return True
        waiting = {"by": owner, "state": WAITING, "message.photo_url": url}
        return await self._screened_words.find_one(waiting, projection={"_id": True}) is not None


def _clean(data: bytes) -> CleanImage:
    from storage.media.images import clean_image  # the decoders, loaded late to keep start-up fast

    return clean_image(data)


PHOTO = Mapper(
    Photo,
    {
        "id": Field("_id"),
        "owner_id": ID,
        "telegram_file_id": Field(left_out=None),
        "telegram_unique_id": Field(left_out=None),
    },
)


def photo_from(row: dict[str, Any]) -> Photo:
    return PHOTO.value(row)
