"""The page of one's own application: what is still to be done, how it stands, and the question to answer."""

from __future__ import annotations

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.language import texts_of
from api.pages.forms import Form, on_to, read_form
from api.pages.layout import render
from api.pages.problems import as_page, refusal_of
from api.pages.swap_views import moment
from domain.applications import BEGUN, MAX_ANSWER, WAITING
from domain.community import APPROVAL, GROUP, LINK
from domain.errors import Problem
from domain.users import User
from handlers.applications import count_community, get_application, submit_application
from handlers.community import get_community
from handlers.joining import is_applicant, is_complete
from handlers.rules import has_agreed
from handlers.runtime.deps import Deps


async def _page(
    request: web.Request, deps: Deps, actor: User, form: Form, *, status: int = 200, alert: str = ""
) -> web.Response:
    texts, community = texts_of(request), await get_community(deps)
    application = await get_application(deps, actor)
    is_invited = bool(actor.joining.invite_id)
    is_asked = application.state == WAITING and bool(application.asked) and not application.replied
    may_apply = application.state == BEGUN and community.join in (APPROVAL, GROUP)
    needs_link = community.join == LINK and not is_invited
    return render(
        request,
        texts,
        "application.html",
        user=actor,
        title=texts.plain("page.application.title"),
        status=status,
        alert=alert,
        form=form,
        application=application,
        since=moment(texts, application.since, actor.timezone) if application.since is not None else None,
        current=community,
        question=application.question or community.question or texts.plain("door.default_question"),
        numbers=await count_community(deps),
        is_asked=is_asked,
        needs_link=needs_link,
        may_apply=may_apply,
        steps=not needs_link and application.state == BEGUN,
        has_agreed=has_agreed(community, actor),
        is_complete=is_complete(actor),
        is_unfinished_in_telegram=actor.can_match and not is_complete(actor),
        max_answer=MAX_ANSWER,
    )


@as_page
async def show_application(request: web.Request) -> web.Response:
    """Show how the reader's application stands; whoever is in goes home."""
    deps, actor = await signed_in(request)
    if not is_applicant(actor):
        return on_to("/")
    return await _page(request, deps, actor, Form(()))


@as_page
async def apply(request: web.Request) -> web.Response:
    """Answer the community's question, or the moderators'. What is refused is said beside the answer as it was
    written."""
    deps, actor = await signed_in(request)
    form = await read_form(request)
    if not is_applicant(actor):
        return on_to("/")
    try:
        await submit_application(deps, actor, form.text("answer"))
    except Problem as problem:
        if problem.kind not in ("conflict", "invalid", "forbidden", "too_many"):
            raise
        return await _page(request, deps, actor, form, **refusal_of(request, problem))
    return on_to("/application")


def routes() -> list[web.RouteDef]:
    return [web.get("/application", show_application), web.post("/application", apply)]
