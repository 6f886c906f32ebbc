"""The own profile and its parts: empty, filled, refused."""

from __future__ import annotations

from handlers.users import register_email_user
from tests.browser.scenes import GUITAR, Pages, Stage
from tests.factories import insert_user

SETTINGS = ("language", "sound", "visible", "access", "sessions", "calendar", "keys", "leave")


async def pages(stage: Stage) -> Pages:
    new = await register_email_user(stage.deps, "newcomer@example.org", None)
    mia = await insert_user(stage.deps, "Mia", availability="weekday evenings", timezone="Europe/Madrid", **GUITAR)
    mia_wrote = await insert_user(stage.deps, "Mio", skills_offered=("Guittar",), skills_wanted=("Python",))
    paused = await insert_user(stage.deps, "Pia", **GUITAR)
    await stage.deps.store.records.set_paused(paused.id, is_paused=True)
    return [
        ("/me", new),
        *((f"/welcome/{part}", new) for part in ("teach", "learn", "times", "photo")),
        ("/me", mia),
        *((f"/me/edit/{part}", mia) for part in ("teach", "learn", "times", "photo")),
        ("/me/edit", mia),
        ("/welcome/teach?ask=Guittar", mia_wrote),
        ("/settings", mia),
        *((f"/settings/{part}", mia) for part in SETTINGS),
        ("/settings/visible", paused),
    ]
