"""Routes of skills: completion and categories."""

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

    Skills with a name that begins with `q`, ignoring case and accents: first by their names in
    your language, then by other names, then skills that users here teach or want and that have
    no name yet. When there are none, similar spellings are returned with `is_guess`: ask the
    user to confirm them.
    """
    deps, actor = await signed_in(request)
    query = read_query(request, SkillsQuery)
    limit = min(query.limit or COMPLETIONS, MAX_COMPLETIONS)
    completions = await skills.complete_skill(deps, actor, query.q, limit=limit)
    guesses = [] if completions else await skills.guess_skill(deps, actor, query.q)
    documents = [skill_document(presence) for presence in completions]
    return reply(documents + [skill_document(presence, is_guess=True) for presence in guesses])


@op(tags=("people",), ok=list[CategoryDocument])
async def list_categories(request: web.Request) -> web.Response:
    """List the categories.

    Each with the names of its skills in your language.
    """
    deps, actor = await signed_in(request)
    return reply([category_document(listing) for listing in skills.list_categories(deps, actor.locale)])


def routes() -> list[web.RouteDef]:
    return [web.get("/api/skills", complete_skills), web.get("/api/skills/categories", list_categories)]
