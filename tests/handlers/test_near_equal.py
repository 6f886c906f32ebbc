"""Nearly the same note, sent to many people by one newcomer: a case for the moderators."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.cases import NOTES
from domain.users import MODERATOR
from handlers.cases import find_case_file, list_cases
from handlers.runtime.deps import Deps
from tests.factories import MakeUser, later
from tests.handlers.test_screening import SWAPPED, ask

NEARLY = "Hello {name}, I would love to learn Go with you, any evening suits me. Shall we?"


async def test_nearly_the_same_note_to_six_people_opens_a_case(deps: Deps, make_user: MakeUser) -> None:
    moderator = await make_user("Mod", role=MODERATOR)
    new = await make_user(
        "New", photo_url="/p", skills_offered=("Chess", "Yoga"), skills_wanted=("Go", "Tango"), created_at=deps.now()
    )
    for number in range(6):
        assert await list_cases(deps, moderator, limit=10) == []
        await ask(deps, new, await make_user(skills_offered=("Go",)), NEARLY.format(name=f"Person {number}"))
    (case,) = await list_cases(deps, moderator, limit=10)
    assert (case.about, case.kinds) == (new.id, (NOTES,))
    file = await find_case_file(deps, case.id)
    assert file is not None
    assert len(file.notes) == 6
    await ask(deps, new, await make_user(skills_offered=("Go",)), NEARLY.format(name="Li"))
    assert [one.version for one in await list_cases(deps, moderator, limit=10)] == [case.version]  # one case is enough


@pytest.mark.parametrize("kind", ["different", "short", "known", "spread"])
async def test_notes_that_are_no_copies_open_no_case(deps: Deps, make_user: MakeUser, kind: str) -> None:
    moderator = await make_user("Mod", role=MODERATOR)
    fields = {"skills_offered": ("Chess", "Yoga"), "skills_wanted": ("Go", "Tango"), "photo_url": "/p"}
    new = await make_user("New", **fields, **({"record": SWAPPED} if kind == "known" else {}))
    notes = [NEARLY.format(name=number) for number in range(7)]
    if kind == "different":
        words = ("chess", "my dog", "mountain walks", "old films", "cooking", "sailing boats", "poetry")
        notes = [f"Since {word} is what {number} days of mine go to: {word * 3}?" for number, word in enumerate(words)]
    elif kind == "short":
        notes = ["Hi, shall we swap?"] * 7
    for number, note in enumerate(notes):
        at = later(deps, timedelta(hours=5 * number)) if kind == "spread" else deps
        await ask(at, new, await make_user(skills_offered=("Go",)), note)
    assert await list_cases(deps, moderator, limit=10) == []
