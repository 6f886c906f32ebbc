"""The page that shows one person at a time with whom a swap is possible, and searches for others."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.errors import Malformed, status_of
from api.http.language import texts_of
from api.pages.discover_views import BY_NAME, CARD, Asked, advice_view, asked_in, found_view
from api.pages.forms import Form, on_to, read_form
from api.pages.layout import render
from api.pages.person_cards import person_card, person_line
from api.pages.problems import as_page, refusal_of, words_of
from domain.decks import TEACHERS
from domain.errors import Invalid, NotFound, Problem
from domain.matches import Match
from domain.standing import ASK
from domain.swaps import OPEN
from domain.users import User
from handlers import matches
from handlers.alerts import add_alert, list_alerts
from handlers.circles import list_circles
from handlers.people_search import search_by_name
from handlers.runtime.deps import Deps
from handlers.text_search import TextSearch, search_text

SHOWN: Final = 20
"""People in the list beside the card."""
MAX_TYPED: Final = 200
"""Characters of a search: several skills may be named."""
SKIP, PASS, UNDO, AGAIN, ALERT = "skip", "pass", "undo", "again", "alert"
"""Actions of the forms of the page."""


@as_page
async def show_discover(request: web.Request) -> web.Response:
    """Show the next person of the deck, or what a search finds."""
    deps, actor = await signed_in(request)
    return await _page(request, deps, actor, asked_in(Form(list(request.query.items()))))


async def _page(
    request: web.Request, deps: Deps, actor: User, asked: Asked, *, status: int = 200, alert: str = ""
) -> web.Response:
    texts, found = texts_of(request), TextSearch()
    if asked.q:
        try:
            found = await _search(deps, actor, asked)
        except Invalid as problem:
            status, alert = status_of(problem), alert or words_of(problem, texts)
    people, chosen, alerts, circles = await asyncio.gather(
        _people(deps, actor, asked, found),
        _chosen(deps, actor, asked.who),
        list_alerts(deps, actor),
        list_circles(deps, actor),
    )
    shown = chosen or next(iter(people), None)
    advice = None
    if not asked.q and shown is None and actor.can_match:
        advice = advice_view(texts, await matches.advise_on_deck(deps, actor), {one.skill for one in alerts})
    aside = await _chosen(deps, actor, asked.aside)
    return render(
        request,
        texts,
        "discover.html",
        user=actor,
        title=texts.plain("page.discover.title"),
        status=status,
        alert=alert,
        asked=asked,
        address_of_person=asked.address_of_person(),
        card=person_card(texts, shown, deps.now()) if shown is not None else None,
        share=f"{deps.public_url}/people/{shown.user.id}" if shown is not None else "",
        is_chosen=chosen is not None,
        is_gone=bool(asked.who) and chosen is None,
        lines=[person_line(texts, match) for match in people],
        found=found_view(deps, texts, actor, asked, found, {one.key for one in alerts})
        if asked.q and not alert
        else None,
        advice=advice,
        aside=aside.user if aside is not None else None,
        alerts=[texts.skill(one.skill) for one in alerts if one.is_running],
        alerted=next((texts.skill(one.skill) for one in alerts if one.id == asked.alerted), ""),
        circles=[view for view in circles if view.status in OPEN],
        kind=asked.kind,
        teachers=TEACHERS,
        max_typed=MAX_TYPED,
        may_ask=actor.refused_as(ASK, deps.now()) is None,
    )


async def _search(deps: Deps, actor: User, asked: Asked) -> TextSearch:
    if asked.by == BY_NAME:
        return TextSearch(asked.q, await search_by_name(deps, actor, asked.q, page=asked.page, size=SHOWN), True)
    return await search_text(deps, actor, asked.q, page=asked.page, size=SHOWN)


async def _people(deps: Deps, actor: User, asked: Asked, found: TextSearch) -> list[Match]:
    if asked.q:
        return found.page.matches if found.page is not None else []
    return (await matches.list_matches(deps, actor, kind=asked.kind, limit=SHOWN)).matches


async def _chosen(deps: Deps, actor: User, user_id: str) -> Match | None:
    """Return the match with a person whom the address names, None when they cannot be seen (any more)."""
    if not user_id or user_id == actor.id:
        return None
    with contextlib.suppress(NotFound):
        return await matches.view_match(deps, actor, user_id)
    return None


@as_page
async def act(request: web.Request) -> web.Response:
    """Do what was pressed, and go on to the next person. What is refused is said on the page."""
    deps, actor = await signed_in(request)
    form = await read_form(request)
    asked = asked_in(form)
    try:
        return on_to(await _done(deps, actor, form, asked))
    except Problem as problem:
        if problem.kind not in ("conflict", "invalid", "not_found"):
            raise
        return await _page(request, deps, actor, asked, **refusal_of(request, problem))


async def _done(deps: Deps, actor: User, form: Form, asked: Asked) -> str:
    """Do what a form asks for, and return the address that says so. Raises Invalid, NotFound, Conflict, TooMany,
    Malformed."""
    action, user_id = form.text("action"), form.text("user_id")
    if action in (SKIP, PASS):
        with contextlib.suppress(NotFound):  # became private meanwhile: the next one comes all the same
            await (matches.skip_match if action == SKIP else matches.pass_match)(deps, actor, user_id)
            return asked.address(aside=user_id) + CARD
        return asked.address() + CARD
    if action == UNDO:
        await matches.take_back_decision(deps, actor, user_id)
        return asked.address(who=user_id) + CARD
    if action == AGAIN:
        return asked.address(again=await matches.reconsider_skipped(deps, actor)) + CARD
    if action == ALERT:
        alert = await add_alert(deps, actor, form.text("skill"))
        return asked.address(alerted=alert.id) + CARD
    raise Malformed("request.malformed")


def routes() -> list[web.RouteDef]:
    return [web.get("/discover", show_discover), web.post("/discover", act)]
