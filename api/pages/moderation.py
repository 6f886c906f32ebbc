"""The first page of moderators: the cases, by how they stand; and what their pages have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.language import texts_of
from api.pages.layout import render
from api.pages.problems import as_page
from api.pages.swap_views import moment
from domain.cases import DONE, OPEN, REPORT, TAKEN, Case
from domain.users import User
from handlers.cases import list_cases
from handlers.runtime.deps import Deps
from handlers.runtime.texts import Texts
from handlers.users import get_people

SECTIONS: Final = ("cases", "applications", "disputes", "skills", "notes", "audit")
"""The moderators' pages, as the navigation names them."""
SHOWN: Final = 50
MINE: Final = "mine"
STATES: Final[Mapping[str, tuple[str, ...]]] = {OPEN: (OPEN, TAKEN), MINE: (TAKEN,), DONE: (DONE,)}
"""Lists of cases, and the states of those in them."""


def staff_page(
    request: web.Request, actor: User, template: str, section: str, *, status: int = 200, **values: Any
) -> web.Response:
    """Return a page of the moderators, with the navigation between them."""
    texts = texts_of(request)
    return render(
        request,
        texts,
        template,
        user=actor,
        title=texts.plain(f"page.moderation.{section}"),
        status=status,
        sections=SECTIONS,
        section=section,
        **values,
    )


async def names_of(deps: Deps, texts: Texts, ids: Iterable[str]) -> Mapping[str, str]:
    """Return the name of each of these users, "somebody" for who has none or has left."""
    wanted = tuple({user_id for user_id in ids if user_id})
    people, somebody = await get_people(deps, wanted), texts.plain("swap.somebody")
    return {user_id: people[user_id].name or somebody if user_id in people else somebody for user_id in wanted}


def reason_of(texts: Texts, reason: str) -> str:
    """Return a preset as moderators read it, or somebody's own words."""
    return texts.plain(f"report.reason.{reason}") if texts.has(f"report.reason.{reason}") else reason


def action_of(texts: Texts, action: str) -> str:
    """Return what was done, as the audit and the history of a case name it, in words."""
    key = f"page.moderation.action.{action.removeprefix('case.').replace('.', '_')}"
    return texts.plain(key) if texts.has(key) else action


def why_of(texts: Texts, case: Case) -> str:
    """Return in one line what a case is about."""
    kinds = [texts.plain(f"case.kind.{kind}") for kind in case.kinds if kind != REPORT]
    return " · ".join([*(reason_of(texts, reason) for reason in case.reasons if reason), *kinds])


@as_page
async def show_cases(request: web.Request) -> web.Response:
    """Show the cases: those to be looked at oldest first, those in the reader's hands, or those that are done."""
    deps, actor = await signed_in(request)
    texts, shown = texts_of(request), request.query.get("show", OPEN)
    shown = shown if shown in STATES else OPEN
    before = request.query.get("before") or None
    page = await list_cases(deps, actor, states=STATES[shown], before=before, limit=SHOWN)
    cases = [case for case in page if shown != MINE or case.taken_by == actor.id]
    names = await names_of(deps, texts, [*(case.about for case in cases), *(case.taken_by for case in cases)])
    more = {"show": shown, "before": page[-1].id} if len(page) == SHOWN else None
    return staff_page(
        request,
        actor,
        "moderation_cases.html",
        "cases",
        shown=shown,
        lists=tuple(STATES),
        cases=[(case, why_of(texts, case), moment(texts, case.opened_at, actor.timezone)) for case in cases],
        names=names,
        more=f"/moderation?{urlencode(more)}" if more else "",
    )


def routes() -> list[web.RouteDef]:
    return [web.get("/moderation", show_cases)]
