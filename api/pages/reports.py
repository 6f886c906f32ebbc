"""Pages of reports: the form, and what is said after it. A plain form that needs no JavaScript."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.language import texts_of
from api.pages.forms import Form, read_form
from api.pages.layout import render
from api.pages.problems import as_page, refusal_of
from domain.circle_views import YOU_LEARN, YOU_TEACH
from domain.errors import Invalid
from domain.reports import EVIDENCE_MESSAGES, MAX_TEXT_LENGTH, PROFILE, REASONS, REVIEW, SWAP, Complaint
from domain.users import User, first_name
from handlers.blocks import get_seated
from handlers.reportable import get_reportable
from handlers.reports import report
from handlers.runtime.deps import Deps
from handlers.runtime.texts import Texts

SEATS: Final = (YOU_LEARN, YOU_TEACH)
"""In the place of an id: somebody in a circle that is not closed, by the number of their seat."""


@as_page
async def ask_for_report(request: web.Request) -> web.Response:
    """Ask what somebody is reported for."""
    deps, actor = await signed_in(request)
    return await _page(request, deps, actor, Form((("block", "on"),)))


async def _page(
    request: web.Request, deps: Deps, actor: User, form: Form, *, status: int = 200, alert: str = ""
) -> web.Response:
    texts = texts_of(request)
    who, swap_id = request.match_info["who"], request.match_info.get("swap_id", "")
    _, name = await _person(deps, texts, actor, who, swap_id)
    return render(
        request,
        texts,
        "report.html",
        user=actor,
        title=texts.plain("page.report.title", name=name),
        status=status,
        alert=alert,
        form=form,
        person=name,
        action=request.path_qs,
        reasons=REASONS,
        has_messages=bool(swap_id) and who not in SEATS,
        messages=EVIDENCE_MESSAGES,
        max_length=MAX_TEXT_LENGTH,
    )


@as_page
async def send_report(request: web.Request) -> web.Response:
    """Report somebody, and say that it has arrived. What is refused is said beside the form as it was filled in."""
    deps, actor = await signed_in(request)
    texts, form = texts_of(request), await read_form(request)
    who, swap_id = request.match_info["who"], request.match_info.get("swap_id", "")
    review_id = request.query.get("review", "")
    person, name = await _person(deps, texts, actor, who, swap_id)
    try:
        complaint = Complaint(
            about=person.id,
            subject=REVIEW if review_id else SWAP if swap_id else PROFILE,
            subject_id=review_id or swap_id or person.id,
            reason=form.text("reason"),
            text=form.text("text"),
            with_messages=bool(form.all_of("attach_messages")),
            with_block=bool(form.all_of("block")),
            seat=who if who in SEATS else "",
        )
        await report(deps, actor, complaint)
    except Invalid as problem:
        return await _page(request, deps, actor, form, **refusal_of(request, problem))
    return render(
        request,
        texts,
        "reported.html",
        user=actor,
        title=texts.plain("page.report.received"),
        person=name,
        is_blocked=complaint.with_block,
    )


async def _person(deps: Deps, texts: Texts, actor: User, who: str, swap_id: str) -> tuple[User, str]:
    """Return who is meant, and the name that the reporter knows. Raises NotFound."""
    somebody = texts.plain("swap.somebody")
    if who in SEATS:
        person = await get_seated(deps, actor, swap_id, who)
        return person, first_name(person) or somebody
    person = await get_reportable(deps, actor, who)
    return person, person.name or somebody


def routes() -> list[web.RouteDef]:
    return [
        web.get("/report/{who}", ask_for_report),
        web.post("/report/{who}", send_report),
        web.get("/report/{swap_id}/{who}", ask_for_report),
        web.post("/report/{swap_id}/{who}", send_report),
    ]
