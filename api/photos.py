"""Routes of photos: upload, and download of those stored in the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from aiohttp import hdrs, web

from api.auth.current_user import signed_in
from api.http.bodies import read_query, reply
from api.http.context import context_of
from api.http.idempotency import once
from api.http.photo_form import read_photo_form
from api.openapi.operation import op
from api.schemas.photos import Upload, UploadQuery
from domain.errors import NotFound, TooMany
from domain.ids import ID_PATTERN
from handlers import photos

MAX_UPLOADS_AT_ONCE: Final = 3
CACHE_SECONDS: Final = 7 * 24 * 3600


@op(
    tags=("photos",),
    ok=Upload,
    query=UploadQuery,
    upload="file",
    errors=(413, 415, 502),
    is_repeatable=True,
    is_contract=True,
)
async def post_upload(request: web.Request) -> web.Response:
    """Upload a photo.

    multipart/form-data with the photo in the field `file`: JPEG, PNG or WebP, at most 10 MB. A field
    `photo`, `image` or `avatar` does as well. Further fields are ignored, a second file is an error.
    `purpose=profile` (the default) makes it your profile photo; a photo with `purpose=chat` can be
    sent in a message. Returns its address and its size.
    """
    deps, actor = await signed_in(request)
    purpose = read_query(request, UploadQuery).purpose
    with limit_uploads(context_of(request).uploading, actor.id):
        data, form_purpose = await read_photo_form(request)
        chosen_purpose = form_purpose or purpose or photos.PROFILE

        async def respond() -> web.Response:
            photo = await photos.upload_photo(deps, actor, data, purpose=chosen_purpose)
            return reply({"secure_url": photo.url, "width": photo.width, "height": photo.height})

        return await once(request, deps, actor, chosen_purpose.encode() + data, respond)


@contextmanager
def limit_uploads(uploading: Counter[str], user_id: str) -> Iterator[None]:
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
