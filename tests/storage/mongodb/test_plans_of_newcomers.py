"""Queries of quotas, of near-equal notes and of words that wait are answered from an index."""

from __future__ import annotations

from datetime import timedelta

from domain.screening import RELEASED
from domain.users import MODERATOR
from handlers.cases import find_case_file, list_cases
from handlers.messages import Draft, send_message
from handlers.quotas import get_quota
from handlers.runtime.deps import Deps
from handlers.screened_words import decide_waiting
from handlers.screening import list_waiting_words, next_words_due, settle_due_words
from handlers.swaps import Proposal, cancel_swap, propose_swap
from storage.mongodb.database import Database
from tests.factories import MakeUser, later
from tests.storage.mongodb.test_indexes import complaints, watch

LINK = "More about me and what I teach: example.org"


async def test_what_is_asked_about_newcomers_is_answered_from_an_index(
    deps: Deps, database: Database, make_user: MakeUser
) -> None:
    new, moderator = await make_user("New", skills_offered=("Chess",)), await make_user(role=MODERATOR)
    partners = [await make_user(skills_offered=("Go",)) for _ in range(3)]
    await watch(database)
    swaps = [await propose_swap(deps, new, Proposal(one.id, "Chess", "Go", LINK)) for one in partners[:2]]
    plain = await propose_swap(deps, new, Proposal(partners[2].id, "Chess", "Go", "Hello there"))
    await send_message(deps, new, Draft(plain.id, LINK, "web"))
    await cancel_swap(deps, new, swaps[0].id)
    assert (await get_quota(deps, new)).used == 3
    assert len(await list_waiting_words(deps, new)) == 2
    (case,) = await list_cases(deps, moderator, limit=10)
    assert await find_case_file(deps, case.id) is not None
    assert await next_words_due(deps) is not None
    await settle_due_words(later(deps, timedelta(hours=1)))
    await decide_waiting(deps, new.id, RELEASED, by=moderator.id, until=None)
    await settle_due_words(later(deps, timedelta(days=1)))
    assert await complaints(database) == []
