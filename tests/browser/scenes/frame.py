"""Pages around everything: signing in and out, the API reference, an address where there is nothing."""

from __future__ import annotations

from tests.browser.scenes import PYTHON, Pages, Stage
from tests.factories import insert_user

SIGNING_IN = ("/api/auth/signin", "/api/auth/verify-request", "/api/auth/error", "/api/auth/signout")


async def pages(stage: Stage) -> Pages:
    ada = await insert_user(stage.deps, "Uma", **PYTHON)
    return [
        *((path, None) for path in ("/docs", "/help", "/privacy", "/nowhere", *SIGNING_IN)),
        *((path, ada) for path in ("/nowhere", "/help", "/privacy", "/api/auth/signin", "/api/auth/signout")),
    ]
