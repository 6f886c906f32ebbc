"""Problems as pages, those of a fault of the service included; a script is told where in a page it goes."""

from __future__ import annotations

import asyncio

import pytest

from api.http import bodies
from domain.swaps import ACCEPTED
from handlers.runtime.deps import Deps
from tests.api.conftest import COOKIE, Client, Web
from tests.api.pages.conftest import Get
from tests.factories import MakeSwap, MakeUser, SignIn

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


async def test_a_form_that_comes_too_slowly_is_waited_for_once(
    web: Web, make_user: MakeUser, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.2)
    reads, read_bytes = [], bodies.read_bytes

    async def counted(request: object) -> bytes:
        reads.append(request)
        return await read_bytes(request)  # type: ignore[arg-type]

    monkeypatch.setattr("api.pages.forms.read_bytes", counted)
    reader, writer = await asyncio.open_connection("127.0.0.1", web.server.port)
    head = (
        f"POST /chats/{'a' * 24} HTTP/1.1\r\nHost: x\r\nCookie: {COOKIE}={sign_in(await make_user())}\r\n"
        "Sec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        "Content-Length: 100\r\n\r\nmessage=Shall+we"
    )
    writer.write(head.encode())
    async with asyncio.timeout(10):
        assert b" 408 " in await reader.readline()
    writer.close()
    assert len(reads) == 1


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
