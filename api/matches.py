"""The deck: who could swap with the one who asks."""

from __future__ import annotations

from aiohttp import web

from api.auth import signed_in
from api.bodies import read_query, reply
from api.inputs import MatchesQuery
from api.openapi import op
from api.schemas import MatchCard, match_card
from handlers import matches


@op(tags=("people",), ok=list[MatchCard], query=MatchesQuery)
async def list_matches(request: web.Request) -> web.Response:
    """List the people with whom a swap is possible, best first.

    They teach something you want and want something you teach. People you have asked or skipped do not come again.
    """
    deps, actor = await signed_in(request)
    limit = min(read_query(request, MatchesQuery).limit or matches.MAX_RESULTS, matches.MAX_RESULTS)
    return reply([match_card(match) for match in await matches.list_matches(deps, actor, limit=limit)])


def routes() -> list[web.RouteDef]:
    return [web.get("/api/matches", list_matches)]
