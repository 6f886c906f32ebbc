"""Messages: a cached swap never refuses a participant wrongly, and never admits one for long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from domain.errors import Conflict
from domain.swaps import ACCEPTED
from handlers.messages import Draft, list_messages, send_message
from handlers.photos import upload_photo
from handlers.runtime.change_feed import Change, ChangeFeed
from handlers.runtime.deps import Deps
from handlers.swaps import accept_swap, cancel_swap
from storage.mongodb.database import Database
from tests.factories import MakeSwap, MakeUser, build_deps, jpeg
from tests.waiting import eventually


@pytest.fixture
async def neighbour(database_uri: str, deps: Deps) -> AsyncIterator[Deps]:
    """The operations in another process."""
    opened = await Database.open(database_uri)
    yield await build_deps(opened)
    await opened.close()


@pytest.fixture
async def heard(deps: Deps) -> AsyncIterator[asyncio.Queue[Change]]:
    """Queue of the changes that this process receives; while it does, its cache is current."""
    changes: asyncio.Queue[Change] = asyncio.Queue()
    feed = ChangeFeed(deps)
    feed.subscribe(changes.put)
    feed.start()
    await eventually(lambda: feed.is_live)
    yield changes
    await feed.stop()


async def test_swap_accepted_in_another_process_takes_messages_at_once(
    deps: Deps, neighbour: Deps, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    asker, partner = await make_user(), await make_user()
    swap = await make_swap(asker, partner)
    deps.store.swaps.cache.is_vouched_for = lambda: True  # the stream is up, and a moment behind
    assert await list_messages(deps, asker, swap.id) == []
    await accept_swap(neighbour, partner, swap.id)
    assert (await send_message(deps, asker, Draft(swap.id, "at once", "web"))).seq == 1


async def test_ended_swap_is_cached_under_one_id_only(
    deps: Deps, neighbour: Deps, heard: asyncio.Queue[Change], make_user: MakeUser, make_swap: MakeSwap
) -> None:
    asker, partner = await make_user(), await make_user()
    swap = await make_swap(asker, partner, status=ACCEPTED)
    capitals = swap.id.upper()
    await send_message(deps, asker, Draft(capitals, "still running", "web"))
    await cancel_swap(neighbour, partner, swap.id)
    async with asyncio.timeout(10):
        while (await heard.get()).swap != await deps.store.swaps.find(swap.id):
            pass
    with pytest.raises(Conflict, match=r"chat\.closed"):
        await send_message(deps, asker, Draft(capitals, "too late", "web"))


async def test_late_read_returns_the_newer_version(deps: Deps, make_user: MakeUser, make_swap: MakeSwap) -> None:
    asker, partner = await make_user(), await make_user()
    before = await make_swap(asker, partner)
    after = await accept_swap(deps, partner, before.id)
    assert deps.store.swaps.cache.put(before.id, before) == after


async def test_a_photo_in_a_message_outlives_the_profile_that_showed_it(
    deps: Deps, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user(), await make_user()
    swap = await make_swap(ada, ben, status=ACCEPTED)
    photo = await upload_photo(deps, ada, jpeg(), purpose="profile")
    await send_message(deps, ada, Draft(swap.id, "this is me", "web", photo_url=photo.url))
    ada = (await deps.store.users.find_many([ada.id]))[ada.id]
    await upload_photo(deps, ada, jpeg(colour="red"), purpose="profile")
    assert await deps.photos.read(photo.id) is not None
