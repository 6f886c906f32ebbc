"""The page of one case: what was reported with its evidence, and the decisions about it."""

from __future__ import annotations

from typing import Any, Final

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.language import texts_of
from api.pages.forms import Form, on_to, read_form
from api.pages.moderation import action_of, names_of, reason_of, staff_page, why_of
from api.pages.problems import as_page, refusal_of
from api.pages.swap_views import moment
from domain.cases import BAN, DECISIONS, HIDE, MAX_REASON_LENGTH, NOTHING, PRESETS, SUSPEND, WARN, WORD_ACTIONS
from domain.correspondence import MAX_LETTER_LENGTH
from domain.errors import Problem
from domain.screening import WAITING
from domain.users import DELETED, User
from handlers.cases import CaseFile, act_on_case, get_case
from handlers.correspondence import get_correspondence, write_as_organisers
from handlers.runtime.deps import Deps
from handlers.runtime.texts import Texts

WRITE: Final = "write"
FREELY: Final = (WARN, HIDE, SUSPEND, NOTHING)
"""Decisions that are carried out at once; a ban is asked about first."""


async def _page(
    request: web.Request, deps: Deps, actor: User, form: Form, *, status: int = 200, alert: str = ""
) -> web.Response:
    texts, case_id = texts_of(request), request.match_info["id"]
    file = await get_case(deps, actor, case_id)
    case = file.case
    letters = await get_correspondence(deps, actor, case.about) if file.person is not None else None
    writers = {str(said["from_user_id"]) for report in file.reports for said in report.evidence.messages}
    ids = {case.about, case.taken_by, *(event.by for event in case.history), *writers}
    ids |= {report.by for report in file.reports} | {words.to for words in file.words}
    can = case.can(actor.id, deps.now())
    is_here = file.person is not None and file.person.status != DELETED
    return staff_page(
        request,
        actor,
        "moderation_case.html",
        "cases",
        status=status,
        alert=alert,
        form=form,
        file=file,
        case=case,
        can=can,
        # without a person there is nobody left to decide about but by a ban, which bars the way back
        decisions=[one for one in (*FREELY, BAN) if one in can and (is_here or one in (BAN, NOTHING))],
        is_here=is_here,
        word_actions=WORD_ACTIONS if any(words.state == WAITING for words in file.words) else (),
        asks_about_ban=form.text("action") == BAN and not form.text("sure") and BAN in can,
        names=await names_of(deps, texts, ids),
        letters=letters.entries if letters is not None else (),
        max_letter=MAX_LETTER_LENGTH,
        max_reason=MAX_REASON_LENGTH,
        presets=PRESETS,
        **_words(texts, file, actor, deps),
    )


def _words(texts: Texts, file: CaseFile, actor: User, deps: Deps) -> dict[str, Any]:
    """Return what a template cannot say by itself."""
    standings = file.person.standings(deps.now()) if file.person is not None else (DELETED,)
    return {
        "why": why_of(texts, file.case),
        "reason_of": lambda reason: reason_of(texts, reason),
        "action_of": lambda action: action_of(texts, action),
        "when": lambda at: moment(texts, at, actor.timezone),
        "standings": [texts.plain(f"case.standing.{name}") for name in standings if name != "member"],
        "skills_of": lambda skills: [texts.skill(skill) for skill in skills],
    }


@as_page
async def show_case(request: web.Request) -> web.Response:
    """Show a case with all that belongs to it."""
    deps, actor = await signed_in(request)
    return await _page(request, deps, actor, Form(()))


@as_page
async def act(request: web.Request) -> web.Response:
    """Do what a form of the page asks for. When another moderator was faster, the case is shown as it is now, with the
    form as it was filled in."""
    deps, actor = await signed_in(request)
    form, case_id = await read_form(request), request.match_info["id"]
    action = form.text("action")
    if action == BAN and not form.text("sure"):
        return await _page(request, deps, actor, form)
    try:
        if action == WRITE:
            await _write(deps, actor, case_id, form)
        else:
            reason = (
                (form.text("words").strip() or form.text("reason"))
                if action in DECISIONS or action in WORD_ACTIONS
                else ""
            )
            after = await act_on_case(deps, actor, case_id, action, reason, version=form.number("version"))
            case_id = after.id  # taken back, it may have gone into another case that is open
    except Problem as problem:
        if problem.kind not in ("conflict", "invalid", "forbidden"):
            raise
        return await _page(request, deps, actor, _without_action(form), **refusal_of(request, problem))
    return on_to(f"/moderation/cases/{case_id}")


def _without_action(form: Form) -> Form:
    """Return the form without what was pressed: the page that says what was refused asks nothing by itself."""
    return Form([(name, value) for name, value in form.fields if name not in ("action", "sure")])


async def _write(deps: Deps, actor: User, case_id: str, form: Form) -> None:
    file = await get_case(deps, actor, case_id)
    await write_as_organisers(deps, actor, file.case.about, form.text("letter"), card=f"case:{case_id}")


def routes() -> list[web.RouteDef]:
    return [web.get("/moderation/cases/{id}", show_case), web.post("/moderation/cases/{id}", act)]
