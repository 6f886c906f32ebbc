"""Counter-offers: whose turn it is, who has agreed to what, and how long a request can go on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.counter_offers import counter, is_same_offer
from domain.errors import Conflict, Forbidden, Invalid, NotFound
from domain.skills import canonical_key
from domain.swaps import ANSWER_WITHIN, CANCELLED, MAX_ROUNDS, PENDING, REJECTED, Offer, Swap
from tests.domain.test_swaps import ASKER, AT, PARTNER, STRANGER, request

HOUR = timedelta(hours=1)


def countered(swap: Swap, by: str = PARTNER, *, teaches: str = "Guitar", learns: str = "Chess", hours: int = 1) -> Swap:
    return counter(swap, by=by, offered_skill=teaches, wanted_skill=learns, message="Rather?", at=AT + hours * HOUR)


def test_the_turn_passes_over_and_the_skills_stay_in_the_direction_of_the_asker() -> None:
    swap = countered(request())
    assert (swap.status, swap.version, swap.from_user_id, swap.to_user_id) == (PENDING, 2, ASKER, PARTNER)
    assert (swap.offered_skill, swap.wanted_skill, swap.message) == ("Chess", "Guitar", "Rather?")
    assert (swap.learnt_by(PARTNER), swap.learnt_by(ASKER)) == ("Chess", "Guitar")
    assert (swap.answerer, swap.author, swap.consents, swap.rounds) == (ASKER, PARTNER, {PARTNER: 2}, 2)
    assert swap.offers == (Offer(ASKER, AT, "Python", "Guitar", ""),)
    assert (swap.can(ASKER), swap.can(PARTNER)) == (("accept", "reject", "counter", "chat"), ("cancel", "chat"))
    back = countered(swap, ASKER, teaches="Go", learns="Guitar")
    assert (back.offered_skill, back.wanted_skill, back.answerer, back.consents) == (
        "Go",
        "Guitar",
        PARTNER,
        {ASKER: 3},
    )


def test_the_asker_answers_a_counter_offer_and_the_other_takes_it_back() -> None:
    swap = countered(request())
    accepted = swap.accept(by=ASKER, at=AT)
    assert accepted.consents == {PARTNER: 2, ASKER: 3}
    assert swap.reject(by=ASKER, at=AT).status == REJECTED
    assert swap.cancel(by=PARTNER, at=AT).outcome == "withdrawn"
    with pytest.raises(Forbidden, match="only_partner_answers"):
        swap.accept(by=PARTNER, at=AT)
    with pytest.raises(Forbidden, match="only_asker_cancels"):
        swap.cancel(by=ASKER, at=AT)
    with pytest.raises(NotFound):
        countered(swap, STRANGER)
    with pytest.raises(Forbidden, match="only_partner_answers"):
        countered(swap, PARTNER, learns="Go")


def test_the_time_to_answer_starts_again_once_only() -> None:
    swap = countered(request(), hours=20)
    assert swap.due_at == AT + 20 * HOUR + ANSWER_WITHIN
    again = countered(swap, ASKER, teaches="Go", learns="Guitar", hours=60)
    assert again.due_at == swap.due_at


def test_a_request_has_five_rounds() -> None:
    swap, by = request(), PARTNER
    for number in range(1, MAX_ROUNDS):
        assert swap.rounds == number
        swap = countered(swap, by, teaches=f"Skill {number}")
        by = swap.answerer
    assert (swap.rounds, swap.can(by)) == (MAX_ROUNDS, ("accept", "reject", "chat"))
    with pytest.raises(Conflict, match="too_many_rounds") as problem:
        countered(swap, by, teaches="One more")
    assert problem.value.params["limit"] == MAX_ROUNDS
    assert swap.accept(by=by, at=AT).has_run


def test_an_offer_changes_something_and_is_made_in_time() -> None:
    with pytest.raises(Invalid, match="same_terms"):
        countered(request(), teaches="guitar", learns="PYTHON")
    with pytest.raises(Invalid, match="same_skill"):
        countered(request(), teaches="Chess", learns="chess")
    with pytest.raises(Conflict, match="expired"):
        countered(request(), hours=5 * 24)
    with pytest.raises(Conflict, match="already_answered"):
        countered(request().reject(by=PARTNER, at=AT))


def test_what_another_program_has_written_is_taken_for_an_answer_of_the_one_whose_turn_it_is() -> None:
    from dataclasses import replace

    swap = countered(request())
    for status, by in (("accepted", ASKER), (REJECTED, ASKER), (CANCELLED, PARTNER)):
        after = replace(swap, status=status).completed(at=AT)
        assert after is not None
        assert after.last_actor == by


@given(st.lists(st.sampled_from(["counter", "accept", "reject", "cancel"]), max_size=8), st.booleans())
def test_only_one_of_the_two_can_answer_and_consents_are_the_author_s(verbs: list[str], is_partner: bool) -> None:
    swap = request()
    for number, verb in enumerate(verbs):
        assert {swap.answerer, swap.author} == {ASKER, PARTNER}
        if swap.status != PENDING:
            return
        assert list(swap.consents) == [swap.author]
        by = swap.author if verb == "cancel" else swap.answerer
        if verb == "counter" and swap.rounds < MAX_ROUNDS:
            swap = countered(swap, by, teaches=f"Skill {number}")
            terms = {"offered_skill": f"Skill {number}", "wanted_skill": "Chess", "message": "Rather?"}
            assert is_same_offer(swap, by=by, **terms, key_of=canonical_key)
            assert not is_same_offer(swap, by=swap.answerer, **terms, key_of=canonical_key)
        elif verb != "counter":
            swap = getattr(swap, verb)(by=by, at=AT)
        assert swap.version == len(swap.history)
