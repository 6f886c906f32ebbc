"""The page of one swap: who, what, where it stands, and a form for everything that the reader can do now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.errors import detail_of, status_of
from api.http.language import texts_of
from api.http.times import read_times
from api.pages.forms import Form, on_to, read_form
from api.pages.layout import render
from api.pages.navigation import badges_of
from api.pages.problems import as_page
from api.pages.swap_detail import change_of, swap_detail
from api.pages.swap_list import read_list
from api.pages.swap_views import current_of
from domain.errors import Invalid, Problem
from domain.swaps import ACCEPTED, CANCELLED, REJECTED, Swap
from domain.users import User
from handlers import sessions
from handlers.repeated_requests import ask_again
from handlers.reviews import reply_to_review
from handlers.runtime.deps import Deps
from handlers.swaps import answer_swap, get_swap

NOTHING: Final = Form(())

Act = Callable[[Deps, User, str, Form], Awaitable[Swap]]


async def swap_page(
    request: web.Request,
    deps: Deps,
    actor: User,
    swap: Swap,
    form: Form = NOTHING,
    *,
    status: int = 200,
    alert: str = "",
    has_changed: bool = False,
) -> web.Response:
    """Return the page of a swap. With an alert, what a form held stands beside it, and how the swap has changed."""
    texts = texts_of(request)
    one = await swap_detail(deps, texts, actor, swap)
    return render(
        request,
        texts,
        "swaps.html",
        user=actor,
        title=one.names,
        status=status,
        alert=f"{alert} {change_of(texts, one)}" if has_changed else alert,
        form=form,
        mine=await read_list(deps, texts, actor, badges_of(request).waiting),
        quota=None,
        is_open=True,
        one=one,
    )


@as_page
async def show_swap(request: web.Request) -> web.Response:
    """Show one of the reader's swaps."""
    deps, actor = await signed_in(request)
    return await swap_page(request, deps, actor, await get_swap(deps, actor, request.match_info["id"]))


@as_page
async def act_on_swap(request: web.Request) -> web.Response:
    """Do what a form of the page asks for. What is refused is said on the page as it stands now."""
    deps, actor = await signed_in(request)
    form, swap_id = await read_form(request), request.match_info["id"]
    act = ACTIONS.get(form.text("action"))
    try:
        if act is None:
            raise Invalid("swap.unknown_status", field="action")
        after = await act(deps, actor, swap_id, form)
    except Problem as problem:
        if problem.kind not in ("conflict", "invalid", "forbidden"):
            raise
        swap = current_of(problem) or await get_swap(deps, actor, swap_id)
        alert = detail_of(problem.code, problem.params, texts_of(request))
        status, has_changed = status_of(problem), problem.code == "swap.changed"
        return await swap_page(request, deps, actor, swap, form, status=status, alert=alert, has_changed=has_changed)
    return on_to(f"/swaps/{after.id}")


def _answer(status: str) -> Act:
    async def act(deps: Deps, actor: User, swap_id: str, form: Form) -> Swap:
        starts = await read_times(form.all_of("starts_at"), actor.timezone, "starts_at") if status == ACCEPTED else ()
        return await answer_swap(
            deps,
            actor,
            swap_id,
            status,
            version=form.number("version"),
            reason=form.text("reason") if status == REJECTED else "",
            starts_at=starts[0] if starts else None,
        )

    return act


async def _agree(deps: Deps, actor: User, swap_id: str, form: Form) -> Swap:
    starts = await read_times(form.all_of("starts_at"), actor.timezone, "starts_at")
    if not starts:
        raise Invalid("session.no_such_slot", field="starts_at")
    return await sessions.agree_session(
        deps, actor, swap_id, form.text("session"), starts[0], version=form.number("version")
    )


async def _call_off(deps: Deps, actor: User, swap_id: str, form: Form) -> Swap:
    return await sessions.call_off_session(deps, actor, swap_id, form.text("session"), version=form.number("version"))


async def _say(deps: Deps, actor: User, swap_id: str, form: Form) -> Swap:
    said = form.text("said")
    legs = form.numbers("leg") if said == "yes" else ()
    reason = form.text("reason") if said == "no" else ""
    return await sessions.answer_session(deps, actor, swap_id, form.text("session"), said, legs=legs, reason=reason)


async def _state(deps: Deps, actor: User, swap_id: str, form: Form) -> Swap:
    return await sessions.make_statement(deps, actor, swap_id, form.text("statement"))


async def _reply(deps: Deps, actor: User, swap_id: str, form: Form) -> Swap:
    await reply_to_review(deps, actor, form.text("review"), form.text("reply"))
    return await get_swap(deps, actor, swap_id)


async def _again(deps: Deps, actor: User, swap_id: str, form: Form) -> Swap:
    return await ask_again(deps, actor, swap_id)


async def _arrange(deps: Deps, actor: User, swap_id: str, form: Form) -> Swap:
    return await sessions.arrange_sessions(deps, actor, swap_id, version=form.number("version"))


async def _confirm(deps: Deps, actor: User, swap_id: str, form: Form) -> Swap:
    return await sessions.confirm_session(deps, actor, swap_id, form.text("session"), version=form.number("version"))


async def _not_yet(deps: Deps, actor: User, swap_id: str, form: Form) -> Swap:
    return await sessions.have_not_met_yet(deps, actor, swap_id, version=form.number("version"))


async def _done(deps: Deps, actor: User, swap_id: str, form: Form) -> Swap:
    return await sessions.finish_swap(deps, actor, swap_id, version=form.number("version"))


ACTIONS: Final[dict[str, Any]] = {
    "accept": _answer(ACCEPTED),
    "reject": _answer(REJECTED),
    "cancel": _answer(CANCELLED),
    "again": _again,
    "agree": _agree,
    "call_off": _call_off,
    "confirm": _confirm,
    "say": _say,
    "arrange": _arrange,
    "not_yet": _not_yet,
    "done": _done,
    "state": _state,
    "reply": _reply,
}
"""Operations of the forms of the page, by the value of their field `action`."""


def routes() -> list[web.RouteDef]:
    return [web.get("/swaps/{id}", show_swap), web.post("/swaps/{id}", act_on_swap)]
