"""The page of circles of three: one's own, with the answer to each, and those that one could ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.errors import Malformed
from api.http.language import texts_of
from api.pages.forms import Form, on_to, read_form
from api.pages.layout import render
from api.pages.problems import as_page, refusal_of, words_of
from api.pages.swap_views import Moment, moment
from domain.circle_views import CircleView, Seat
from domain.errors import Forbidden, Problem, TooMany
from domain.swaps import ACCEPTED, OPEN, PROPOSED
from domain.users import User
from handlers import circles
from handlers.circles import PossiblePage
from handlers.request_facts import circle_facts
from handlers.runtime.deps import Deps
from handlers.runtime.texts import Texts

ASK, JOIN, DECLINE, LEAVE = "ask", "join", "decline", "leave"
SAID: Final = {ASK: "asked", JOIN: "joined", DECLINE: "declined", LEAVE: "left"}
"""Words of the page after each action."""
NOBODY: Final = PossiblePage([], 0, 0)


@dataclass(frozen=True, slots=True)
class CircleCard:
    """A circle in words. `ring` are the three lessons as (who teaches whom, skill), the reader's first; `facts` are
    lines about the other two while the reader can join, `joined` says who
    of them has joined, `seats` who can be blocked or reported."""

    id: str
    version: int
    names: str
    state: str
    is_turn: bool
    ring: Sequence[tuple[str, str]]
    facts: Sequence[str]
    until: Moment | None
    seats: Sequence[tuple[str, str]]
    joined: str
    is_closed: bool
    can_join: bool


def circle_card(texts: Texts, viewer: User, view: CircleView) -> CircleCard:
    """Return a circle, asked for or possible, in words."""
    learner, teacher = _name(texts, view.you_teach), _name(texts, view.you_learn)
    ring = (
        (texts.plain("page.circles.you_learn", name=teacher), texts.skill(view.you_learn.skill)),
        (texts.plain("page.circles.you_teach", name=learner), texts.skill(view.you_teach.skill)),
        (texts.plain("page.circles.between", name=learner, other=teacher), texts.skill(view.between)),
    )
    is_asked = view.status in OPEN
    can_join = view.status == PROPOSED and "join" in view.can
    return CircleCard(
        id=view.id,
        version=view.version,
        names=texts.enumerate([teacher, learner]),
        state=texts.plain(f"circle.state.{view.stage}") if is_asked else "",
        is_turn=can_join,
        ring=ring,
        facts=circle_facts(texts, viewer, view),
        until=moment(texts, view.due_at, viewer.timezone) if view.due_at is not None else None,
        seats=[(place, seat.name) for place, seat in view.seats.items() if seat.name and is_asked],
        joined=_joined(texts, view),
        is_closed=view.status == ACCEPTED,
        can_join=can_join,
    )


def _joined(texts: Texts, view: CircleView) -> str:
    """Return who of the other two has joined."""
    names = [_name(texts, seat) for seat in (view.you_learn, view.you_teach) if seat.has_joined]
    if not names:
        return texts.plain("circle.nobody_joined")
    return texts.plain("circle.joined", n=len(names), names=texts.enumerate(names))


def _name(texts: Texts, seat: Seat) -> str:
    return seat.name or texts.plain(seat.placeholder)


async def _page(request: web.Request, deps: Deps, actor: User, *, status: int = 200, alert: str = "") -> web.Response:
    texts = texts_of(request)
    mine = [view for view in await circles.list_circles(deps, actor) if view.status in OPEN]
    possible = NOBODY
    try:
        possible = await circles.browse_possible(deps, actor, after=request.query.get("after"))
    except (TooMany, Forbidden) as problem:  # one's own circles are shown all the same
        alert = alert or words_of(problem, texts)
    return render(
        request,
        texts,
        "circles.html",
        user=actor,
        title=texts.plain("page.circles.title"),
        status=status,
        alert=alert,
        said=next((word for word in SAID.values() if word == request.query.get("said")), ""),
        mine=[circle_card(texts, actor, view) for view in mine],
        possible=[circle_card(texts, actor, view) for view in possible.views],
        focused=request.query.get("circle", ""),
        total=possible.total,
        following=possible.following,
    )


@as_page
async def show_circles(request: web.Request) -> web.Response:
    """Show the reader's circles, and those that are possible."""
    deps, actor = await signed_in(request)
    return await _page(request, deps, actor)


@as_page
async def act(request: web.Request) -> web.Response:
    """Ask for a circle, join, decline or leave one. After a conflict the page shows how the circles stand now."""
    deps, actor = await signed_in(request)
    form = await read_form(request)
    try:
        return on_to(await _done(deps, actor, form))
    except Problem as problem:
        if problem.kind not in ("conflict", "invalid", "not_found", "too_many"):
            raise
        return await _page(request, deps, actor, **refusal_of(request, problem))


async def _done(deps: Deps, actor: User, form: Form) -> str:
    """Do what a form asks for, and return the address that says so. Raises NotFound, Conflict, TooMany, Forbidden,
    Malformed."""
    action, circle_id = form.text("action"), form.text("circle")
    if action == ASK:
        view = await circles.ask_circle(deps, actor, form.text("key"))
        return _address(ASK, view)
    if action == JOIN:
        view = await circles.join_circle(deps, actor, circle_id, version=form.number("version") or 0)
        is_closed = view.status == ACCEPTED
        return f"/swaps/{view.id}" if is_closed else _address(JOIN, view)
    if action == DECLINE:
        await circles.decline_circle(deps, actor, circle_id)
    elif action == LEAVE:
        await circles.leave_circle(deps, actor, circle_id)
    else:
        raise Malformed("request.malformed")
    return f"/circles?said={SAID[action]}"


def _address(action: str, view: CircleView) -> str:
    """Return where the page says what was done, with the focus on the circle."""
    return f"/circles?said={SAID[action]}&circle={view.id}#circle-{view.id}"


def routes() -> list[web.RouteDef]:
    return [web.get("/circles", show_circles), web.post("/circles", act)]
