"""Circles of three: one that has been asked for, as the one who asked sees it."""

from __future__ import annotations

from handlers.circles import ask_circle
from tests.browser.scenes import Pages, Stage
from tests.factories import insert_user, list_possible


async def pages(stage: Stage) -> Pages:
    deps = stage.deps
    ana = await insert_user(deps, "Ana", skills_offered=("Cooking",), skills_wanted=("Chinese",))
    await insert_user(deps, "Li Wei", skills_offered=("Yoga",), skills_wanted=("Cooking",))
    await insert_user(deps, "Noor", skills_offered=("Chinese",), skills_wanted=("Yoga",))
    [possible] = await list_possible(deps, ana)
    circle = (await ask_circle(deps, ana, possible.id)).id
    paths = ("/circles", f"/circles/{circle}/block/you_teach", f"/report/{circle}/you_learn", f"/swaps/{circle}")
    return [(path, ana) for path in paths]
