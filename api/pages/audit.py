"""The moderators' page of the audit: who has decided what about whom, and the undo of what is fresh."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.language import texts_of
from api.pages.forms import on_to, read_form
from api.pages.moderation import action_of, names_of, reason_of, staff_page
from api.pages.problems import as_page, refusal_of
from api.pages.swap_views import moment
from domain.errors import Problem
from domain.exits import UNDO_WITHIN
from domain.ids import is_id
from domain.users import User
from handlers.audit import AuditEntry, list_audit
from handlers.runtime.deps import Deps
from handlers.standing import UNDOABLE, undo

SHOWN: Final = 50
FILTERS: Final = ("about", "by", "case")


async def _page(request: web.Request, deps: Deps, actor: User, *, status: int = 200, alert: str = "") -> web.Response:
    texts, now = texts_of(request), deps.now()
    chosen = {name: request.query[name] for name in FILTERS if is_id(request.query.get(name, ""))}
    entries = await list_audit(
        deps,
        actor,
        about=chosen.get("about", ""),
        by=chosen.get("by", ""),
        case_id=chosen.get("case", ""),
        before=request.query.get("before") or None,
        limit=SHOWN,
    )
    people = [person for entry in entries for person in (entry.about, entry.by) if is_id(person)]
    more = {**chosen, "before": entries[-1].id} if len(entries) == SHOWN else None
    return staff_page(
        request,
        actor,
        "moderation_audit.html",
        "audit",
        status=status,
        alert=alert,
        entries=[
            (
                entry,
                action_of(texts, entry.action),
                moment(texts, entry.at, actor.timezone),
                reason_of(texts, entry.reason),
                _is_fresh(entry, now),
            )
            for entry in entries
        ],
        names=await names_of(deps, texts, people),
        chosen=bool(chosen),
        more=f"/moderation/audit?{urlencode(more)}" if more else "",
    )


def _is_fresh(entry: AuditEntry, now: datetime) -> bool:
    """Return whether the decision can still be undone, as far as the entry tells. A case has an undo of its own, which
    opens it again."""
    return (
        entry.action in UNDOABLE and "standing" in entry.before and not entry.case_id and now - entry.at < UNDO_WITHIN
    )


@as_page
async def show_audit(request: web.Request) -> web.Response:
    """Show what was decided, newest first; `about`, `by` and `case` choose."""
    deps, actor = await signed_in(request)
    return await _page(request, deps, actor)


@as_page
async def undo_decision(request: web.Request) -> web.Response:
    """Undo a decision about a person."""
    deps, actor = await signed_in(request)
    form = await read_form(request)
    try:
        await undo(deps, actor, form.text("entry"))
    except Problem as problem:
        if problem.kind not in ("conflict", "not_found"):
            raise
        return await _page(request, deps, actor, **refusal_of(request, problem))
    return on_to("/moderation/audit")


def routes() -> list[web.RouteDef]:
    return [web.get("/moderation/audit", show_audit), web.post("/moderation/audit", undo_decision)]
