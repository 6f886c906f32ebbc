"""Messages: numbered without a gap by any number of processes, and written once however often they are sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.errors import Conflict, Invalid, NotFound, TooMany
from domain.messages import MAX_PAGE, Message
from domain.swaps import ACCEPTED, CANCELLED, Swap
from domain.users import User
from handlers.messages import Draft, find_conversation, list_messages, send_message
from handlers.notifications import remember_copy
from handlers.runtime.deps import Deps
from handlers.runtime.rate_limits import MESSAGES
from handlers.swaps import cancel_swap
from storage.messages import Messages
from storage.mongodb.database import Database, new_id
from tests.factories import MakeSwap, MakeUser, build_deps

WRITERS = 16
EACH = 8


@pytest.fixture
async def pair(make_user: MakeUser) -> tuple[User, User]:
    return await make_user(telegram_id=True), await make_user()


@pytest.fixture
async def talk(pair: tuple[User, User], make_swap: MakeSwap) -> Swap:
    return await make_swap(*pair, status=ACCEPTED)


@pytest.fixture
async def elsewhere(database: Database, database_uri: str) -> AsyncIterator[Deps]:
    """The operations of a second process: a connection and a memory of its own."""
    opened = await Database.open(database_uri)
    yield await build_deps(opened)
    await opened.close()


def message(swap: Swap, text: str, client_id: str | None = None) -> Message:
    sender, reader = swap.participants
    made = new_id()
    return Message(made, swap.id, 0, sender, reader, text, client_id or made, "web", swap.created_at)


async def test_concurrent_writers_in_two_processes_leave_no_gap(deps: Deps, elsewhere: Deps, talk: Swap) -> None:
    stores = (deps.store.messages, elsewhere.store.messages)
    match_decisions: list[int] = []
    is_done = asyncio.Event()

    async def write(number: int) -> None:
        for turn in range(EACH):
            await stores[number % 2].append(message(talk, f"{number}/{turn}"), [])

    async def follow(store: Messages) -> None:
        """Read the messages after the last one, as a client does."""
        while True:
            was_done = is_done.is_set()
            for found in await store.list_after(talk.id, after=match_decisions[-1] if match_decisions else 0):
                match_decisions.append(found.seq)
            if was_done:
                return

    reader = asyncio.create_task(follow(elsewhere.store.messages))
    await asyncio.gather(*(write(number) for number in range(WRITERS)))
    is_done.set()
    await reader
    assert match_decisions == list(range(1, WRITERS * EACH + 1))


async def test_the_same_client_id_is_written_once(
    deps: Deps, elsewhere: Deps, pair: tuple[User, User], talk: Swap
) -> None:
    draft = Draft(talk.id, "hello", "web", client_id="c-1")
    both = (deps, elsewhere)
    sent = await asyncio.gather(*(send_message(both[n % 2], pair[0], draft) for n in range(10)))
    assert len({(one.id, one.seq, one.created_at) for one in sent}) == 1
    assert [one.message for one in await list_messages(deps, pair[1], talk.id)] == ["hello"]
    other = await send_message(deps, pair[1], draft)  # a client id is the sender's own
    assert other.seq == 2


async def test_client_id_with_another_text_is_refused(
    deps: Deps, pair: tuple[User, User], talk: Swap, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    await send_message(deps, pair[0], Draft(talk.id, "hello", "web", client_id="c-1"))
    other = await make_swap(pair[0], await make_user(skills_offered=("Juggling",)), status=ACCEPTED)
    for draft in (
        Draft(talk.id, "goodbye", "web", client_id="c-1"),
        Draft(other.id, "hello", "web", client_id="c-1"),
    ):
        with pytest.raises(Conflict, match=r"message\.client_id_reused"):
            await send_message(deps, pair[0], draft)
    assert len(await list_messages(deps, pair[0], talk.id)) == 1
    assert await list_messages(deps, pair[0], other.id) == []


async def test_repeat_after_the_end_of_the_swap_returns_the_first_message(
    deps: Deps, pair: tuple[User, User], talk: Swap
) -> None:
    draft = Draft(talk.id, "see you", "web", client_id="c-1")
    sent = await send_message(deps, pair[0], draft)
    await cancel_swap(deps, pair[1], talk.id)
    assert (await send_message(deps, pair[0], draft)).id == sent.id
    for other in (replace(draft, client_id="c-2"), replace(draft, text="no"), replace(draft, client_id=None)):
        with pytest.raises(Conflict, match=r"chat\.closed"):
            await send_message(deps, pair[0], other)


async def test_strangers_and_absent_swaps_look_the_same(deps: Deps, talk: Swap, make_user: MakeUser) -> None:
    stranger = await make_user()
    for swap_id in (talk.id, new_id(), "", "x" * 24):
        with pytest.raises(NotFound, match=r"swap\.not_found"):
            await send_message(deps, stranger, Draft(swap_id, "hello", "web"))
        with pytest.raises(NotFound, match=r"swap\.not_found"):
            await list_messages(deps, stranger, swap_id)


async def test_message_in_a_swap_that_was_ended_is_refused(
    deps: Deps, pair: tuple[User, User], make_swap: MakeSwap
) -> None:
    swap = await make_swap(*pair, status=CANCELLED)
    with pytest.raises(Conflict, match=r"chat\.closed") as caught:
        await send_message(deps, pair[0], Draft(swap.id, "hello", "web"))
    assert caught.value.current == swap
    assert await list_messages(deps, pair[1], swap.id) == []


async def test_send_rate_is_limited_for_each_user(deps: Deps, pair: tuple[User, User], talk: Swap) -> None:
    at = deps.now()
    then = replace(deps, now=lambda: at)
    for number in range(MESSAGES.burst):
        await send_message(then, pair[0], Draft(talk.id, str(number), "web"))
    with pytest.raises(TooMany, match=r"message\.too_fast") as caught:
        await send_message(then, pair[0], Draft(talk.id, "one more", "web"))
    assert caught.value.retry_after == 1
    await send_message(then, pair[1], Draft(talk.id, "I may", "web"))


async def test_messages_queued_during_downtime_are_not_rate_limited(
    deps: Deps, pair: tuple[User, User], talk: Swap
) -> None:
    now = deps.now()
    then = replace(deps, now=lambda: now)
    steadily = [now - timedelta(seconds=60 - number) for number in range(2 * MESSAGES.burst)]
    at_once = [now - timedelta(seconds=20)] * MESSAGES.burst
    as_if_now = at_once  # above what the moment allows: they count as written now
    for number, written_at in enumerate([*steadily, *at_once, *as_if_now]):
        await send_message(then, pair[0], Draft(talk.id, str(number), "telegram", written_at=written_at))
    with pytest.raises(TooMany, match=r"message\.too_fast"):
        await send_message(then, pair[0], Draft(talk.id, "in one breath", "telegram", written_at=at_once[0]))


async def test_invalid_message_is_refused_before_any_write(deps: Deps, pair: tuple[User, User], talk: Swap) -> None:
    for draft in (
        Draft(talk.id, "", "web"),
        Draft(talk.id, "x" * 4097, "web"),
        Draft(talk.id, "hello", "web", client_id="a b"),
        Draft(talk.id, "hello", "web", photo_url="http://elsewhere.example.org/cat.jpg"),
    ):
        with pytest.raises(Invalid):
            await send_message(deps, pair[0], draft)
    assert await list_messages(deps, pair[0], talk.id) == []


async def test_pages_start_after_a_seq_or_end_with_the_newest(deps: Deps, pair: tuple[User, User], talk: Swap) -> None:
    for number in range(1, 8):
        await deps.store.messages.append(message(talk, str(number)), [])

    async def page(**options: int) -> list[int]:
        return [one.seq for one in await list_messages(deps, pair[0], talk.id, **options)]

    assert await page() == [1, 2, 3, 4, 5, 6, 7]
    assert await page(limit=3) == [5, 6, 7]
    assert await page(after=2, limit=3) == [3, 4, 5]
    assert await page(after=0) == [1, 2, 3, 4, 5, 6, 7]
    assert await page(after=-(2**70)) == [1, 2, 3, 4, 5, 6, 7]
    assert await page(after=2**70) == []
    assert await page(after=0, limit=0) == [1]
    assert await page(after=0, limit=100 * MAX_PAGE) == [1, 2, 3, 4, 5, 6, 7]


async def test_interrupted_writer_does_not_block_others(deps: Deps, talk: Swap) -> None:
    async def cut_off() -> None:
        sending = asyncio.create_task(deps.store.messages.append(message(talk, "perhaps"), []))
        await asyncio.sleep(0)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)

    for number in range(10):
        await cut_off()
        await deps.store.messages.append(message(talk, str(number)), [])
    found = await deps.store.messages.list_last(talk.id)
    assert [one.seq for one in found] == list(range(1, len(found) + 1))
    assert [one.message for one in found if one.message != "perhaps"] == [str(n) for n in range(10)]


async def test_a_reply_to_a_copy_finds_its_swap(
    deps: Deps, pair: tuple[User, User], talk: Swap, make_user: MakeUser
) -> None:
    sent = await send_message(deps, pair[0], Draft(talk.id, "hello", "telegram", telegram=(111, 5)))
    await remember_copy(deps, sent.id, pair[1].id, 222, 9)
    await remember_copy(deps, sent.id, pair[1].id, 222, 9)
    for actor, chat, number in ((pair[0], 111, 5), (pair[1], 222, 9)):
        found = await find_conversation(deps, actor, chat, number)
        assert found is not None
        assert (found[0].id, found[1].id) == (talk.id, sent.id)
    stored = await deps.store.messages.find(sent.id)
    assert stored is not None
    assert len(stored.copies) == 2
    assert await find_conversation(deps, pair[0], 111, 9) is None  # one chat, another message
    assert await find_conversation(deps, await make_user(), 111, 5) is None
