"""Which skills there are, for completing what somebody types."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from api.auth import signed_in
from api.bodies import read_query, reply
from api.inputs import SkillsQuery
from api.openapi import op
from api.schemas import SkillDocument, skill_document
from handlers import skills

MAX_COMPLETIONS: Final = 20
COMPLETIONS: Final = 10


@op(tags=("people",), ok=list[SkillDocument], query=SkillsQuery)
async def complete_skills(request: web.Request) -> web.Response:
    """Complete the beginning of a skill.

    Skills one of whose names begins with `q`, however it is capitalised or accented: in one's own language first, then
    other names of theirs, then what people here teach or want and nobody has named yet.
    """
    deps, actor = await signed_in(request)
    query = read_query(request, SkillsQuery)
    limit = min(query.limit or COMPLETIONS, MAX_COMPLETIONS)
    found = await skills.complete_skill(deps, actor, query.q, limit=limit)
    return reply([skill_document(presence) for presence in found])


def routes() -> list[web.RouteDef]:
    return [web.get("/api/skills", complete_skills)]
