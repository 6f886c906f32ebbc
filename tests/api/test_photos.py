from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator

import aiohttp
import pytest
from PIL import Image

from api.http.context import API_CONTEXT
from api.photos import MAX_UPLOADS_AT_ONCE
from domain.photos import MAX_PHOTO_BYTES
from handlers.runtime.deps import Deps
from handlers.runtime.rate_limits import UPLOAD_ATTEMPTS, UPLOADS
from tests.api.conftest import Client, Web
from tests.factories import MakeSwap, MakeUser, jpeg
from tests.waiting import eventually


def form(data: bytes, *, name: str = "file", filename: str = "a.jpg", **fields: str) -> aiohttp.FormData:
    made = aiohttp.FormData()
    for field, value in fields.items():
        made.add_field(field, value)
    made.add_field(name, data, filename=filename, content_type="image/png")
    return made


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


async def test_upload_becomes_the_profile_photo_and_is_served(client: Client, web: Web, make_user: MakeUser) -> None:
    ada = await make_user()
    session = client(ada)
    async with session.post("/api/upload", data=form(jpeg(), filename="../../x.jpg")) as answer:
        url = (await answer.json())["secure_url"]
    assert answer.status == 200
    async with session.get("/api/user") as answer:
        assert (await answer.json())["photo_url"] == url
    path = url.removeprefix(web.deps.public_url)
    async with client().get(path) as answer:
        data = await answer.read()
    assert (answer.status, answer.content_type) == (200, "image/jpeg")
    assert "immutable" in answer.headers["Cache-Control"]
    assert Image.open(io.BytesIO(data)).size == (64, 64)
    async with client().get(path, headers={"If-None-Match": answer.headers["ETag"]}) as again:
        assert again.status == 304


@pytest.mark.parametrize("query", [True, False])
async def test_chat_photo_does_not_change_the_profile(client: Client, make_user: MakeUser, query: bool) -> None:
    session = client(await make_user())
    data = form(jpeg()) if query else form(jpeg(), purpose="chat")
    async with session.post("/api/upload" + ("?purpose=chat" if query else ""), data=data) as answer:
        assert answer.status == 200
    async with session.get("/api/user") as answer:
        assert (await answer.json())["photo_url"] is None


async def test_a_photo_in_a_message_has_its_size_until_it_is_deleted(
    client: Client, deps: Deps, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    wide = saved(Image.new("RGB", (300, 200), "green"), "PNG")
    async with client(ada).post("/api/upload?purpose=chat", data=form(wide)) as answer:
        uploaded = await answer.json()
    assert (uploaded["width"], uploaded["height"]) == (300, 200)
    body = {"swap_id": swap.id, "photo_url": uploaded["secure_url"], "client_id": "photo"}
    for _ in range(2):  # stored, and read again
        async with client(ada).post("/api/chat", json=body) as answer:
            said = await answer.json()
        assert (said["photo_width"], said["photo_height"]) == (300, 200)
    async with client(ben).get(f"/api/chat/{swap.id}") as answer:
        assert [(one["photo_width"], one["photo_height"]) for one in await answer.json()] == [(300, 200)]
    async with client(ada).put(f"/api/chat/{swap.id}/1", json={"message": "with words"}) as answer:
        assert (await answer.json())["photo_width"] == 300
    async with client(ada).delete(f"/api/chat/{swap.id}/1") as answer:
        gone = await answer.json()
    assert (gone["photo_width"], gone["photo_height"]) == (None, None)


async def test_metadata_of_a_photo_is_removed(client: Client, web: Web, make_user: MakeUser) -> None:
    exif = Image.Exif()
    exif[0x010E] = "canary-description"
    dirty = jpeg(exif=exif, comment=b"canary-comment")
    assert dirty.count(b"canary") == 2
    async with client(await make_user()).post("/api/upload", data=form(dirty)) as answer:
        url = (await answer.json())["secure_url"]
    async with client().get(url.removeprefix(web.deps.public_url)) as answer:
        assert b"canary" not in await answer.read()


FRAMES = [Image.new("RGB", (32, 32), colour) for colour in ("red", "blue")]


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", 415, "photo.not_an_image"),
        (b"<html>", 415, "photo.not_an_image"),
        (b"%PDF-1.7", 415, "photo.not_an_image"),
        (saved(FRAMES[0], "GIF"), 415, "photo.not_an_image"),
        (saved(FRAMES[0], "WEBP", save_all=True, append_images=FRAMES[1:]), 415, "photo.animated"),
        (saved(Image.new("1", (8_000, 8_000)), "PNG"), 422, "photo.too_many_pixels"),
        (b"", 415, "photo.not_an_image"),
    ],
)
async def test_invalid_photo_is_refused(
    client: Client, make_user: MakeUser, data: bytes, status: int, code: str
) -> None:
    async with client(await make_user()).post("/api/upload", data=form(data)) as answer:
        assert (answer.status, (await answer.json())["code"]) == (status, code)


async def test_only_photos_that_are_kept_count_against_the_allowance(client: Client, make_user: MakeUser) -> None:
    session = client(await make_user())

    async def upload(data: bytes) -> int:
        async with session.post("/api/upload?purpose=chat", data=form(data)) as answer:
            return answer.status

    refused = UPLOAD_ATTEMPTS.burst - UPLOADS.burst - 1
    assert {await upload(b"%PDF-1.7") for _ in range(refused)} == {415}
    assert {await upload(jpeg()) for _ in range(UPLOADS.burst)} == {200}
    assert await upload(jpeg()) == 429


