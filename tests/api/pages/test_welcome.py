"""The first profile by plain forms: skills with levels, times and place, photo and visibility, each saved at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from io import BytesIO

import aiohttp
import pytest

from api.http.context import API_CONTEXT
from api.photos import MAX_UPLOADS_AT_ONCE
from domain.community import APPROVAL
from domain.geo import Coordinates
from domain.users import ADMIN, ProfileChanges, User
from handlers.runtime.deps import Deps
from handlers.users import get_user, register_email_user, update_profile
from skillswap.demo.portraits import draw_portrait
from tests.api.conftest import Client, Web
from tests.api.pages.conftest import Get, Post, values_of
from tests.api.pages.test_door_pages import set_door
from tests.factories import MakeUser, insert_user
from tests.waiting import eventually

TEACH = [("name", "Nils"), ("skill", "Guitar"), ("level", "advanced"), ("skill", ""), ("level", "expert")]
LEARN = [("skill", "Python, Chess"), ("level", "beginner")]


@pytest.fixture
async def nils(deps: Deps) -> User:
    return await register_email_user(deps, "nils@example.org", None)


async def test_somebody_new_is_led_through_four_forms_to_people(
    deps: Deps, nils: User, make_user: MakeUser, read: Get, send: Post
) -> None:
    assert await read(nils, "/") == (303, "/welcome")
    assert await read(nils, "/welcome") == (303, "/welcome/teach")
    assert values_of((await read(nils, "/welcome/teach"))[1], "name") == []  # nobody is called "New member"
    assert await send(nils, "/welcome/teach", TEACH) == (303, "/welcome/learn")
    assert await read(nils, "/welcome") == (303, "/welcome/learn")
    assert await send(nils, "/welcome/learn", LEARN) == (303, "/welcome/times")
    times = [("slot", "weekday evenings"), ("words", "not in  August"), ("zone", "Madrid"), ("location", "Harbour")]
    assert await send(nils, "/welcome/times", times) == (303, "/welcome/photo")
    assert not (await get_user(deps, nils.id)).onboarded
    assert await send(nils, "/welcome/photo", [("visible", "public")]) == (303, "/discover")
    user = await get_user(deps, nils.id)
    assert (user.name, user.skills_offered, user.skills_wanted) == ("Nils", ("Guitar",), ("Python", "Chess"))
    assert (user.offered_levels, user.wanted_levels) == (
        {"guitar": "advanced"},
        {"python": "beginner", "chess": "beginner"},
    )
    assert (user.availability, user.timezone) == ("weekday evenings, not in August", "Europe/Madrid")
    assert (user.location, user.is_listed, user.onboarded) == ("Harbour", True, True)
    assert await read(nils, "/") == (303, "/discover")


async def test_a_skill_that_nobody_knows_is_asked_about_and_replaced(
    deps: Deps, nils: User, read: Get, send: Post
) -> None:
    rows = [("skill", "Guittar"), ("level", "expert"), ("skill", "Photografy"), ("level", "")]
    status, address = await send(nils, "/welcome/teach", [("name", "Nils"), *rows])
    assert (status, address) == (303, "/welcome/teach?ask=Guittar&ask=Photografy#asked")
    assert (await get_user(deps, nils.id)).skills_offered == ("Guittar", "Photografy")  # saved as it was written
    page = (await read(nils, address.partition("#")[0]))[1]
    assert "Did you mean" in page
    assert "guitar" in values_of(page, "mean")
    repeated = "&".join(["ask=Guittar"] * 50)  # an address that somebody has made: each is looked at once
    assert (await read(nils, f"/welcome/teach?{repeated}"))[1].count('name="ask"') == 0
    answer = [("written", "Guittar"), ("ask", "Photografy"), ("mean", "guitar")]
    assert await send(nils, "/welcome/teach", answer) == (303, "/welcome/teach?ask=Photografy#asked")
    assert await send(nils, "/welcome/teach", [("written", "Photografy"), ("mean", "")]) == (303, "/welcome/learn")
    user = await get_user(deps, nils.id)
    assert (user.skills_offered, user.offered_levels) == (("Guitar", "Photografy"), {"guitar": "expert"})


async def test_what_is_refused_is_said_in_the_form_as_it_was_filled_in(nils: User, read: Get, send: Post) -> None:
    status, page = await send(nils, "/welcome/teach", [("name", ""), ("skill", "<b>Juggling"), ("level", "expert")])
    assert (status, 'role="alert"' in page) == (303, False)  # an empty name leaves it as it is
    status, page = await send(nils, "/welcome/teach", [("skill", f"{'x' * 60}"), ("level", "expert")])
    assert (status, 'role="alert"' in page, "x" * 60 in page) == (422, True, True)
    status, page = await send(nils, "/welcome/times", [("zone", "Portland"), ("location", "<Old Town>")])
    assert (status, "Which of these do you mean?" in page, '"<Old Town>"' in page) == (422, True, True)
    assert "America/Los_Angeles" in values_of(page, "zone_choice")
    chosen = [("zone", "Portland"), ("zone_choice", "America/Los_Angeles"), ("location", "<Old Town>")]
    assert await send(nils, "/welcome/times", chosen) == (303, "/welcome/photo")
    assert "Portland" not in (await read(nils, "/me"))[1]  # the zone itself is named
    status, page = await send(nils, "/welcome/times", [("zone", "Qqqqqq")])
    assert (status, "I don't know that city" in page, "Qqqqqq" in page) == (422, True, True)
    assert (await send(nils, "/welcome/photo", []))[0] == 422
    assert (await read(nils, "/welcome/nothing"))[0] == 404


async def test_hours_of_the_grid_and_a_rounded_place_are_saved(deps: Deps, nils: User, send: Post) -> None:
    await update_profile(deps, nils, ProfileChanges(availability="weekend mornings, not in August"))
    fields = [("hours", "43,42"), ("words", "not in August"), ("near", "40.4168,-3.7038")]
    assert await send(nils, "/me/edit/times", fields) == (303, "/me")
    user = await get_user(deps, nils.id)
    assert (user.free, user.availability) == ((42, 43), "weekday evenings, not in August")
    assert user.coordinates == Coordinates(40.4, -3.7)
    fields = [("hours", "42,43"), ("words", "in July"), ("forget_area", "on")]
    assert await send(nils, "/me/edit/times", fields) == (303, "/me")
    user = await get_user(deps, nils.id)
    assert (user.free, user.availability, user.coordinates) == ((42, 43), "weekday evenings, in July", None)
    for bad in ("999", "x", "-1"):
        assert (await send(nils, "/me/edit/times", [("hours", bad)]))[0] == 422


async def test_a_photo_is_sent_by_a_plain_form_and_one_that_is_none_is_refused_there(
    deps: Deps, nils: User, client: Client, read: Get, send: Post
) -> None:
    async def upload(data: bytes) -> tuple[int, str]:
        form = aiohttp.FormData()
        form.add_field("file", BytesIO(data), filename="me.png", content_type="image/png")
        async with client(nils).post("/me/photo?first", data=form, allow_redirects=False) as answer:
            return answer.status, answer.headers.get("Location") or await answer.text()

    status, page = await upload(b"no photo at all")
    assert (status, 'role="alert"' in page, "/me/photo" in page) == (415, True, True)
    assert await upload(draw_portrait(1)) == (303, "/welcome/photo")
    url = (await get_user(deps, nils.id)).photo_url
    assert url is not None
    assert url in (await read(nils, "/me"))[1]
    assert await send(nils, "/me/photo/remove") == (303, "/me/edit/photo")
    assert (await get_user(deps, nils.id)).photo_url is None


async def test_a_photo_form_that_holds_no_parts_is_refused_on_its_page(deps: Deps, nils: User, send: Post) -> None:
    admin = await insert_user(deps, role=ADMIN)
    for actor, path in ((nils, "/me/photo"), (admin, "/community/photo")):
        status, page = await send(actor, path, [("file", "me.png")])
        assert (status, 'role="alert"' in page, f'action="{path}?drawn_for={actor.id}' in page) == (415, True, True)


@pytest.mark.parametrize("path", ["/me/photo", "/community/photo"])
async def test_uploads_at_once_are_limited_on_pages_too(deps: Deps, client: Client, web: Web, path: str) -> None:
    admin, waiting = await insert_user(deps, role=ADMIN), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
        await waiting.wait()
        yield draw_portrait(1) + b"\r\n--b--\r\n"

    http, uploading = client(admin), web.server._app[API_CONTEXT].uploading
    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    running = [asyncio.create_task(http.post(path, data=slow(), headers=kind)) for _ in range(MAX_UPLOADS_AT_ONCE)]
    await eventually(lambda: uploading[admin.id] >= MAX_UPLOADS_AT_ONCE)
    async with http.post(path, data=slow(), headers=kind) as answer:
        assert (answer.status, 'role="alert"' in await answer.text()) == (429, True)
    waiting.set()
    await asyncio.gather(*running)


async def test_the_own_card_says_what_is_missing_until_nothing_is(deps: Deps, nils: User, read: Get) -> None:
    page = (await read(nils, "/me"))[1]
    for words in ("Still missing", "Something you can teach", "Your time zone", "as soon as there is a skill"):
        assert words in page
    changes = ProfileChanges(
        name="<b>Nils", skills_offered=("Guitar",), skills_wanted=("Chess",), availability="weekday evenings",
        location="Harbour", timezone="Europe/Madrid",
    )  # fmt: skip
    await update_profile(deps, nils, changes)
    page = (await read(nils, "/me"))[1]
    assert page.count("/me/edit/photo") == 2
    assert "Something you can teach" not in page
    for words in ("Guitar", "weekday evenings", "Harbour", "Everybody here can find me"):
        assert words in page


async def test_an_applicant_makes_a_first_profile_and_goes_on_to_the_application(
    deps: Deps, make_user: MakeUser, read: Get, send: Post
) -> None:
    await set_door(deps, make_user, APPROVAL, question="Why?")
    lou = await register_email_user(deps, "lou@example.org", "Lou")
    assert 'href="/welcome"' in (await read(lou, "/application"))[1]
    await send(lou, "/welcome/teach", TEACH)
    await send(lou, "/welcome/learn", LEARN)
    assert await send(lou, "/welcome/photo", [("visible", "public")]) == (303, "/application")
