"""Photos in lists are asked for as small as they are shown, where an asset host makes them so."""

from __future__ import annotations

import pytest

from api.pages.photos import small_photo
from domain.swaps import ACCEPTED
from handlers.runtime.deps import Deps
from tests.api.pages.conftest import Get
from tests.factories import MakeSwap, MakeUser

HOST = "https://res.cloudinary.com/demo/image/upload"


@pytest.mark.parametrize(
    ("url", "small"),
    [
        (f"{HOST}/v1/skills/a.jpg", f"{HOST}/c_fill,w_80,h_80,q_auto/v1/skills/a.jpg"),
        (f"{HOST}/w_9/v1/a.jpg", f"{HOST}/w_9/v1/a.jpg"),  # made already
        ("http://skills.example.org/photos/a.jpg", "http://skills.example.org/photos/a.jpg"),
        ("https://evil.example/cloudinary.com/image/upload/v1/a.jpg",) * 2,
    ],
)
def test_a_photo_at_an_asset_host_has_a_small_form(url: str, small: str) -> None:
    assert small_photo(url, 40) == small


@pytest.mark.parametrize(("path", "pixels"), [("/swaps", 80), ("/chats", 80), ("/swaps/{}", 160)])
async def test_lists_show_small_forms_of_photos(
    deps: Deps, make_user: MakeUser, make_swap: MakeSwap, read: Get, path: str, pixels: int
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben", photo_url=f"{HOST}/v1/skills/ben.jpg")
    swap = await make_swap(ada, ben, status=ACCEPTED)
    page = (await read(ada, path.format(swap.id)))[1]
    assert f"{HOST}/c_fill,w_{pixels},h_{pixels},q_auto/v1/skills/ben.jpg" in page
    assert f"{HOST}/v1/skills/ben.jpg" not in page
