"""Problems of pages that people open in a browser: said in a page, not as JSON."""

from __future__ import annotations

import contextlib
import functools
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final
from urllib.parse import urlencode

from aiohttp import web
from typing_extensions import TypedDict

from api.auth.current_user import current_user
from api.http.context import context_of
from api.http.errors import Internal, detail_of, problem_of, retry_after_of, status_of
from api.http.language import texts_of
from api.http.tracebacks import drop_tracebacks
from api.pages.forms import FORM_TYPE, read_form
from api.pages.layout import RETRY_AFTER, render
from api.pages.navigation import count_for_navigation
from api.pages.once import answer_once
from domain.errors import Problem, Unavailable
from domain.users import User
from handlers.runtime.deps import DATABASE_ERRORS
from handlers.runtime.request_id import request_id
from handlers.runtime.texts import Texts

SIGN_IN: Final = "/api/auth/signin"
SCRIPTS: Final = "page"
"""The header `X-Requested-With` of requests of `assets/request.js`."""

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def as_page(handler: Handler) -> Handler:
    """Return the handler with its problems as pages. The navigation is counted before it, and a form that is sent
    twice is carried out once.

    Whoever is not signed in goes to the sign-in page, and comes back to the page of the same address.
    """

    @functools.wraps(handler)
    async def answer(request: web.Request) -> web.StreamResponse:
        user = None
        try:
            user = await current_user(request)
            if user is None:
                return onward(request, await handler(request))
            await count_for_navigation(request, user)
            if request.method != "POST":
                return onward(request, await handler(request))
            once = await answer_once(request, context_of(request).deps, user, lambda: handler(request))
            return onward(request, once)
        except ConnectionError:  # the client has disconnected: nobody reads a page
            raise
        except Exception as error:  # noqa: BLE001 - it is logged there
            try:
                return await _refuse(request, problem_of(error), user)
            finally:
                drop_tracebacks(error)

    return answer


async def _refuse(request: web.Request, problem: Problem, user: User | None) -> web.Response:
    """Return the page of a problem; whoever is not signed in is led to the sign-in page."""
    if isinstance(problem, Internal):
        log.exception("%s of a page failed", request.method)
    if problem.kind == "unauthenticated":
        here = request.path_qs if request.method == "GET" else request.path
        address = f"{SIGN_IN}?{urlencode({'callbackUrl': here})}"
        return web.Response(status=303, headers={"Location": address, "Cache-Control": "no-store"})
    return problem_page(request, problem, user, await _written_in(request))


def onward(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """Return the answer for whoever asks. A script that follows a redirect never sees its fragment, so that one is told
    where to go instead."""
    leads_to = response.headers.get("Location", "")
    if "#" not in leads_to or request.headers.get("X-Requested-With") != SCRIPTS:
        return response
    headers = {"Location": leads_to, "Cache-Control": "no-store"}
    return web.Response(status=200, content_type="text/html", headers=headers)


def words_of(problem: Problem, texts: Texts) -> str:
    """Return what a page says about a problem: that of REST, unless it speaks of routes (`page.refused.<code>`)."""
    key = f"page.refused.{problem.code}"
    return texts.plain(key) if texts.has(key) else detail_of(problem.code, problem.params, texts)


class Refusal(TypedDict):
    """Status and words of a page that says a refusal beside what was asked for."""

    status: int
    alert: str


def refusal_of(request: web.Request, problem: Problem | None) -> Refusal:
    """Return how the page that answers this request says a problem, or that there is none. That page gets its
    `Retry-After`, too."""
    if problem is None:
        return Refusal(status=200, alert="")
    if problem.retry_after is not None:
        request[RETRY_AFTER] = problem.retry_after
    return Refusal(status=status_of(problem), alert=words_of(problem, texts_of(request)))


async def _written_in(request: web.Request) -> Sequence[str]:
    """Return what people wrote into the form that is refused: it stands in the page, so that it can be copied."""
    if request.method != "POST" or request.content_type != FORM_TYPE or not request.content.is_eof():
        return ()  # one that came too slowly, or is too long, is not waited for again
    with contextlib.suppress(Problem):
        return [value for _, value in (await read_form(request)).fields if any(map(str.isspace, value.strip()))]
    return ()


def problem_page(
    request: web.Request, problem: Problem, user: User | None = None, written: Sequence[str] = ()
) -> web.Response:
    """Return the page that says what went wrong, with what was `written` in vain."""
    texts = texts_of(request)
    title, refusal = texts.plain("page.problem.title"), refusal_of(request, problem)
    status, detail = refusal["status"], refusal["alert"]
    return render(
        request,
        texts,
        "problem.html",
        user=user,
        title=title,
        heading=title,
        status=status,
        detail=detail,
        written=written,
        reference=request_id.get() if isinstance(problem, Internal) else None,
        again=request.path_qs if request.method == "GET" else "",
        seconds=retry_after_of(problem),
    )


async def missing_page(request: web.Request) -> web.Response:
    """Return the page of an address where there is nothing."""
    user = None
    with contextlib.suppress(Unavailable, *DATABASE_ERRORS):
        user = await current_user(request)
        if user is not None:
            await count_for_navigation(request, user)
    texts = texts_of(request)
    title, detail = texts.plain("page.missing.title"), texts.plain("page.missing.text")
    return render(request, texts, "problem.html", user=user, title=title, heading=title, status=404, detail=detail)
