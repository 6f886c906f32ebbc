"""The form of an upload: one photo, in a field of any usual name, and further fields, which are ignored."""

from __future__ import annotations

import asyncio
from typing import Final

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from api.http.bodies import count_ignored, is_form
from api.http.errors import Malformed, TooLarge, TooLate, Unsupported
from domain.errors import Invalid
from domain.photos import MAX_PHOTO_BYTES, MEGABYTE
from handlers import photos

UPLOAD_SECONDS: Final = 60.0
MAX_PARTS: Final = 64
MAX_TEXT_BYTES: Final = 65_536
"""Bytes of all fields together that are no photo."""
MAX_PURPOSE_BYTES: Final = 32
PHOTO_FIELDS: Final = ("file", "photo", "image", "avatar")
"""Names of the field with the photo: the contract's, and those that front ends use as well."""
PURPOSES: Final = (photos.PROFILE, photos.CHAT)
CHUNK_BYTES: Final = 65_536


async def read_photo_form(request: web.Request) -> tuple[bytes, str | None]:
    """Return the bytes of the one file, and the `purpose` if given.

    Raises TooLarge as soon as a limit is passed, Unsupported, TooLate, Malformed or Invalid.
    """
    if not is_form(request):
        raise Unsupported("unsupported_media_type", expected="multipart/form-data")
    if (request.content_length or 0) > MAX_PHOTO_BYTES + MEGABYTE:
        raise too_large()
    form = _PhotoForm()
    try:
        async with asyncio.timeout(UPLOAD_SECONDS):
            reader = await request.multipart()
            for _ in range(MAX_PARTS):
                part = await reader.next()
                if part is None:
                    break
                if not isinstance(part, BodyPartReader):
                    raise Malformed("request.malformed")
                await form.read(part)
            else:
                raise Malformed("request.malformed")
    except TimeoutError:
        raise TooLate("request.incomplete") from None
    except (ValueError, HttpProcessingError):  # the multipart syntax is broken
        raise Malformed("request.malformed") from None
    count_ignored(request, form.ignored)
    if form.photo is None:
        raise Invalid("upload.no_file", field="file")
    return form.photo, form.purpose


class _PhotoForm:
    """Parts of a form read so far; `ignored` counts the fields that are not known."""

    def __init__(self) -> None:
        self.photo: bytes | None = None
        self.purpose: str | None = None
        self.ignored = 0
        self._text_left = MAX_TEXT_BYTES

    async def read(self, part: BodyPartReader) -> None:
        """Read one part. Of two photos one would be lost, so a second one is an error.

        A browser sends a file input in which nothing was chosen with an empty file name: that is no photo.
        """
        name = part.name or ""
        if part.filename or (name == "file" and part.filename is None):
            if self.photo is not None:
                raise Invalid("upload.one_file", field=name[:100])
            if name not in PHOTO_FIELDS:
                raise Invalid("upload.no_file", field=name[:100])
            self.photo = await _read_part(part, MAX_PHOTO_BYTES)
        elif name == "purpose":
            if self.purpose is not None:
                raise Invalid("invalid_field", errors=[{"field": name, "message": "Given more than once"}])
            self.purpose = await _read_purpose(part)
        else:
            self._text_left -= await _skip(part, self._text_left)
            self.ignored += 1


async def _read_part(part: BodyPartReader, limit: int) -> bytes:
    data = bytearray()
    while chunk := await part.read_chunk(CHUNK_BYTES):
        data += chunk
        if len(data) > limit:
            raise too_large()
    return bytes(data)


async def _skip(part: BodyPartReader, limit: int) -> int:
    """Read an ignored field; return its number of bytes."""
    try:
        return len(await _read_part(part, limit))
    except TooLarge:
        raise TooLarge("request.too_large", max=MAX_TEXT_BYTES) from None


async def _read_purpose(part: BodyPartReader) -> str:
    """Return the `purpose` field. A value that is too long is as invalid as an
    unknown one. Raises Invalid.
    """
    try:
        return _parse_purpose(await _read_part(part, MAX_PURPOSE_BYTES))
    except TooLarge:
        return _parse_purpose(b"")


def _parse_purpose(raw: bytes) -> str:
    purpose = raw.decode("utf-8", "replace")
    if purpose not in PURPOSES:
        raise Invalid("invalid_field", errors=[{"field": "purpose", "message": "Should be profile or chat"}])
    return purpose


def too_large() -> TooLarge:
    """Return the error for a form that is larger than a photo may be."""
    return TooLarge("photo.too_large", limit_mb=MAX_PHOTO_BYTES // MEGABYTE)
