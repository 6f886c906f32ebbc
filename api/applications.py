"""Routes of the door: one's own application, the moderators' decisions, and invite links."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.bodies import read_body, read_query, reply
from api.http.context import context_of
from api.openapi.operation import op
from api.schemas.applications import (
    AcceptBody,
    ApplicantDocument,
    ApplicationBody,
    ApplicationDocument,
    ApplicationsQuery,
    DecideBody,
    InviteBody,
    InviteDocument,
    InviteViewDocument,
    applicant_document,
    application_document,
    invite_document,
    invite_view_document,
)
from api.schemas.users import OwnUser, own_user
from domain.applications import Application
from domain.invites import Invite
from domain.links import INVITE, write_link
from handlers import applications, invites
from handlers.community import get_community
from handlers.runtime.deps import Deps

PAGE: Final = 50


@op(tags=("community",), ok=ApplicationDocument, errors=(404,))
async def get_application(request: web.Request) -> web.Response:
    """Get your application.

    404 when you are a member. Until you are let in you see how many people teach how many skills, and none of them.
    """
    deps, actor = await signed_in(request)
    return reply(await _own_document(deps, await applications.get_application(deps, actor)))


@op(tags=("community",), ok=ApplicationDocument, body=ApplicationBody, errors=(404, 409))
async def post_application(request: web.Request) -> web.Response:
    """Apply to the community, or answer what the moderators have asked.

    Takes a profile with a skill on each side, and agreement to the rules. Where people come in by links only, nobody
    can apply: 403.
    """
    deps, actor = await signed_in(request)
    body = await read_body(request, ApplicationBody)
    return reply(await _own_document(deps, await applications.submit_application(deps, actor, body.answer)))


@op(tags=("moderation",), ok=list[ApplicantDocument], query=ApplicationsQuery, errors=(403,))
async def list_applications(request: web.Request) -> web.Response:
    """List applications.

    For moderators. Longest waiting first; `after` is the id of the last user seen.
    """
    deps, actor = await signed_in(request)
    query = read_query(request, ApplicationsQuery)
    found = await applications.list_applications(
        deps, actor, state=query.state, after=query.after, limit=query.limit or PAGE
    )
    return reply([applicant_document(user, each, deps.now()) for user, each in found])


@op(tags=("moderation",), ok=ApplicantDocument, body=DecideBody, errors=(403, 404, 409))
async def decide_application(request: web.Request) -> web.Response:
    """Decide about an application.

    For moderators: let in, not now (which may become a yes later), or ask something. Of two moderators at the same time
    one gets 409. Nobody decides about themselves.
    """
    deps, actor = await signed_in(request)
    body, user_id = await read_body(request, DecideBody), request.match_info["id"]
    if body.decision == "ask":
        await applications.ask_applicant(deps, actor, user_id, body.text, version=body.version)
    else:
        await applications.decide_application(deps, actor, user_id, body.decision, version=body.version)
    user, application = await applications.get_applicant(deps, user_id)
    return reply(applicant_document(user, application, deps.now()))


@op(tags=("community",), ok=list[InviteDocument])
async def list_invites(request: web.Request) -> web.Response:
    """List your invite links.

    Newest first, those that are over included.
    """
    deps, actor = await signed_in(request)
    return reply([_invite(deps, invite) for invite in await invites.list_invites(deps, actor)])


@op(tags=("community",), ok=InviteDocument, status=201, body=InviteBody, errors=(403, 409))
async def post_invite(request: web.Request) -> web.Response:
    """Make an invite link.

    Moderators always, members where the community lets them: one at a time, five uses in thirty days. A use counts
    when the invited person's profile is complete.
    """
    deps, actor = await signed_in(request)
    body = await read_body(request, InviteBody)
    return reply(_invite(deps, await invites.make_invite(deps, actor, uses=body.uses, days=body.days)), status=201)


@op(tags=("community",), ok=InviteDocument, errors=(403, 404))
async def delete_invite(request: web.Request) -> web.Response:
    """End an invite link.

    Your own; moderators end everybody's. Whoever came by it and is in stays.
    """
    deps, actor = await signed_in(request)
    return reply(_invite(deps, await invites.revoke_invite(deps, actor, request.match_info["id"])))


@op(tags=("community",), ok=InviteViewDocument, is_public=True, errors=(404, 503))
async def get_invite(request: web.Request) -> web.Response:
    """See what an invite link is worth.

    For the page behind the link, before anybody has signed in. 404 for a code that there never was.
    """
    return reply(invite_view_document(await invites.view_invite(context_of(request).deps, request.match_info["code"])))


@op(tags=("community",), ok=OwnUser, body=AcceptBody, errors=(404,))
async def accept_invite(request: web.Request) -> web.Response:
    """Come in by an invite link.

    You are a member as soon as your profile has a skill on each side. 404 alike for links that are unknown, used up,
    expired or taken back.
    """
    deps, actor = await signed_in(request)
    code = (await read_body(request, AcceptBody)).code
    return reply(own_user(await invites.accept_invite(deps, actor, code)))


async def _own_document(deps: Deps, application: Application) -> ApplicationDocument:
    community = await get_community(deps)
    return application_document(application, await applications.count_community(deps), community.question)


def _invite(deps: Deps, invite: Invite) -> InviteDocument:
    return invite_document(
        invite, write_link(INVITE, invite.code) or "", f"{deps.public_url}/i/{invite.code}", deps.now()
    )


def routes() -> list[web.RouteDef]:
    return [
        web.get("/api/application", get_application),
        web.post("/api/application", post_application),
        web.get("/api/moderation/applications", list_applications),
        web.post("/api/moderation/applications/{id}", decide_application),
        web.get("/api/invites", list_invites),
        web.post("/api/invites", post_invite),
        web.get("/api/invites/codes/{code}", get_invite),
        web.post("/api/invites/accept", accept_invite),
        web.delete("/api/invites/{id}", delete_invite),
    ]
