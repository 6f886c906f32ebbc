"""The vocabulary and the moderation queue over REST."""

from __future__ import annotations

from typing import Any

import pytest

from domain.users import MODERATOR
from handlers.moderation import settle_skills
from handlers.runtime.deps import Deps
from tests.api.conftest import Client
from tests.factories import MakeUser

NAMED = {"decision": "named", "names": {"en": "Tile firing", "es": "Cocción de azulejos"}, "category": "crafts"}


async def ask(client: Client, user: Any, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
    session = client(user)
    async with session.get(path) if body is None else session.post(path, json=body) as answer:
        return answer.status, await answer.json()


async def test_moderator_names_merges_and_rejects_skills(deps: Deps, client: Client, make_user: MakeUser) -> None:
    mia = await make_user("Mia", role=MODERATOR)
    ada = await make_user("Ada", skills_offered=("Azulejo firing", "gitarrra", "Buy followers"))
    status, waiting = await ask(client, mia, "/api/skills/pending")
    assert status == 200
    assert [each["skill"]["skill"] for each in waiting] == ["Azulejo firing", "Buy followers", "gitarrra"]
    assert waiting[2]["similar"] == ["Guitar"]
    for key, decision in (
        ("azulejo firing", NAMED),
        ("gitarrra", {"decision": "merged", "into": "Guitarra"}),
        ("buy followers", {"decision": "rejected"}),
    ):
        status, decided = await ask(client, mia, "/api/skills/decisions", {"key": key, **decision})
        assert (status, decided["key"], decided["decision"]) == (200, key, decision["decision"])
    assert await settle_skills(deps) == 1
    assert await ask(client, mia, "/api/skills/pending") == (200, [])
    _, own = await ask(client, ada, "/api/user")
    assert own["skills_offered"] == ["Tile firing", "Guitar", "Buy followers"]
    _, [found] = await ask(client, mia, "/api/skills?q=tile fi")
    assert (found["skill"], found["key"], found["teachers"]) == ("Tile firing", "azulejo firing", 1)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [({"key": "lutes", "decision": "merged", "into": "nothing known"}, 422, "skill.no_such_target"),
     ({"key": "lutes", **NAMED, "category": "nowhere"}, 422, "skill.category"),
     ({"key": "lutes", **NAMED, "aliases": ["guitarra"]}, 409, "skill.is_another"),
     ({"key": "nobody has this", **NAMED}, 404, "skill.not_found"),
     ({"key": "lutes", "decision": "named"}, 422, "skill.category"),
     ({"key": "guitar", "decision": "rejected"}, 409, "skill.has_a_name")],
)  # fmt: skip
async def test_invalid_decision_is_refused(
    client: Client, make_user: MakeUser, body: dict[str, Any], status: int, code: str
) -> None:
    mia, ada = await make_user("Mia", role=MODERATOR), await make_user("Ada", skills_offered=("Lutes",))
    answered, problem = await ask(client, mia, "/api/skills/decisions", body)
    assert (answered, problem["code"]) == (status, code)
    answered, problem = await ask(client, ada, "/api/skills/decisions", body)
    assert (answered, problem["code"]) == (403, "role.moderator_needed")


async def test_misspelt_skill_is_suggested_as_a_guess(client: Client, make_user: MakeUser) -> None:
    ada = await make_user(locale="es")
    _, [guess] = await ask(client, ada, "/api/skills?q=gitarrra")
    assert (guess["skill"], guess["is_guess"]) == ("Guitarra", True)
    _, found = await ask(client, ada, "/api/skills?q=guitar")
    assert not any(each["is_guess"] for each in found)


async def test_categories_are_in_the_language_of_the_user(client: Client, make_user: MakeUser) -> None:
    _, listed = await ask(client, await make_user(locale="es"), "/api/skills/categories")
    music = next(each for each in listed if each["category"] == "music")
    assert music["name"] == "Música"
    assert "Guitarra" in music["skills"]
