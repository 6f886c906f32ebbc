"""People: a deck with a card, somebody put aside, searches that find and do not, an empty deck, a profile with ratings,
a request that can be sent and one that cannot, circles, alerts."""

from __future__ import annotations

from domain.users import format_slots
from handlers.alerts import add_alert
from handlers.circles import ask_circle, join_circle
from tests.api.pages.test_people import rated
from tests.browser.scenes import Pages, Stage
from tests.factories import insert_swap, insert_user, list_possible

EVENINGS = format_slots(("weekday evenings",))


async def pages(stage: Stage) -> Pages:
    deps = stage.deps
    one = {"skills_offered": ("Juggling",), "skills_wanted": ("Sailing",), "availability": EVENINGS, "location": "Lima"}
    other = {**one, "skills_offered": ("Sailing",), "skills_wanted": ("Juggling",)}
    reader = await insert_user(deps, "Rosa", timezone="Europe/Madrid", wanted_levels={"sailing": "expert"}, **one)
    first, second = [await insert_user(deps, name, locale="es", **other) for name in ("Sven", "Tilda")]
    asked = await insert_user(deps, "Uri", timezone="America/New_York", **other)
    await rated(deps, await insert_user(deps, "Vera", **one), first, "Patient, and always on time.")
    await insert_swap(deps, reader, asked)
    await add_alert(deps, reader, "Kayaking")
    lone = await insert_user(deps, "Wim", skills_offered=("Falconry",), skills_wanted=("Thatching",))
    nobody = await insert_user(deps, "Xenia", skills_offered=(), skills_wanted=())
    ines = await insert_user(deps, "Ines", skills_offered=("Fencing",), skills_wanted=("Welding",))
    jon = await insert_user(deps, "Jon", skills_offered=("Sewing",), skills_wanted=("Fencing",))
    kim = await insert_user(deps, "Kim", skills_offered=("Welding",), skills_wanted=("Sewing",))
    [possible] = await list_possible(deps, ines)
    circle = await ask_circle(deps, ines, possible.id)
    await join_circle(deps, jon, circle.id, version=circle.version)
    paths = (
        *("/discover", f"/discover?aside={first.id}", f"/discover?who={second.id}", "/discover?kind=could_teach_you"),
        *("/discover?q=Sailing", f"/discover?q=Sailing&who={first.id}", "/discover?q=Saling", "/discover?q=Sven"),
        *("/discover?q=Sailing+and+Juggling", f"/discover?q={'x' * 60}", f"/people/{first.id}", f"/people/{reader.id}"),
        *(f"/people/{first.id}/ask", f"/people/{asked.id}", "/alerts", "/alerts?removed=Kayaking", "/circles"),
        f"/report/{first.id}?review=1",
    )
    return [
        *((path, reader) for path in paths),
        *((path, lone) for path in ("/discover", "/discover?q=Thatching", "/alerts", f"/people/{first.id}/ask")),
        *((path, nobody) for path in ("/discover", f"/people/{first.id}/ask", "/circles")),
        *(("/circles", member) for member in (ines, jon, kim)),
    ]
