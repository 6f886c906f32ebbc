"""The moderators' page of one person: how they stand, the decisions that are open, and those that were made."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.language import texts_of
from api.pages.forms import Form, on_to, read_form
from api.pages.moderation import action_of, names_of, reason_of, staff_page
from api.pages.problems import as_page, refusal_of
from api.pages.swap_views import moment
from domain.cases import BAN, PRESETS
from domain.errors import Problem
from domain.exits import MAX_SUSPENSION, USUAL_SUSPENSION
from domain.ids import is_id
from domain.users import User
from handlers.audit import list_audit
from handlers.person_decisions import decide_about, get_decidable, open_decisions
from handlers.runtime.deps import Deps
from handlers.standing import MAX_REASON

SHOWN: Final = 20


async def _page(
    request: web.Request, deps: Deps, actor: User, form: Form, *, status: int = 200, alert: str = ""
) -> web.Response:
    texts, user_id = texts_of(request), request.match_info["id"]
    person = await get_decidable(deps, actor, user_id)
    entries = await list_audit(deps, actor, about=user_id, limit=SHOWN)
    named, until = person.standings(deps.now()), person.standing.suspended_until
    decisions = open_decisions(deps, person)
    return staff_page(
        request,
        actor,
        "moderation_person.html",
        "audit",
        status=status,
        alert=alert,
        form=form,
        person=person,
        person_name=person.name or texts.plain("swap.somebody"),
        standings=[texts.plain(f"case.standing.{name}") for name in named if name != "member"],
        until=moment(texts, until, actor.timezone) if until is not None else None,
        decisions=decisions,
        asks_about_ban=form.text("action") == BAN and not form.text("sure") and BAN in decisions,
        entries=[(one, action_of(texts, one.action), moment(texts, one.at, actor.timezone)) for one in entries],
        names=await names_of(deps, texts, [entry.by for entry in entries if is_id(entry.by)]),
        reason_of=lambda reason: reason_of(texts, reason),
        presets=PRESETS,
        days=form.number("days") or USUAL_SUSPENSION.days,
        max_days=MAX_SUSPENSION.days,
        max_reason=MAX_REASON,
    )


@as_page
async def show_person(request: web.Request) -> web.Response:
    """Show how a person stands."""
    deps, actor = await signed_in(request)
    return await _page(request, deps, actor, Form(()))


@as_page
async def decide(request: web.Request) -> web.Response:
    """Decide about the person. What is refused is said beside the form as it was filled in."""
    deps, actor = await signed_in(request)
    form, user_id = await read_form(request), request.match_info["id"]
    action = form.text("action")
    if action == BAN and not form.text("sure"):
        return await _page(request, deps, actor, form)
    reason = form.text("words").strip() or form.text("reason")
    days = form.number("days")
    try:
        await decide_about(
            deps, actor, user_id, action, reason=reason, days=USUAL_SUSPENSION.days if days is None else days
        )
    except Problem as problem:
        if problem.kind not in ("conflict", "invalid", "forbidden"):
            raise
        kept = Form([field for field in form.fields if field[0] not in ("action", "sure")])
        return await _page(request, deps, actor, kept, **refusal_of(request, problem))
    return on_to(f"/moderation/people/{user_id}")


def routes() -> list[web.RouteDef]:
    return [web.get("/moderation/people/{id}", show_person), web.post("/moderation/people/{id}", decide)]
