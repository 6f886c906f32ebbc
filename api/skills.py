"""Which skills there are, for completing what somebody types."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.bodies import read_query, reply
from api.openapi.operation import op
from api.schemas.skills import CategoryDocument, SkillDocument, SkillsQuery, category_document, skill_document
from handlers import skills

MAX_COMPLETIONS: Final = 20
COMPLETIONS: Final = 10


@op(tags=("people",), ok=list[SkillDocument], query=SkillsQuery)
async def complete_skills(request: web.Request) -> web.Response:
    """Complete the beginning of a skill.

    Skills with a name that begins with `q`, whatever its capitals and accents: first by their names in your language,
    then by other names, then what people here teach or want and nobody has named yet. When nothing begins like that,
    close spellings come with `is_guess`: ask about them, never assume them.
    """
    deps, actor = await signed_in(request)
    query = read_query(request, SkillsQuery)
    limit = min(query.limit or COMPLETIONS, MAX_COMPLETIONS)
    found = await skills.complete_skill(deps, actor, query.q, limit=limit)
    guesses = [] if found else await skills.guess_skill(deps, actor, query.q)
    answer = [skill_document(presence) for presence in found]
    return reply(answer + [skill_document(presence, is_guess=True) for presence in guesses])


@op(tags=("people",), ok=list[CategoryDocument])
async def list_categories(request: web.Request) -> web.Response:
    """List the categories.

    Each with its skills, by their names in your language.
    """
    deps, actor = await signed_in(request)
    return reply([category_document(listing) for listing in skills.list_categories(deps, actor.locale)])


def routes() -> list[web.RouteDef]:
    return [web.get("/api/skills", complete_skills), web.get("/api/skills/categories", list_categories)]
