"""The moderators' pages of disputes: the list of open ones, and one with what both have said."""

from __future__ import annotations

from urllib.parse import urlencode

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.language import texts_of
from api.pages.forms import Form, on_to, read_form
from api.pages.moderation import names_of, staff_page
from api.pages.problems import as_page, refusal_of
from api.pages.swap_views import moment
from domain.errors import Conflict, Forbidden, NotFound, Problem
from domain.outcomes import DECISIONS, is_in_dispute
from domain.sessions import DISPUTED as SESSION_DISPUTED
from domain.swaps import Swap
from domain.timetable import MAX_STATEMENT_LENGTH
from domain.users import User
from handlers.disputes import decide_dispute, find_dispute, list_disputes
from handlers.runtime.deps import Deps
from handlers.standing import require_moderator

SHOWN = 50


@as_page
async def show_disputes(request: web.Request) -> web.Response:
    """Show the open disputes in which the reader has no part, oldest first."""
    deps, actor = await signed_in(request)
    texts = texts_of(request)
    page = await list_disputes(deps, actor, after=request.query.get("after") or None, limit=SHOWN)
    names = await names_of(deps, texts, [person for swap in page for person in swap.disputants])
    return staff_page(
        request,
        actor,
        "moderation_disputes.html",
        "disputes",
        disputes=[
            (
                swap.id,
                texts.enumerate([names[person] for person in swap.disputants]),
                moment(texts, swap.plan.disputed_at or swap.created_at, actor.timezone),
            )
            for swap in page
        ],
        more=f"/moderation/disputes?{urlencode({'after': page[-1].id})}" if len(page) == SHOWN else "",
    )


async def _load(deps: Deps, actor: User, swap_id: str) -> Swap:
    """Return a dispute, decided or not, for a moderator without a part in it. Raises Forbidden, NotFound."""
    require_moderator(actor)
    swap = await find_dispute(deps, swap_id)
    if swap is None:
        raise NotFound("swap.not_found")
    if actor.id in swap.participants:
        raise Forbidden("swap.own_dispute")
    return swap


async def _page(
    request: web.Request, deps: Deps, actor: User, form: Form, *, status: int = 200, alert: str = ""
) -> web.Response:
    texts = texts_of(request)
    swap = await _load(deps, actor, request.match_info["id"])
    people = {person for leg in swap.legs for person in (leg.teacher, leg.learner)}
    names = await names_of(deps, texts, {*people, *swap.participants})
    return staff_page(
        request,
        actor,
        "moderation_dispute.html",
        "disputes",
        status=status,
        alert=alert,
        form=form,
        swap=swap,
        names=names,
        who=texts.enumerate([names[person] for person in swap.disputants]),
        legs=[(names[leg.teacher], names[leg.learner], texts.skill(leg.skill)) for leg in swap.legs],
        sessions=[
            (moment(texts, session.starts_at, actor.timezone), session.answers)
            for session in swap.plan.sessions
            if session.status == SESSION_DISPUTED and session.starts_at is not None
        ],
        is_open=is_in_dispute(swap, deps.now()),
        decisions=DECISIONS,
        max_reason=MAX_STATEMENT_LENGTH,
    )


@as_page
async def show_dispute(request: web.Request) -> web.Response:
    """Show a dispute."""
    deps, actor = await signed_in(request)
    return await _page(request, deps, actor, Form(()))


@as_page
async def decide(request: web.Request) -> web.Response:
    """Decide a dispute. When another moderator was faster, it is shown as it is now, with the reason as written."""
    deps, actor = await signed_in(request)
    form, swap_id = await read_form(request), request.match_info["id"]
    try:
        await decide_dispute(deps, actor, swap_id, form.text("decision"), form.text("reason"))
    except Problem as problem:
        if not isinstance(problem, Conflict) and problem.kind != "invalid":
            raise
        return await _page(request, deps, actor, form, **refusal_of(request, problem))
    return on_to(f"/moderation/disputes/{swap_id}")


def routes() -> list[web.RouteDef]:
    return [
        web.get("/moderation/disputes", show_disputes),
        web.get("/moderation/disputes/{id}", show_dispute),
        web.post("/moderation/disputes/{id}", decide),
    ]
