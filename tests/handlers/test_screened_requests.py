"""A screened request and its case: nobody sees it before its time, and it does not go out when it may not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from api.schemas.problems import current_document
from domain.cases import NOTHING
from domain.deliveries import Delivery
from domain.errors import Conflict
from domain.records import Record
from domain.reports import Complaint
from domain.screening import SCREENED_FOR
from domain.swaps import Swap
from domain.users import MODERATOR, User
from handlers import standing
from handlers.blocks import block_person
from handlers.cases import act_on_case, list_cases
from handlers.counter_offers import CounterOffer, counter_swap
from handlers.messages import Draft, send_message
from handlers.quotas import get_quota
from handlers.reports import report
from handlers.runtime.deps import Deps
from handlers.screening import list_waiting_words, settle_due_words, take_back_waiting
from handlers.swaps import Proposal, list_swaps, propose_swap
from tests.factories import MakeUser, later

LINK = "Hello! More about me: example.org/me"
TEACH = ("Chess", "Piano")


async def trio(make_user: MakeUser) -> tuple[User, User, User]:
    """Return a newcomer, a member who has swapped, and a moderator."""
    new = await make_user("New", skills_offered=TEACH, skills_wanted=("Go",))
    old = await make_user("Old", skills_offered=("Go",), skills_wanted=TEACH, record=Record(swaps_held=1))
    return new, old, await make_user("Mod", role=MODERATOR)


async def ask(deps: Deps, asker: User, partner: User, skill: str = "Chess", note: str = LINK) -> Swap:
    return await propose_swap(deps, asker, Proposal(partner.id, skill, "Go", note))


async def test_a_counter_offer_for_the_same_shows_nothing_of_the_screened_request(
    deps: Deps, make_user: MakeUser
) -> None:
    new, old, _ = await trio(make_user)
    plain = await ask(deps, new, old, note="I would love to")
    assert (await ask(deps, new, old, "Piano")).screened_at is not None
    with pytest.raises(Conflict) as refused:
        await counter_swap(deps, old, plain.id, CounterOffer("Go", "Piano"))
    assert current_document(refused.value.current, old.id, deps.now(), deps.texts["en"]) is None


@pytest.mark.parametrize("decision", ["warn", "hide", "suspend", "ban"])
async def test_a_request_does_not_go_out_after_a_decision_against_its_asker(
    deps: Deps, make_user: MakeUser, decision: str
) -> None:
    new, old, moderator = await trio(make_user)
    await ask(deps, new, old)
    act: Any = getattr(standing, decision)
    await act(later(deps, SCREENED_FOR - timedelta(minutes=5)), moderator, new.id, reason="spam")
    await settle_due_words(later(deps, SCREENED_FOR))
    assert await list_swaps(deps, old) == []


async def test_a_request_that_crosses_a_block_is_ended(
    deps: Deps, make_user: MakeUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    new, old, _ = await trio(make_user)
    await ask(deps, new, old)
    replace = deps.store.swaps.replace

    async def after_a_block(before: Swap, after: Swap, deliveries: Sequence[Delivery]) -> bool:
        monkeypatch.setattr(deps.store.swaps, "replace", replace)
        await block_person(deps, old, new)
        return await replace(before, after, deliveries)

    monkeypatch.setattr(deps.store.swaps, "replace", after_a_block)
    await settle_due_words(later(deps, SCREENED_FOR))
    assert not any(swap.is_open for swap in await list_swaps(deps, old))


async def test_a_repeated_decision_leaves_what_came_later(deps: Deps, make_user: MakeUser) -> None:
    new, old, moderator = await trio(make_user)
    await ask(deps, new, old)
    (case,) = await list_cases(deps, moderator, limit=10)
    await act_on_case(deps, moderator, case.id, NOTHING)
    hour_later = later(deps, timedelta(hours=1))
    await ask(hour_later, new, old, "Piano")
    await act_on_case(hour_later, moderator, case.id, NOTHING)
    assert len(await list_swaps(deps, old)) == 1


async def test_words_taken_back_and_sent_again_under_their_id_are_refused(deps: Deps, make_user: MakeUser) -> None:
    new, old, _ = await trio(make_user)
    plain = await ask(deps, new, old, note="I would love to")
    draft = Draft(plain.id, LINK, "web", client_id="said-once")
    await send_message(deps, new, draft)
    (words,) = await list_waiting_words(deps, new)
    await take_back_waiting(deps, new, words.id)
    with pytest.raises(Conflict):
        await send_message(deps, new, draft)


async def test_a_screened_request_takes_its_place_until_it_can_have_ended(deps: Deps, make_user: MakeUser) -> None:
    new, old, _ = await trio(make_user)
    await ask(deps, new, old)
    free_at = (await get_quota(deps, new)).free_at
    assert free_at is not None
    assert free_at > deps.now() + timedelta(days=1)


async def test_a_repeated_report_hides_nobody_whom_moderators_have_looked_at(deps: Deps, make_user: MakeUser) -> None:
    moderator, about = await make_user("Mod", role=MODERATOR), await make_user("Bad")
    month_ago = deps.now() - timedelta(days=30)
    reporters = [await make_user(f"Reporter {number}", created_at=month_ago) for number in range(3)]
    complaint = Complaint(about.id, subject="profile", subject_id=about.id, reason="rude", text="x", with_block=False)
    for reporter in reporters:
        await report(deps, reporter, complaint)
    (case,) = await list_cases(deps, moderator, limit=10)
    await act_on_case(deps, moderator, case.id, NOTHING)
    await report(deps, reporters[0], complaint)
    stored = await deps.store.users.find(about.id)
    assert stored is not None
    assert stored.standing.hidden_at is None
