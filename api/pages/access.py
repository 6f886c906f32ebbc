"""Settings of how the reader signs in: ways in, the merge of two profiles, and sessions."""

from __future__ import annotations

from typing import Any, Final

from aiohttp import hdrs, web

from api.auth.session_cookies import clear_session, set_session
from api.auth.sessions import current_session_id
from api.http.context import context_of
from api.pages.forms import Form, on_to
from domain.users import User
from handlers.auth import accounts, sessions
from handlers.runtime.deps import Deps

ACCESS, SESSIONS = "/settings/access", "/settings/sessions"
MAX_SHOWN: Final = 50

Values = dict[str, Any]


async def show_access(request: web.Request, deps: Deps, actor: User) -> Values:
    found = await accounts.list_linked_accounts(deps, actor)
    return {
        "accounts": [(one.id, one.name) for one in found],
        "telegram": accounts.TELEGRAM_ACCOUNT,
        "minutes": int(accounts.CODE_LIVES.total_seconds() // 60),
        "max_code": accounts.MAX_CODE_INPUT,
        "code": "",
        "survivor": None,
        "typed": "",
    }


async def change_access(request: web.Request, deps: Deps, actor: User, form: Form) -> Values | web.Response:
    """Do what was pressed: unlink a way in; make a code, look at what one would do, or use it."""
    action, code = form.text("action"), form.text("code")
    if action == "unlink":
        await accounts.unlink(deps, actor, form.text("account"))
        return on_to(f"{ACCESS}?saved")
    if action == "offer":
        return {"code": (await accounts.offer_merge(deps, actor))[0]}
    if action == "accept":
        return await _merge(request, deps, actor, code)
    return {"survivor": await accounts.preview_merge(deps, actor, code), "typed": code}


async def _merge(request: web.Request, deps: Deps, actor: User, code: str) -> web.Response:
    survivor = await accounts.accept_merge(deps, actor, code)
    agent = request.headers.get(hdrs.USER_AGENT, "")
    token = await sessions.open_session(deps, survivor, provider="merge", user_agent=agent)
    response = on_to("/me")
    set_session(context_of(request), request, response, token)
    return response


async def show_sessions(request: web.Request, deps: Deps, actor: User) -> Values:
    current = current_session_id(request, deps)
    found = (await sessions.list_sessions(deps, actor))[:MAX_SHOWN]
    return {"sessions": [(one, accounts.name_of_provider(one.provider), one.id == current) for one in found]}


async def end_sessions(request: web.Request, deps: Deps, actor: User, form: Form) -> web.Response:
    """End one session, or all of them; whoever ends their own is signed out here."""
    session_id = form.text("session")
    if session_id:
        await sessions.end_session(deps, actor, session_id)
    else:
        await sessions.end_all_sessions(deps, actor)
    is_own = not session_id or session_id == current_session_id(request, deps)
    response = on_to("/" if is_own else f"{SESSIONS}?saved")
    if is_own:
        clear_session(request, response)
    return response
