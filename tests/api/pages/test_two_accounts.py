"""Two accounts in two tabs of one browser: what a page drew for one of them is never done as the other."""

from __future__ import annotations

import aiohttp
import pytest
import socketio

from domain.swaps import ACCEPTED, CANCELLED
from handlers.runtime.deps import Deps
from handlers.swaps import get_swap
from tests.api.conftest import Client, Connect
from tests.api.pages.conftest import Get, Post, values_of
from tests.factories import MakeSwap, MakeUser, jpeg

WORDS = "Rather on Sundays, if that suits you"


async def test_a_form_is_not_carried_out_as_another_account_and_its_words_are_kept(
    deps: Deps, make_user: MakeUser, make_swap: MakeSwap, read: Get, send: Post
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    swap = await make_swap(ada, ben, status=ACCEPTED)  # both may end it
    path = f"/swaps/{swap.id}"
    [drawn_for] = set(values_of((await read(ada, path))[1], "drawn_for"))
    assert drawn_for == ada.id
    fields = [("action", "cancel"), ("words", WORDS)]
    status, page = await send(ben, path, [("drawn_for", drawn_for), *fields])
    assert (status, "another account" in page, f">{WORDS}</textarea>" in page) == (409, True, True)
    assert (await get_swap(deps, ben, swap.id)).status == ACCEPTED
    assert (await send(ben, path, [("drawn_for", ben.id), *fields]))[0] == 303
    assert (await get_swap(deps, ben, swap.id)).status == CANCELLED


@pytest.mark.parametrize("path", ["/me/photo?", "/me/photo?first&"])
async def test_a_photo_is_not_sent_as_another_account(
    make_user: MakeUser, read: Get, client: Client, path: str
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    assert f'action="/me/photo?drawn_for={ada.id}' in (await read(ada, "/me/edit/photo"))[1]
    for drawn_for, status in ((ada, 409), (ben, 303)):
        form = aiohttp.FormData()
        form.add_field("file", jpeg(), filename="me.jpg", content_type="image/jpeg")
        async with client(ben).post(f"{path}drawn_for={drawn_for.id}", data=form, allow_redirects=False) as answer:
            assert answer.status == status


async def test_a_request_that_names_another_account_is_refused(
    deps: Deps, make_user: MakeUser, make_swap: MakeSwap, client: Client
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    swap = await make_swap(ada, ben, status=ACCEPTED)
    body = {"swap_id": swap.id, "message": "For the other side"}
    for named, status in ((ada.id, 409), ("", 200), (ben.id, 200)):
        async with client(ben).post("/api/chat", json=body, headers={"X-Account": named}) as answer:
            said = await answer.json()
            assert (answer.status // 100, said.get("code")) == (
                status // 100,
                "account.other" if named == ada.id else None,
            )


async def test_a_socket_that_names_another_account_is_refused(make_user: MakeUser, connect: Connect) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    with pytest.raises(socketio.exceptions.ConnectionError):
        await connect(ben, auth={"account": ada.id})
    assert (await connect(ben, auth={"account": ben.id})).connected
