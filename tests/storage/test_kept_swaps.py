"""Swaps in memory: what several of them have, and what is kept of one in two places, is one object."""

from __future__ import annotations

from bson import CodecOptions, decode, encode

from domain.swaps import Swap
from storage.swaps import swap_doc, swap_from
from tests.domain.event_swaps import pair


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
