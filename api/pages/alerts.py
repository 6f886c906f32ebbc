"""The page of alerts: who begins to teach a skill. Plain forms that need no JavaScript."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.errors import Malformed
from api.http.language import texts_of
from api.pages.forms import Form, on_to, read_form
from api.pages.layout import render
from api.pages.person_cards import name_of
from api.pages.problems import as_page, refusal_of
from domain.alerts import MAX_FINDS, Alert
from domain.availability import local_time
from domain.errors import Problem
from domain.skills import MAX_SKILL_LENGTH
from domain.standing import ASK
from domain.users import User
from handlers import alerts
from handlers.runtime.deps import Deps
from handlers.runtime.texts import Texts

ADD, RENEW, REMOVE = "add", "renew", "remove"
MAX_OFFERED: Final = 8
MAX_NAMED: Final = 5
"""People found by one alert who are named, the latest; the others are counted."""


@dataclass(frozen=True, slots=True)
class AlertLine:
    """An alert in words. `found` are (id, name) of those who teach it since, `more` counts those not named."""

    id: str
    skill: str
    until: str
    is_running: bool
    found: tuple[tuple[str, str], ...]
    more: int


def _line(texts: Texts, viewer: User, alert: Alert, people: dict[str, User]) -> AlertLine:
    found = [people[find.teacher_id] for find in alert.finds[-MAX_FINDS:] if find.teacher_id in people]
    named = tuple((person.id, name_of(texts, person)) for person in reversed(found[-MAX_NAMED:]))
    until = texts.date(local_time(alert.expires_at, viewer.timezone).date())
    return AlertLine(alert.id, texts.skill(alert.skill), until, alert.is_running, named, max(0, len(found) - MAX_NAMED))


async def _page(
    request: web.Request, deps: Deps, actor: User, form: Form, *, status: int = 200, alert: str = ""
) -> web.Response:
    texts = texts_of(request)
    mine = await alerts.list_alerts(deps, actor)
    people = await alerts.found_people(deps, mine) if mine else {}
    has_alert = {one.key for one in mine}
    set_now = next((one for one in mine if one.id == request.query.get("on")), None)
    similar = deps.vocabulary.similar(set_now.skill) if set_now is not None else ()
    wanted = zip(actor.skills_wanted, actor.wanted_keys, strict=True)
    return render(
        request,
        texts,
        "alerts.html",
        user=actor,
        title=texts.plain("page.alerts.title"),
        status=status,
        alert=alert,
        form=form,
        lines=[_line(texts, actor, one, people) for one in mine],
        offered=[skill for skill, key in wanted if key not in has_alert][:MAX_OFFERED],
        removed=request.query.get("removed", "")[:MAX_SKILL_LENGTH],
        set_now=texts.skill(set_now.skill) if set_now is not None else "",
        similar=[deps.vocabulary.name_of(key, actor.locale) for key in similar if key not in has_alert],
        max_skill=MAX_SKILL_LENGTH,
        may_ask=actor.refused_as(ASK, deps.now()) is None,
    )


@as_page
async def show_alerts(request: web.Request) -> web.Response:
    """Show the reader's alerts, with whom they have found."""
    deps, actor = await signed_in(request)
    return await _page(request, deps, actor, Form(()))


@as_page
async def act(request: web.Request) -> web.Response:
    """Add, renew or remove an alert. What is refused is said beside the form as it was filled in."""
    deps, actor = await signed_in(request)
    form = await read_form(request)
    try:
        return on_to(await _done(deps, actor, form))
    except Problem as problem:
        if problem.kind not in ("conflict", "invalid", "not_found", "too_many"):
            raise
        return await _page(request, deps, actor, form, **refusal_of(request, problem))


async def _done(deps: Deps, actor: User, form: Form) -> str:
    """Do what a form asks for, and return the address that says so. Raises Invalid, NotFound, Conflict, TooMany,
    Forbidden, Malformed."""
    action, alert_id = form.text("action"), form.text("alert")
    if action == ADD:
        return f"/alerts?on={(await alerts.add_alert(deps, actor, form.text('skill'))).id}"
    if action == RENEW:
        return f"/alerts?on={(await alerts.renew_alert(deps, actor, alert_id)).id}"
    if action == REMOVE:
        skill = next((one.skill for one in await alerts.list_alerts(deps, actor) if one.id == alert_id), "")
        await alerts.remove_alert(deps, actor, alert_id)
        return f"/alerts?{urlencode({'removed': skill})}"
    raise Malformed("request.malformed")


def routes() -> list[web.RouteDef]:
    return [web.get("/alerts", show_alerts), web.post("/alerts", act)]
