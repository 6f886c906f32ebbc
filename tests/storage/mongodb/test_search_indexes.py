"""The pages of a search for people are answered from indexes."""

from __future__ import annotations

from domain.decks import MAX_COUNTED
from handlers.people_search import PAGE, search_by_name, search_teachers
from tests.storage.mongodb.test_indexes import SKILLS, Community, community, complaint, profiled, watch

__all__ = ["community"]  # a fixture


async def test_a_search_for_people_uses_indexes(community: Community) -> None:
    deps, me = community.deps, community.me
    await watch(community.database)
    first = await search_teachers(deps, me, SKILLS[30])
    last = await search_teachers(deps, me, SKILLS[30], page=4)
    assert len(first.matches) == len(last.matches) == PAGE
    for number in (0, 4):
        assert len((await search_by_name(deps, me, "p1", page=number)).matches) == PAGE
    lines = await profiled(community.database)
    assert lines
    # counting stops at a thousand
    counts = [line for line in lines if "aggregate" in line["command"] and line["docsExamined"] <= MAX_COUNTED]
    assert [text for line in lines if line not in counts and (text := complaint(line)) is not None] == []
