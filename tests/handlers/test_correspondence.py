"""The organisers' correspondence with a person: kept once, under concurrency, and joined with the person's accounts."""

from __future__ import annotations

import asyncio

from domain.staff_cards import ANSWER, CardCopy
from domain.users import MODERATOR
from handlers.auth.accounts import accept_merge, offer_merge
from handlers.correspondence import answer_organisers, answer_subject, get_correspondence, write_as_organisers
from handlers.runtime.deps import Deps
from handlers.staff_cards import find_staff_card, make_staff_card, put_card_copy
from tests.factories import MakeUser


async def test_a_repeated_update_writes_nothing_twice(deps: Deps, make_user: MakeUser) -> None:
    eva, ben = await make_user("Eva", role=MODERATOR), await make_user("Ben")
    for _ in range(2):
        await write_as_organisers(deps, eva, ben.id, "Did you call?", key="1:7")
        await answer_organisers(deps, ben, "Yes.", key="2:9")
    known = await get_correspondence(deps, eva, ben.id)
    assert [entry.text for entry in known.entries] == ["Did you call?", "Yes."]
    assert await deps.store.database.collection("letters").count_documents({}) == 1


async def test_a_letter_shows_the_answers_to_the_one_before_anew_and_no_earlier_ones(
    deps: Deps, make_user: MakeUser
) -> None:
    eva, ben = await make_user("Eva", role=MODERATOR), await make_user("Ben")
    versions = []
    for number in range(3):
        await write_as_organisers(deps, eva, ben.id, f"letter {number}")
        first = (await get_correspondence(deps, eva, ben.id)).entries[:2]
        card = await find_staff_card(deps, ANSWER, answer_subject(ben.id, first[-1].id))
        versions.append(card.version if card is not None else 0)
        await answer_organisers(deps, ben, f"answer {number}")
    assert versions[0] == 0
    assert versions[2] == versions[1] > 0


async def test_two_who_write_at_once_are_both_kept(deps: Deps, make_user: MakeUser) -> None:
    eva, ben = await make_user("Eva", role=MODERATOR), await make_user("Ben")
    await asyncio.gather(*(write_as_organisers(deps, eva, ben.id, f"letter {number}") for number in range(5)))
    known = await get_correspondence(deps, eva, ben.id)
    assert sorted(entry.text for entry in known.entries) == [f"letter {number}" for number in range(5)]


async def test_a_merge_joins_letters_and_moves_cards(deps: Deps, make_user: MakeUser) -> None:
    eva = await make_user("Eva", role=MODERATOR)
    ben, other = await make_user("Ben", email="ben@example.org"), await make_user("Ben", telegram_id=True)
    await write_as_organisers(deps, eva, other.id, "one")
    await write_as_organisers(deps, eva, ben.id, "two")
    await make_staff_card(deps, "dispute", "a swap")
    card = await find_staff_card(deps, "dispute", "a swap")
    assert card is not None
    await put_card_copy(deps, card, CardCopy(7, 8, other.id))
    code, _ = await offer_merge(deps, ben)
    await accept_merge(deps, other, code)
    known = await get_correspondence(deps, eva, ben.id)
    assert [entry.text for entry in known.entries] == ["one", "two"]
    moved = await find_staff_card(deps, "dispute", "a swap")
    assert moved is not None
    assert [copy.user_id for copy in moved.copies] == [ben.id]
