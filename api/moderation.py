"""Skills that wait for a moderator, and what is decided about them."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.bodies import read_body, read_query, reply
from api.openapi.operation import op
from api.schemas.skills import (
    DecisionBody,
    DecisionDocument,
    PendingQuery,
    PendingSkillDocument,
    decision_document,
    pending_skill_document,
)
from handlers import moderation
from handlers.moderation import SkillNames

PAGE: Final = 20


@op(tags=("moderation",), ok=list[PendingSkillDocument], query=PendingQuery, errors=(403,))
async def list_pending(request: web.Request) -> web.Response:
    """List skills that nobody has named yet.

    For moderators, in the order of keys; `after` is the key of the last one already seen.
    """
    deps, actor = await signed_in(request)
    query = read_query(request, PendingQuery)
    found = await moderation.list_pending(deps, actor, after=query.after, limit=query.limit or PAGE)
    names = deps.vocabulary.name_of
    return reply([pending_skill_document(each, [names(key, actor.locale) for key in each.similar]) for each in found])


@op(tags=("moderation",), ok=DecisionDocument, body=DecisionBody, errors=(403, 404, 409))
async def decide(request: web.Request) -> web.Response:
    """Name, merge or reject a skill.

    For moderators. The profiles of everybody who has the skill follow within seconds. Of two who decide at once, one
    wins and the other gets 409; the same decision again is not an error.
    """
    deps, actor = await signed_in(request)
    body = await read_body(request, DecisionBody)
    if body.decision == "merged":
        record = await moderation.merge_skill(deps, actor, body.key, body.into)
    elif body.decision == "rejected":
        record = await moderation.reject_skill(deps, actor, body.key)
    else:
        called = SkillNames(dict(body.names or {}), body.category, body.aliases)
        record = await moderation.name_skill(deps, actor, body.key, called)
    return reply(decision_document(record))


def routes() -> list[web.RouteDef]:
    return [web.get("/api/skills/pending", list_pending), web.post("/api/skills/decisions", decide)]
