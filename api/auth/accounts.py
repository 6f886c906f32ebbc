"""Linked accounts of a user: listed and unlinked; and the merge of two profiles."""

from __future__ import annotations

from aiohttp import hdrs, web

from api.auth.current_user import signed_in
from api.auth.session_cookies import set_session
from api.http.bodies import read_body, reply
from api.http.context import context_of
from api.openapi.operation import op
from api.schemas.accounts import AccountDocument, MergeBody, MergeCode, MergePreview, account_document
from api.schemas.users import OwnUser, own_user
from api.schemas.values import iso
from handlers.auth import accounts
from handlers.auth.sessions import open_session


@op(tags=("accounts",), ok=list[AccountDocument])
async def list_accounts(request: web.Request) -> web.Response:
    """List your linked accounts.

    Each is a way to sign in. To link another one, sign in with it while you are signed in.
    """
    deps, actor = await signed_in(request)
    return reply([account_document(account) for account in await accounts.list_linked_accounts(deps, actor)])


@op(tags=("accounts",), ok=list[AccountDocument], errors=(403, 404, 409))
async def delete_account(request: web.Request) -> web.Response:
    """Unlink an account.

    Returns the remaining accounts. 409 for the last one, without which you could not sign in again.
    """
    deps, actor = await signed_in(request)
    changed = await accounts.unlink(deps, actor, request.match_info["id"])
    return reply([account_document(account) for account in await accounts.list_linked_accounts(deps, changed)])


@op(tags=("accounts",), ok=MergeCode, status=201, errors=(403,))
async def post_merge_code(request: web.Request) -> web.Response:
    """Create a merge code.

    Enter the code in another profile of yours to merge that profile into this one. It is
    valid once, for ten minutes; a new code replaces it. Keep it secret: a user who enters it
    is merged into your profile.
    """
    deps, actor = await signed_in(request)
    code, expires_at = await accounts.offer_merge(deps, actor)
    document: MergeCode = {"code": code, "expires_at": iso(expires_at)}
    return reply(document, status=201)


@op(tags=("accounts",), ok=MergePreview, body=MergeBody, errors=(409,))
async def preview_merge(request: web.Request) -> web.Response:
    """Preview a merge.

    Returns the profile that yours would be merged into. Nothing is changed.
    """
    deps, actor = await signed_in(request)
    body = await read_body(request, MergeBody)
    survivor = await accounts.preview_merge(deps, actor, body.code)
    document: MergePreview = {"name": survivor.name, "photo_url": survivor.photo_url}
    return reply(document)


@op(tags=("accounts",), ok=OwnUser, body=MergeBody, errors=(409,))
async def accept_merge(request: web.Request) -> web.Response:
    """Merge your profile into another one.

    Your swaps, messages, photos and linked accounts move to the profile that created the code. All
    or nothing, and it cannot be undone. The sessions of your old profile end; this browser is
    signed in to the remaining one.
    """
    deps, actor = await signed_in(request)
    body = await read_body(request, MergeBody)
    survivor = await accounts.accept_merge(deps, actor, body.code)
    agent = request.headers.get(hdrs.USER_AGENT, "")
    token = await open_session(deps, survivor, provider="merge", user_agent=agent)
    response = reply(own_user(survivor))
    set_session(context_of(request), request, response, token)
    return response


def routes() -> list[web.RouteDef]:
    return [
        web.get("/api/accounts", list_accounts),
        web.delete("/api/accounts/{id}", delete_account),
        web.post("/api/accounts/merge", post_merge_code),
        web.post("/api/accounts/merge/preview", preview_merge),
        web.post("/api/accounts/merge/accept", accept_merge),
    ]
