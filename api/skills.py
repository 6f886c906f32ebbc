"""Which skills there are, for completing what somebody types."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from api.auth import signed_in
from api.bodies import read_query, reply
from api.inputs import SkillsQuery
from api.openapi import op
from api.skill_schemas import CategoryDocument, SkillDocument, category_document, skill_document
from handlers import skills

MAX_COMPLETIONS: Final = 20
COMPLETIONS: Final = 10


@op(tags=("people",), ok=list[SkillDocument], query=SkillsQuery)
async def complete_skills(request: web.Request) -> web.Response:
    """Complete the beginning of a skill.

    Skills one of whose names begins with `q`, however it is capitalised or accented: in one's own language first, then
    other names of theirs, then what people here teach or want and nobody has named yet. When nothing begins so, what is
    spelled nearly so comes with `is_guess`: to be asked, never assumed.
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

    With the skills of each, by their names in one's own language.
    """
    deps, actor = await signed_in(request)
    return reply([category_document(listing) for listing in skills.list_categories(deps, actor.locale)])


def routes() -> list[web.RouteDef]:
    return [web.get("/api/skills", complete_skills), web.get("/api/skills/categories", list_categories)]
