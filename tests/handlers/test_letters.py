"""Letters: stored once for each key, in the clock and words of their reader, and gone with their reader."""

from __future__ import annotations

from datetime import UTC, datetime

from domain.deliveries import TELEGRAM
from domain.users import BANNED
from handlers.letters import letter_words, load_letter, send_letter
from handlers.notifications import claim_delivery
from handlers.runtime.deps import Deps
from handlers.users import delete_account
from tests.factories import MakeUser


async def test_a_letter_with_a_key_is_sent_once_and_reaches_the_banned(deps: Deps, make_user: MakeUser) -> None:
    ada = await make_user(telegram_id=True, status=BANNED)
    assert await send_letter(deps, ada.id, "banned", key="ban:1", reason="selling")
    assert not await send_letter(deps, ada.id, "banned", key="ban:1", reason="selling")
    delivery = await claim_delivery(deps, "worker", set())
    assert delivery is not None
    assert (delivery.to, delivery.channel) == (ada.id, TELEGRAM)
    assert await claim_delivery(deps, "worker", {ada.id}) is None


async def test_the_words_of_a_letter_are_by_the_readers_clock_and_language(deps: Deps, make_user: MakeUser) -> None:
    ada = await make_user(telegram_id=True, locale="de", timezone="Asia/Tokyo")
    until = datetime(2027, 3, 1, 20, 0, tzinfo=UTC)
    await send_letter(deps, ada.id, "suspended", until=until, reason="rude")
    delivery = await claim_delivery(deps, "worker", set())
    assert delivery is not None
    found = await load_letter(deps, delivery)
    assert found is not None
    words = letter_words(deps, *found)
    assert "2. M" in words["until"]
    assert "05:00" in words["until"]
    assert words["reason"] == deps.texts["de"].plain("standing.reason.rude")


async def test_letters_go_with_the_account_of_their_reader(deps: Deps, make_user: MakeUser) -> None:
    ada = await make_user(telegram_id=True)
    await send_letter(deps, ada.id, "lifted")
    await delete_account(deps, ada)
    assert not await deps.store.database.collection("letters").count_documents({})
