"""Swaps in memory: what several of them have, and what is kept of one in two places, is one object."""

from __future__ import annotations

from bson import CodecOptions, decode, encode

from domain.swaps import Swap
from handlers.runtime.deps import Deps
from handlers.swaps import accept_swap
from storage.swaps import swap_doc, swap_from
from tests.domain.event_swaps import pair
from tests.factories import MakeSwap, MakeUser


def texts_of(swap: Swap) -> list[str]:
    legs = [text for leg in swap.legs for text in (leg.teacher, leg.learner, leg.skill, leg.key)]
    events = [text for event in swap.history for text in (event.by, event.event, event.status)]
    whole = [swap.id, swap.from_user_id, swap.to_user_id, swap.offered_skill, swap.wanted_skill, swap.status]
    return [*whole, *swap.participants, *swap.consents, *legs, *events]


def test_swaps_share_ids_skills_and_states() -> None:
    stored = encode(swap_doc(pair()))
    one, other = (swap_from(decode(stored, CodecOptions(tz_aware=True))) for _ in range(2))
    assert one == other == pair()
    assert len({id(text) for text in (*texts_of(one), *texts_of(other))}) == len(set(texts_of(one)))
    assert one.told is other.told is one.nudges


async def test_a_swap_of_a_list_is_the_one_that_is_found_by_its_id(
    deps: Deps, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    asker, partner, other = [await make_user(skills_offered=(skill,)) for skill in ("Chess", "Guitar", "Welding")]
    first, second = await make_swap(asker, other), await make_swap(asker, partner)
    swaps = deps.store.swaps
    swaps.cache.is_vouched_for = swaps.lists.is_vouched_for = lambda: True

    async def listed(user_id: str) -> list[Swap]:
        page = await swaps.list_recent(user_id, statuses=None, before=None, limit=10, with_circles=False)
        return list(page)

    known = await swaps.find_recent(first.id)
    newest, oldest = await listed(asker.id)
    assert oldest is known
    assert await swaps.find_recent(second.id) is newest
    (theirs,) = await listed(partner.id)
    assert theirs is newest
    accepted = await accept_swap(deps, partner, second.id)
    assert (await listed(asker.id))[0] == accepted
    assert (await listed(asker.id))[0] is await swaps.find_recent(second.id)