async def test_attempts_to_upload_are_bounded(client: Client, make_user: MakeUser) -> None:
    session = client(await make_user())
    for _ in range(UPLOAD_ATTEMPTS.burst + 1):
        async with session.post("/api/upload", data=form(b"%PDF-1.7")) as answer:
            last = await answer.json()
    assert last["code"] == "upload.too_fast"


async def test_oversized_upload_is_refused_while_streaming(client: Client, make_user: MakeUser) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
        while sent < 4 * MAX_PHOTO_BYTES:
            sent += 1_000_000
            yield b"\xff" * 1_000_000

    session = client(await make_user())
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    async with session.post("/api/upload", data=endless(), headers=headers) as answer:
        problem = await answer.json()
    assert (answer.status, problem["code"]) == (413, "photo.too_large")
    assert sent < 3 * MAX_PHOTO_BYTES


async def test_malformed_upload_form_is_refused(client: Client, make_user: MakeUser) -> None:
    session = client(await make_user())
    cases = [
        (form(jpeg(), name="picture"), 422, "upload.no_file"),
        (form(jpeg(), purpose="cover"), 422, "invalid_field"),
        (form(jpeg(), user="x" * 70_000), 413, "request.too_large"),
        (jpeg(), 415, "unsupported_media_type"),
    ]
    for data, status, code in cases:
        async with session.post("/api/upload", data=data) as answer:
            assert (answer.status, (await answer.json())["code"]) == (status, code)
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    for body, status in [(b"--b--\r\n", 422), (b"nothing of the kind", 400), (b"", 400)]:
        async with session.post("/api/upload", data=body, headers=headers) as answer:
            assert answer.status == status, body
    async with session.post("/api/upload", data=jpeg(), headers={"Content-Type": "multipart/form-data"}) as answer:
        assert answer.status == 400


async def test_an_unknown_photo_is_not_found(client: Client) -> None:
    for path in ("/photos/" + "0" * 24 + ".jpg", "/photos/..%2f..%2fetc.jpg", "/photos/x.jpg"):
        async with client().get(path) as answer:
            assert (answer.status, answer.content_type) == (404, "application/problem+json")


async def test_concurrent_uploads_of_one_user_are_limited(client: Client, web: Web, make_user: MakeUser) -> None:
    ada, ben = await make_user(), await make_user()
    waiting = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
        await waiting.wait()
        yield jpeg() + b"\r\n--b--\r\n"

    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    session = client(ada)
    uploads = [
        asyncio.create_task(session.post("/api/upload", data=slow(), headers=kind)) for _ in range(MAX_UPLOADS_AT_ONCE)
    ]
    await eventually(lambda: web.server._app[API_CONTEXT].uploading[ada.id] >= MAX_UPLOADS_AT_ONCE)
    async with session.post("/api/upload", data=form(jpeg())) as answer:
        assert (answer.status, (await answer.json())["code"]) == (429, "upload.too_fast")
    async with client(ben).post("/api/upload", data=form(jpeg())) as answer:
        assert answer.status == 200
    waiting.set()
    assert [answer.status for answer in await asyncio.gather(*uploads)] == [200] * MAX_UPLOADS_AT_ONCE
    async with session.post("/api/upload", data=form(jpeg())) as answer:
        assert answer.status == 200


@pytest.mark.parametrize("name", ["file", "photo", "image", "avatar"])
async def test_a_photo_is_taken_from_any_usual_field(client: Client, make_user: MakeUser, name: str) -> None:
    fields = aiohttp.FormData({"user_id": "x", "photo": "", "upload_preset": "x"})
    fields.add_field(name, jpeg(), filename="a.jpg", content_type="image/jpeg")
    async with client(await make_user()).post("/api/upload?t=1", data=fields) as answer:
        assert answer.status == 200, await answer.text()
        assert (await answer.json())["secure_url"]


async def test_file_inputs_in_which_nothing_was_chosen_are_no_photos(client: Client, make_user: MakeUser) -> None:
    session = client(await make_user())
    for name, code in (("avatar", None), (None, "upload.no_file")):
        fields = aiohttp.FormData()
        for empty in ("file", "photo", "attachment"):
            fields.add_field(empty, b"", filename="", content_type="application/octet-stream")
        if name is not None:
            fields.add_field(name, jpeg(), filename="a.jpg", content_type="image/jpeg")
        async with session.post("/api/upload", data=fields) as answer:
            assert (await answer.json()).get("code") == code, await answer.text()


async def test_a_second_photo_in_a_form_is_an_error_and_none_is_kept(client: Client, make_user: MakeUser) -> None:
    session = client(await make_user())
    for names in (("file", "image"), ("photo", "photo"), ("file", "attachment")):
        fields = aiohttp.FormData()
        for name in names:
            fields.add_field(name, jpeg(), filename="a.jpg", content_type="image/jpeg")
        async with session.post("/api/upload", data=fields) as answer:
            assert (answer.status, (await answer.json())["code"]) == (422, "upload.one_file")
    async with session.get("/api/user") as answer:
        assert (await answer.json())["photo_url"] is None
