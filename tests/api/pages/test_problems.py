"""What goes wrong is said in a page, also by a fault of the service; a script is told where in a page it goes."""

from __future__ import annotations

import pytest

from domain.swaps import ACCEPTED
from handlers.runtime.deps import Deps
from tests.api.conftest import Client
from tests.api.pages.conftest import Get
from tests.factories import MakeSwap, MakeUser

WORDS = "Shall we meet on Sunday?"


async def test_a_fault_of_the_service_is_a_page_with_the_words_and_the_number_in_the_log(
    make_user: MakeUser,
    make_swap: MakeSwap,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a fault")

    ada = await make_user("Ada")
    swap = await make_swap(ada, await make_user("Ben"), status=ACCEPTED)
    monkeypatch.setattr("api.pages.chats.send_message", fail)
    form = {"action": "send", "message": WORDS}
    async with client(ada).post(f"/chats/{swap.id}", data=form, allow_redirects=False) as answer:
        page = await answer.text()
        number = answer.headers["X-Request-Id"]
    assert (answer.status, answer.content_type) == (500, "text/html")
    assert (f"({number})" in page, f">{WORDS}</textarea>" in page) == (True, True)
    assert "a fault" in caplog.text
    assert "a fault" not in page


async def test_a_script_is_told_the_part_of_the_page_that_a_form_leads_to(
    make_user: MakeUser, make_swap: MakeSwap, client: Client
) -> None:
    ada = await make_user("Ada")
    swap = await make_swap(ada, await make_user("Ben"), status=ACCEPTED)
    for headers, status in (({}, 303), ({"X-Requested-With": "page"}, 200)):
        form = {"action": "send", "message": WORDS, "once": f"number {status}"}
        for _ in range(2):  # sent twice, it is answered alike
            async with client(ada).post(
                f"/chats/{swap.id}", data=form, headers=headers, allow_redirects=False
            ) as answer:
                assert (answer.status, answer.headers["Location"]) == (
                    status,
                    f"/chats/{swap.id}#m{1 if status == 303 else 2}",
                )


@pytest.mark.parametrize("path", ["/swaps/{}", "/chats/{}"])
async def test_a_page_says_when_telegram_does_not_reach_the_other_one(
    deps: Deps, make_user: MakeUser, make_swap: MakeSwap, read: Get, path: str
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    swap = await make_swap(ada, ben, status=ACCEPTED)
    words = "Ben can’t be reached in Telegram now"
    assert words not in (await read(ada, path.format(swap.id)))[1]
    await deps.store.swaps.mark_away(swap.id, ben.id, ())
    assert words in (await read(ada, path.format(swap.id)))[1]
    assert "can’t be reached" not in (await read(ben, path.format(swap.id)))[1]
