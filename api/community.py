"""Routes of the community: public to read, its admins change it."""

from __future__ import annotations

from aiohttp import hdrs, web

from api.auth.current_user import signed_in
from api.http.bodies import read_body, reply
from api.http.context import context_of
from api.http.versions import etag, expected_version, stale_as_412
from api.openapi.operation import op
from api.schemas.community import AgreementBody, CommunityBody, CommunityDocument, community_document
from api.schemas.users import OwnUser, own_user
from domain.community import Community
from handlers import community, rules


@op(tags=("community",), ok=CommunityDocument, is_public=True, errors=(503,))
async def get_community(request: web.Request) -> web.Response:
    """Get the community.

    For a front end's first screen: its name, its rules, and how people come in. Nobody has to be
    signed in.
    """
    return _reply(await community.get_community(context_of(request).deps))


@op(tags=("community",), ok=CommunityDocument, body=CommunityBody, errors=(403, 409), is_conditional=True)
async def put_community(request: web.Request) -> web.Response:
    """Change the community.

    For admins. Fields that are left out stay as they are. Other rules are the next version of the
    rules, and everybody is asked to agree to them anew. `photo_url` is the address of a photo that
    you have uploaded.
    """
    deps, actor = await signed_in(request)
    body = await read_body(request, CommunityBody)
    version = expected_version(request, body.version)
    with stale_as_412(request, version):
        return _reply(await community.change_community(deps, actor, body.changes(), expected=version))


@op(tags=("community",), ok=OwnUser, body=AgreementBody, errors=(409,))
async def put_agreement(request: web.Request) -> web.Response:
    """Agree to the rules of the community.

    Needed before the first request, and again when `rules_version` of the community is above `rules_agreed` of your
    profile: until then, asking somebody is answered with 403 `rules.not_agreed`. 409 when the rules have changed since
    you read them; `current` has them as they are now.
    """
    deps, actor = await signed_in(request)
    version = (await read_body(request, AgreementBody)).rules_version
    return reply(own_user(await rules.agree_to_rules(deps, actor, version)))


def _reply(found: Community) -> web.Response:
    return reply(community_document(found), headers={hdrs.ETAG: etag(found.version)})


def routes() -> list[web.RouteDef]:
    return [
        web.get("/api/community", get_community),
        web.put("/api/community", put_community),
        web.put("/api/community/agreement", put_agreement),
    ]
