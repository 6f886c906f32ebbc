"""Routes of photos: upload, and download of those stored in the database."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from aiohttp import BodyPartReader, hdrs, web
from aiohttp.http_exceptions import HttpProcessingError

from api.auth.current_user import signed_in
from api.http.bodies import is_form, read_query, reply
from api.http.context import context_of
from api.http.errors import Malformed, TooLarge, TooLate, Unsupported
from api.http.idempotency import once
from api.openapi.operation import op
from api.schemas.photos import Upload, UploadQuery
from domain.errors import Invalid, NotFound, TooMany
from domain.ids import ID_PATTERN
from domain.photos import MAX_PHOTO_BYTES, MEGABYTE
from handlers import photos

UPLOAD_SECONDS: Final = 60.0
MAX_UPLOADS_AT_ONCE: Final = 3
MAX_PARTS: Final = 4
MAX_PURPOSE_BYTES: Final = 32
CACHE_SECONDS: Final = 7 * 24 * 3600
PURPOSES: Final = (photos.PROFILE, photos.CHAT)


@op(tags=("photos",), ok=Upload, query=UploadQuery, upload="file", errors=(413, 415, 502), is_repeatable=True)
async def post_upload(request: web.Request) -> web.Response:
    """Upload a photo.

    multipart/form-data with the photo in the field `file`: JPEG, PNG or WebP, at most 10 MB.
    `purpose=profile` (the default) makes it your profile photo; a photo with `purpose=chat` can be
    sent in a message. Returns its address.
    """
    deps, actor = await signed_in(request)
    purpose = read_query(request, UploadQuery).purpose
    if not is_form(request):
        raise Unsupported("unsupported_media_type", expected="multipart/form-data")
    with _limit_uploads(context_of(request).uploading, actor.id):
        data, form_purpose = await _read_form(request)
        chosen_purpose = form_purpose or purpose or photos.PROFILE

        async def respond() -> web.Response:
            photo = await photos.upload_photo(deps, actor, data, purpose=chosen_purpose)
            return reply({"secure_url": photo.url})

        return await once(request, deps, actor, chosen_purpose.encode() + data, respond)


@contextmanager
def _limit_uploads(uploading: Counter[str], user_id: str) -> Iterator[None]:
    """Count an upload of the user. Each is held in memory, so their number is limited. Raises TooMany."""
    if uploading[user_id] >= MAX_UPLOADS_AT_ONCE:
        raise TooMany("upload.too_fast", retry_after=1)
    uploading[user_id] += 1
    try:
        yield
    finally:
        uploading[user_id] -= 1
        if not uploading[user_id]:
            del uploading[user_id]


async def _read_form(request: web.Request) -> tuple[bytes, str | None]:
    """Return the bytes of `file` and the `purpose`, if given.

    Raises TooLarge as soon as the limit is passed, TooLate, Malformed or Invalid.
    """
    if (request.content_length or 0) > MAX_PHOTO_BYTES + MEGABYTE:
        raise _too_large()
    data: bytes | None = None
    purpose: str | None = None
    try:
        async with asyncio.timeout(UPLOAD_SECONDS):
            reader = await request.multipart()
            for _ in range(MAX_PARTS):
                part = await reader.next()
                if part is None:
                    break
                name = part.name if isinstance(part, BodyPartReader) else None
                if isinstance(part, BodyPartReader) and name == "file" and data is None:
                    data = await _read_part(part, MAX_PHOTO_BYTES)
                elif isinstance(part, BodyPartReader) and name == "purpose" and purpose is None:
                    purpose = await _read_purpose(part)
                else:
                    raise Invalid("unknown_field", errors=[{"field": (name or "")[:100], "message": "Not expected"}])
    except TimeoutError:
        raise TooLate("request.incomplete") from None
    except (ValueError, HttpProcessingError):  # the multipart syntax is broken
        raise Malformed("request.malformed") from None
    if data is None:
        raise Invalid("upload.no_file", field="file")
    return data, purpose


async def _read_part(part: BodyPartReader, limit: int) -> bytes:
    data = bytearray()
    while chunk := await part.read_chunk(65_536):
        data += chunk
        if len(data) > limit:
            raise _too_large()
    return bytes(data)


async def _read_purpose(part: BodyPartReader) -> str:
    """Return the `purpose` field. A value that is too long is as invalid as an
    unknown one. Raises Invalid.
    """
    try:
        return _parse_purpose(await _read_part(part, MAX_PURPOSE_BYTES))
    except TooLarge:
        return _parse_purpose(b"")


def _too_large() -> TooLarge:
    return TooLarge("photo.too_large", limit_mb=MAX_PHOTO_BYTES // MEGABYTE)


def _parse_purpose(raw: bytes) -> str:
    purpose = raw.decode("utf-8", "replace")
    if purpose not in PURPOSES:
        raise Invalid("invalid_field", errors=[{"field": "purpose", "message": "Should be profile or chat"}])
    return purpose


async def get_photo(request: web.Request) -> web.Response:
    """Return a photo stored in the database. Its address cannot be guessed; no sign-in is required."""
    photo_id = request.match_info["id"]
    data = await photos.read_photo(context_of(request).deps, photo_id)
    if data is None:
        raise NotFound("photo.not_found")
    etag = f'"{photo_id}"'
    headers = {"ETag": etag, "Cache-Control": f"public, max-age={CACHE_SECONDS}, immutable"}
    if request.headers.get(hdrs.IF_NONE_MATCH) == etag:
        return web.Response(status=304, headers=headers)
    return web.Response(body=data, content_type="image/jpeg", headers=headers)


def routes() -> list[web.RouteDef]:
    return [web.post("/api/upload", post_upload), web.get(f"/photos/{{id:{ID_PATTERN}}}.jpg", get_photo)]
