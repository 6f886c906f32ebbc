"""Conversations on pages without scripts: the list, reading, writing, photos, edits, deletions, read marks."""

from __future__ import annotations

import re
from datetime import timedelta

import aiohttp
import pytest

from domain.messages import MAX_MESSAGE_LENGTH
from domain.swaps import ACCEPTED, CANCELLED
from handlers.conversations import SHOWN
from handlers.messages import Draft, list_messages, send_message
from handlers.reads import list_unread, mark_read
from handlers.runtime.deps import Deps
from tests.api.conftest import Client
from tests.api.pages.conftest import Get, Post, values_of
from tests.factories import MakeSwap, MakeUser, jpeg


async def test_the_list_has_unread_conversations_first_then_the_newest(
    read: Get, deps: Deps, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    skills = ("Guitar", "Chess", "Yoga")
    ada = await make_user("Ada", skills_offered=("Python",), skills_wanted=skills)
    ben, cleo, dan = [
        await make_user(name, skills_offered=(skill,), skills_wanted=("Python",))
        for name, skill in zip(("Ben", "Cleo", "Dan"), skills, strict=True)
    ]
    with_ben, with_cleo, with_dan = [await make_swap(ada, one, status=ACCEPTED) for one in (ben, cleo, dan)]
    await send_message(deps, cleo, Draft(with_cleo.id, "Are you <b>there</b>?", "web"))
    for swap, writer in ((with_ben, ben), (with_dan, dan)):
        await send_message(deps, writer, Draft(swap.id, "Read already", "web"))
        await mark_read(deps, ada, swap.id, 1)
    status, page = await read(ada, "/chats")
    assert status == 200
    assert re.findall(r'class="line[^"]*" href="/chats/(\w+)"', page) == [with_cleo.id, with_dan.id, with_ben.id]
    assert "1 new message" in page
    assert "See who fits" in (await read(await make_user("New"), "/chats"))[1]


async def test_a_conversation_is_read_and_answered_without_scripts(
    read: Get, send: Post, deps: Deps, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    swap = await make_swap(ada, ben, status=ACCEPTED)
    await send_message(deps, ben, Draft(swap.id, "Scales first?", "telegram"))
    chat = f"/chats/{swap.id}"
    _, page = await read(ada, f"{chat}?reply=1")
    assert "Scales first?" in page
    assert "Replying to: Scales first?" in page
    form = [(name, values_of(page, name)[0]) for name in ("action", "client_id", "reply")]
    for _ in range(2):  # sent twice, it arrives once
        assert await send(ada, chat, [*form, ("message", "A song")]) == (303, f"{chat}#m2")
    _, page = await read(ada, f"{chat}?edit=2")
    edit = [("action", "edit"), ("seq", values_of(page, "seq")[0]), ("message", "A song, rather")]
    assert await send(ada, chat, edit) == (303, f"{chat}#m2")
    said = await list_messages(deps, ben, swap.id)
    assert [(one.message, one.reply_to) for one in said] == [("Scales first?", None), ("A song, rather", 1)]
    assert 'value="delete"' in (await read(ada, f"{chat}?delete=2"))[1]
    assert await send(ada, chat, [("action", "delete"), ("seq", "2")]) == (303, f"{chat}#m2")
    assert "This message was deleted." in (await read(ben, chat))[1]
    await send(ada, chat, [("action", "read"), ("seq", "1")])
    assert [one.unread for one in await list_unread(deps, ada)] == [0]


async def test_what_is_refused_is_said_and_what_was_written_stays(
    read: Get, send: Post, deps: Deps, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    swap = await make_swap(ada, ben, status=ACCEPTED)
    words = "x" * (MAX_MESSAGE_LENGTH + 1)
    status, page = await send(ada, f"/chats/{swap.id}", [("action", "send"), ("client_id", "one"), ("message", words)])
    assert status == 422
    assert 'role="alert"' in page
    assert words in page
    assert values_of(page, "client_id") == ["one"]


async def test_a_conversation_that_is_over_can_be_read_and_not_written_in(
    read: Get, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    swap = await make_swap(ada, ben, status=CANCELLED)
    _, page = await read(ada, f"/chats/{swap.id}")
    assert "This conversation is over." in page
    assert "<textarea" not in page
    assert (await read(await make_user("Eve"), f"/chats/{swap.id}"))[0] == 404


async def test_older_messages_have_a_page_of_their_own(
    read: Get, deps: Deps, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    swap = await make_swap(ada, ben, status=ACCEPTED)
    for number in range(1, SHOWN + 3):
        at = deps.now() - timedelta(hours=SHOWN + 10 - number)  # as if they had been written slowly
        draft = Draft(swap.id, f"number {number}.", "telegram", written_at=at)
        await send_message(deps, (ada, ben)[number % 2], draft)
    _, page = await read(ada, f"/chats/{swap.id}")
    assert "number 2." not in page
    assert "number 3." in page
    earlier = re.findall(r'href="(\?before=\d+)"', page)
    assert earlier == ["?before=3"]
    _, page = await read(ada, f"/chats/{swap.id}{earlier[0]}")
    assert "number 2." in page
    assert "number 3." not in page


async def test_a_photo_is_sent_by_a_form_and_has_its_place_before_it_is_loaded(
    read: Get, client: Client, deps: Deps, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    swap = await make_swap(ada, ben, status=ACCEPTED)
    chat = f"/chats/{swap.id}"
    for data, status in ((jpeg(side=80), 303), (b"no photo", 415)):
        form = aiohttp.FormData()
        form.add_field("photo", data, filename="a.jpg", content_type="image/jpeg")
        async with client(ada).post(f"{chat}/photo", data=form, allow_redirects=False) as answer:
            assert answer.status == status
    _, page = await read(ben, chat)
    assert 'width="80" height="80"' in page
    assert len(await list_messages(deps, ben, swap.id)) == 1


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", 'https://a.example/"onclick="x'])
async def test_words_are_never_markup(
    client: Client, deps: Deps, make_user: MakeUser, make_swap: MakeSwap, text: str
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    swap = await make_swap(ada, ben, status=ACCEPTED)
    await send_message(deps, ben, Draft(swap.id, text, "web"))
    for path in (f"/chats/{swap.id}", "/chats"):
        async with client(ada).get(path) as answer:
            page = await answer.text()
        assert text not in page


async def test_a_page_that_refuses_a_flood_says_when_to_try_again(
    client: Client, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user("Ada"), await make_user("Ben")
    path, http = f"/chats/{(await make_swap(ada, ben, status=ACCEPTED)).id}", client(ada)
    for number in range(50):
        form = {"action": "send", "message": f"Hello {number}", "client_id": f"flood-{number}"}
        async with http.post(path, data=form, allow_redirects=False) as answer:
            if answer.status != 303:
                break
    assert answer.status == 429
    assert int(answer.headers["Retry-After"]) > 0
