"""Completion of a skill while it is typed."""

from __future__ import annotations

from handlers.matches import find_teachers
from handlers.runtime.deps import Deps
from handlers.skills import complete_skill
from tests.factories import insert_user


async def test_completion_is_not_limited_by_earlier_searches(deps: Deps) -> None:
    ana = await insert_user(deps, "Ana", skills_offered=("Guitar",), skills_wanted=("Python",))
    for _ in range(20):
        await find_teachers(deps, ana, "Python")
    (first, *_) = await complete_skill(deps, ana, "pyth", limit=5)
    assert first.key == "python"
