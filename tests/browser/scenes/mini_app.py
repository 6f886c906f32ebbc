"""The page that Telegram opens, as it looks elsewhere, and where a link into the Mini App leads."""

from __future__ import annotations

from tests.browser.scenes import PYTHON, Pages, Stage
from tests.factories import insert_user


async def pages(stage: Stage) -> Pages:
    una = await insert_user(stage.deps, "Una", **PYTHON)
    return [("/app", None), ("/app", una), (f"/app/u_{una.id}", una)]
