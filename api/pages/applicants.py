"""The moderators' page of applications: who waits at the door, and what they have answered."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.language import texts_of
from api.pages.forms import Form, on_to, read_form
from api.pages.moderation import names_of, staff_page
from api.pages.problems import as_page, refusal_of
from api.pages.swap_views import moment
from domain.applications import LET_IN, MAX_ASKED, NOT_NOW, WAITING
from domain.errors import Problem
from domain.users import User
from handlers.applications import (
    ask_applicant,
    count_waiting,
    decide_application,
    get_applicant,
    list_applications,
)
from handlers.runtime.deps import Deps

SHOWN: Final = 20
LISTS: Final = (WAITING, NOT_NOW, LET_IN)
ASK: Final = "ask"


async def _page(
    request: web.Request, deps: Deps, actor: User, form: Form, *, status: int = 200, alert: str = ""
) -> web.Response:
    """Return the page; `form` belongs to the applicant of the address, who is shown first, however they stand now."""
    texts, state = texts_of(request), request.query.get("show", WAITING)
    state = state if state in LISTS else WAITING
    after = request.query.get("after") or None
    found = await list_applications(deps, actor, state=state, after=after, limit=SHOWN)
    more = {"show": state, "after": found[-1][1].id} if len(found) == SHOWN else None
    user_id = request.match_info.get("id", "")
    if user_id:
        first = await get_applicant(deps, user_id)
        found = [first, *(each for each in found if each[1].id != user_id)]
    decided = [application.decided_by for _, application in found]
    names = await names_of(deps, texts, [*decided, *(user.joining.invited_by for user, _ in found)])
    return staff_page(
        request,
        actor,
        "moderation_applications.html",
        "applications",
        status=status,
        alert=alert,
        form=form,
        form_of=user_id,
        shown=state,
        lists=LISTS,
        applicants=[
            (user, one, moment(texts, one.since, actor.timezone) if one.since is not None else None)
            for user, one in found
        ],
        skills_of=lambda skills: [texts.skill(skill) for skill in skills],
        names=names,
        waiting=await count_waiting(deps),
        more=f"/moderation/applications?{urlencode(more)}" if more else "",
        max_asked=MAX_ASKED,
    )


@as_page
async def show_applications(request: web.Request) -> web.Response:
    """Show the applications in a state, longest waiting first."""
    deps, actor = await signed_in(request)
    return await _page(request, deps, actor, Form(()))


@as_page
async def decide(request: web.Request) -> web.Response:
    """Let an applicant in, not now, or ask them something. When another moderator was faster, the application is shown
    as it is now."""
    deps, actor = await signed_in(request)
    form, user_id = await read_form(request), request.match_info["id"]
    decision = form.text("decision")
    try:
        if decision == ASK:
            await ask_applicant(deps, actor, user_id, form.text("text"), version=form.number("version"))
        else:
            await decide_application(deps, actor, user_id, decision, version=form.number("version"))
    except Problem as problem:
        if problem.kind not in ("conflict", "invalid", "forbidden"):
            raise
        return await _page(request, deps, actor, form, **refusal_of(request, problem))
    return on_to("/moderation/applications")


def routes() -> list[web.RouteDef]:
    return [
        web.get("/moderation/applications", show_applications),
        web.post("/moderation/applications/{id}", decide),
    ]
