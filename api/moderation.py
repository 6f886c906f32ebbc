"""Routes of skill moderation: pending skills and decisions about them."""

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
    """List skills without a decision.

    For moderators. In the order of keys; `after` is the key of the last one seen.
    """
    deps, actor = await signed_in(request)
    query = read_query(request, PendingQuery)
    pending_skills = await moderation.list_pending(deps, actor, after=query.after, limit=query.limit or PAGE)
    documents = []
    for pending in pending_skills:
        similar = [deps.vocabulary.name_of(key, actor.locale) for key in pending.similar]
        documents.append(pending_skill_document(pending, similar))
    return reply(documents)


@op(tags=("moderation",), ok=DecisionDocument, body=DecisionBody, errors=(403, 404, 409))
async def decide(request: web.Request) -> web.Response:
    """Name, merge or reject a skill.

    For moderators. The profiles of all users with the skill are updated within seconds. Of two
    different decisions at the same time one gets 409; repeating a decision is not an error.
    """
    deps, actor = await signed_in(request)
    body = await read_body(request, DecisionBody)
    if body.decision == "merged":
        record = await moderation.merge_skill(deps, actor, body.key, body.into)
    elif body.decision == "rejected":
        record = await moderation.reject_skill(deps, actor, body.key)
    else:
        skill_names = SkillNames(dict(body.names or {}), body.category, body.aliases)
        record = await moderation.name_skill(deps, actor, body.key, skill_names)
    return reply(decision_document(record))


def routes() -> list[web.RouteDef]:
    return [web.get("/api/skills/pending", list_pending), web.post("/api/skills/decisions", decide)]
