"""Blocks: a list with somebody in it, an empty one, and the question before a block or a report."""

from __future__ import annotations

from handlers.blocks import block_user
from tests.browser.scenes import GUITAR, PYTHON, Pages, Stage
from tests.factories import insert_user


async def pages(stage: Stage) -> Pages:
    deps = stage.deps
    other, reader = await insert_user(deps, "Abe", **PYTHON), await insert_user(deps, "Bea", **GUITAR)
    blocker = await insert_user(deps, "Bo", **PYTHON)
    await block_user(deps, blocker, other.id)
    paths = ("/blocks", f"/block/{other.id}", f"/report/{other.id}")
    return [*((path, reader) for path in paths), ("/blocks", blocker)]
