"""Parameters of a call: query string, form, multipart or JSON, all read the same way."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import BodyPartReader, web

from bot.sandbox.errors import ApiError, bad_request
from bot.sandbox.model import Json

MAX_PART_BYTES = 50 * 1024 * 1024
MAX_PARTS = 64
CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class Upload:
    """A file sent with the call. `size` is (0, 0) when it is not a readable image."""

    name: str
    mime: str
    data: bytes
    size: tuple[int, int]


class Params:
    """Parameters by name; values are JSON values, or the strings of a form, which may contain JSON."""

    def __init__(self, values: Json, uploads: Mapping[str, Upload]) -> None:
        self.values = values
        self.uploads = uploads

    def text(self, name: str) -> str | None:
        value = self.values.get(name)
        return None if value is None else str(value)

    def integer(self, name: str, default: int = 0) -> int:
        try:
            return int(self.values.get(name) or default)
        except (TypeError, ValueError):
            raise bad_request(f"invalid {name} specified") from None

    def flag(self, name: str) -> bool:
        value = self.values.get(name, False)
        return value if isinstance(value, bool) else str(value).lower() in ("true", "1", "yes")

    def structure(self, name: str) -> Any:
        """The JSON value of a parameter; None when it is missing or empty."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object") from None

    def mapping(self, name: str) -> Json | None:
        value = self.structure(name)
        if value is not None and not isinstance(value, dict):
            raise bad_request(f"object expected as {name.replace('_', ' ')}")
        return value

    def sequence(self, name: str) -> list[Any] | None:
        value = self.structure(name)
        if value is not None and not isinstance(value, list):
            raise bad_request(f"expected an Array of {name.replace('_', ' ')}")
        return value

    def upload(self, name: str) -> Upload | None:
        """The file under this name, or under the name that "attach://name" gives."""
        value = self.values.get(name)
        if isinstance(value, str) and value.startswith("attach://"):
            name = value.removeprefix("attach://")
        return self.uploads.get(name)

    def described(self) -> Json:
        """Return the parameters for the record of calls, without the bytes of files."""
        files = {name: f"<{upload.name}: {len(upload.data)} bytes>" for name, upload in self.uploads.items()}
        return {**self.values, **files}


async def read_params(request: web.Request) -> Params:
    """Read the parameters of a request. Raises ApiError for a body that is malformed or too large."""
    values: Json = dict(request.query)
    uploads: dict[str, Upload] = {}
    if request.content_type == "application/json":
        try:
            given = json.loads(await request.read() or b"{}")
        except ValueError:
            raise bad_request("can't parse JSON object") from None
        if not isinstance(given, dict):
            raise bad_request("object expected")
        values.update(given)
    elif request.content_type == "multipart/form-data":
        await _read_multipart(request, values, uploads)
    elif request.content_type == "application/x-www-form-urlencoded":
        values.update({name: str(value) for name, value in (await request.post()).items()})
    return Params(values, uploads)


async def _read_multipart(request: web.Request, values: Json, uploads: dict[str, Upload]) -> None:
    count = 0
    async for part in await request.multipart():
        count += 1
        if count > MAX_PARTS or not isinstance(part, BodyPartReader) or not part.name:
            raise bad_request("can't parse multipart form data")
        data = bytearray()
        while chunk := await part.read_chunk(CHUNK):
            data += chunk
            if len(data) > MAX_PART_BYTES:
                raise ApiError(413, "Request Entity Too Large")
        if part.filename is None:
            values[part.name] = data.decode("utf-8", "replace")
        else:
            mime = part.headers.get("Content-Type", "application/octet-stream").partition(";")[0]
            uploads[part.name] = await read_upload(part.filename, mime, bytes(data))


async def read_upload(name: str, mime: str, data: bytes) -> Upload:
    found, size = await asyncio.to_thread(_look_at_picture, data)
    return Upload(name, found or mime, data, size)


def _look_at_picture(data: bytes) -> tuple[str | None, tuple[int, int]]:
    """Return the media type and (width, height) of an image, read from the head of the file only."""
    from PIL import Image, UnidentifiedImageError  # loaded late to keep start-up fast

    try:
        with Image.open(io.BytesIO(data)) as picture:
            return Image.MIME.get(picture.format or ""), picture.size
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return None, (0, 0)
