"""The page behind the link of a letter: one answer to the organisers, for whoever the link was sent to."""

from __future__ import annotations

from urllib.parse import quote

from aiohttp import web

from api.http.context import context_of
from api.pages.forms import read_form
from api.pages.layout import render
from api.pages.problems import as_page, refusal_of
from domain.correspondence import MAX_LETTER_LENGTH
from domain.errors import Invalid
from domain.languages import locale_or_default
from domain.users import User
from handlers.answer_links import get_answerer
from handlers.correspondence import answer_organisers, may_answer
from handlers.runtime.texts import Texts


async def _answerer(request: web.Request) -> tuple[User, Texts]:
    context = context_of(request)
    person = await get_answerer(context.deps, context.providers.sealed_cookies, request.query.get("token", ""))
    return person, context.deps.texts[locale_or_default(person.locale)]


@as_page
async def ask_for_answer(request: web.Request) -> web.Response:
    """Ask for the answer, if there is something to answer."""
    person, texts = await _answerer(request)
    if not await may_answer(context_of(request).deps, person):
        return _said(request, texts, "page.answer.nothing")
    return _page(request, texts)


def _page(request: web.Request, texts: Texts, *, written: str = "", status: int = 200, alert: str = "") -> web.Response:
    token = quote(request.query["token"], safe="")
    return render(
        request,
        texts,
        "answer.html",
        title=texts.plain("page.answer.title"),
        status=status,
        alert=alert,
        written=written,
        action=f"/mail/answer?token={token}",
        max_length=MAX_LETTER_LENGTH,
    )


@as_page
async def take_answer(request: web.Request) -> web.Response:
    """Pass the answer on to the moderators. What is refused is said beside the words as they were written."""
    person, texts = await _answerer(request)
    text = (await read_form(request)).text("text")
    try:
        await answer_organisers(context_of(request).deps, person, text)
    except Invalid as problem:
        return _page(request, texts, written=text, **refusal_of(request, problem))
    return _said(request, texts, "page.answer.done")


def _said(request: web.Request, texts: Texts, key: str) -> web.Response:
    return render(request, texts, "said.html", title=texts.plain(f"{key}.title"), key=key, parts=("text",))


def routes() -> list[web.RouteDef]:
    return [web.get("/mail/answer", ask_for_answer), web.post("/mail/answer", take_answer)]
