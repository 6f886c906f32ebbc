"""The few pages of our own: home with a small web chat, signing in from Telegram, and the files they load."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from html import escape
from pathlib import Path
from typing import Final

from aiohttp import web

from api.auth.current_user import current_user
from api.http.context import ApiContext, context_of
from api.http.language import language_headers, texts_of
from api.http.origins import address_notice
from api.pages.circles import circles_section, facts_list
from domain.errors import NotFound
from domain.messages import MAX_MESSAGE_LENGTH
from domain.swaps import ACCEPTED, CANCELLED, PENDING, REJECTED, Swap
from domain.talks import actions
from domain.users import User
from handlers import circles, swaps, users
from handlers.request_facts import request_facts
from handlers.runtime.deps import Deps
from handlers.runtime.texts import Html, Texts

FOLDER: Final = Path(__file__).parent / "assets"
FILES: Final = {
    "page.css": "text/css",
    "ask.js": "text/javascript",
    "chat.js": "text/javascript",
    "circles.js": "text/javascript",
    "conversation.js": "text/javascript",
    "live.js": "text/javascript",
    "texts.js": "text/javascript",
}
SHOWN_SWAPS: Final = 50

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' https: data: {photos}; form-action {form_action}; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = {
    # Not "no-referrer": with it browsers send `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_VERBS: Final = {"accept": ACCEPTED, "reject": REJECTED, "cancel": CANCELLED}


def page(
    texts: Texts,
    body: str,
    *,
    title: str = "Skill Swap",
    status: int = 200,
    photos: str = "",
    form_action: str = "'self'",
) -> web.Response:
    """A whole page around the body, which is HTML in the language of `texts` with everything from outside escaped.

    `photos` is the address that our own photos come from; a page that has it is a live one, with the chat.
    `form_action` is where its forms, and the redirects after them, may lead.
    """
    script = '<script type="module" src="/page/chat.js"></script>' if photos else ""
    headers = {
        **_HEADERS,
        **language_headers(texts),
        "Content-Security-Policy": POLICY.format(photos=photos, form_action=form_action),
    }
    text = (
        f'<!doctype html><html lang="{texts.locale}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="icon" href="data:,"><link rel="stylesheet" href="/page/page.css">{script}</head>'
        f"<body>{body}</body></html>"
    )
    return web.Response(text=text, status=status, content_type="text/html", headers=headers)


def card(title: str, *paragraphs: str) -> str:
    """A narrow page's one box; all of it is HTML."""
    return f'<main class="narrow"><section class="card"><h1>{title}</h1>{"".join(paragraphs)}</section></main>'


def confirm_link(texts: Texts, token: str) -> str:
    return card(
        texts("page.link.title"),
        f"<p>{texts('page.link.text')}</p>",
        '<form method="post" action="/api/auth/callback/telegram-link">'
        f'<input type="hidden" name="token" value="{escape(token)}">'
        f'<button class="primary">{texts("page.link.button")}</button></form>',
        f'<p class="quiet">{texts("page.link.quiet")}</p>',
    )


def link_expired(texts: Texts) -> str:
    return card(
        texts("page.link.expired.title"),
        f"<p>{texts('page.link.expired.text')}</p>",
        f"<p>{texts('page.link.expired.new')}</p>",
    )


async def get_home(request: web.Request) -> web.Response:
    """Return the page: an introduction, or, for a signed-in user, their swaps, circles and chats."""
    context = context_of(request)
    user = await current_user(request)
    texts = texts_of(request)
    notice = address_notice(context, request, texts)
    if user is None:
        return page(texts, _header(context, texts) + notice + _introduction(context, texts))
    mine = await swaps.list_swaps(context.deps, user, limit=SHOWN_SWAPS)
    people = await users.get_people(context.deps, tuple({person for swap in mine for person in swap.others(user.id)}))
    circles_part = circles_section(texts, user, await circles.list_circles(context.deps, user))
    rows = [_row(context.deps, texts, swap, user, people) for swap in mine]
    body = _header(context, texts, is_signed_in=True) + notice + _home(texts, user, rows, circles_part)
    return page(texts, body, photos=context.deps.public_url)


def _header(context: ApiContext, texts: Texts, *, is_signed_in: bool = False) -> str:
    links = f'<a href="/docs">{texts("page.header.reference")}</a>'
    if context.sandbox_page:
        links += f'<a href="/sandbox">{texts("page.header.sandbox")}</a>'
    if is_signed_in:
        links += f'<a href="/api/auth/signout">{texts("page.header.sign_out")}</a>'
    else:
        links += f'<a href="/api/auth/signin">{texts("page.header.sign_in")}</a>'
    return f'<header><a class="brand" href="/">Skill&nbsp;Swap</a><nav>{links}</nav></header>'


def _introduction(context: ApiContext, texts: Texts) -> str:
    bot = texts("page.home.bot")
    if context.sandbox_page:
        bot = f'<a href="/sandbox">{texts("page.home.bot_in_sandbox")}</a>'
    return (
        f'<main class="narrow"><section class="hero"><h1>{texts("page.home.claim")}</h1>'
        f"<p>{texts('page.home.about')}</p></section>"
        f'<section class="card"><h2>{texts("page.home.come_in")}</h2><p>{texts("page.home.start", bot=Html(bot))}</p>'
        f'<p>{texts("page.home.no_telegram")} <a class="button" href="/api/auth/signin">'
        f"{texts('page.home.sign_in_here')}</a></p></section></main>"
    )


def _home(texts: Texts, user: User, rows: list[str], circles_part: str) -> str:
    photo = f'<img class="face" src="{escape(user.photo_url)}" alt="">' if user.photo_url else ""
    none = texts("page.home.no_skills")
    skills = (
        f"<p>{texts('page.home.teaches', skills=Html(_chips(texts, user.skills_offered) or none))}</p>"
        f"<p>{texts('page.home.learns', skills=Html(_chips(texts, user.skills_wanted) or none))}</p>"
    )
    empty = f'<p class="quiet">{texts("page.home.no_swaps")}</p>'
    return (
        f'<main data-me="{user.id}" data-texts="{_live_texts(texts)}"><section class="card profile">{photo}'
        f"<div><h1>{texts('page.home.hello', name=user.name)}</h1>"
        f'{skills}<p class="quiet">{texts("page.home." + user.visibility)}</p></div></section>'
        f'<div class="columns"><section><h2>{texts("page.home.swaps")}</h2>'
        f"{''.join(rows) or empty}{circles_part}</section>{_chat(texts)}</div></main>"
    )


@cache
def _live_texts(texts: Texts) -> str:
    """Return the texts of the page's scripts, as JSON for an attribute."""
    return escape(json.dumps(texts.templates("page.live."), ensure_ascii=False))


def _chips(texts: Texts, skills: Iterable[str]) -> str:
    return " ".join(f'<span class="chip">{escape(texts.skill(skill))}</span>' for skill in skills)


def _row(deps: Deps, texts: Texts, swap: Swap, user: User, people: Mapping[str, User]) -> str:
    partner = people.get(swap.others(user.id)[0]) if swap.others(user.id) else None
    name = partner.name if partner is not None and partner.name else texts.plain("swap.somebody")
    can = actions(swap, user.id, deps.now())
    buttons = "".join(
        f'<button data-swap="{swap.id}" data-version="{swap.version}" data-status="{status}">'
        f"{texts(f'page.swap.{verb}')}</button>"
        for verb, status in _VERBS.items()
        if verb in can and swap.status == PENDING
    )
    if "chat" in can and partner is not None:
        pair = f"{texts.skill_name(swap.learnt_by(user.id))} ⇄ {texts.skill_name(swap.taught_by(user.id))}"
        kind = "primary" if swap.status == ACCEPTED else ""
        buttons += (
            f'<button class="{kind}" data-chat="{swap.id}" data-name="{escape(name)}" data-pair="{escape(pair)}">'
            f"{texts('page.swap.ask' if swap.status == PENDING else 'page.live.chat')}</button>"
        )
    if buttons:
        buttons = f'<div class="buttons">{buttons}</div>'
    away = swap.is_open and partner is not None and partner.id in swap.away
    note = f'<p class="quiet">{texts("page.swap.away")}</p>' if away else ""
    if swap.decline_reason and user.id == swap.author:
        note += f'<p class="quiet">{texts(f"swap.why.{swap.decline_reason}")}</p>'
    note += f'<p class="note">{escape(swap.message)}</p>' if swap.message else ""
    teaches, learns = (Html(_chips(texts, [skill])) for skill in (swap.taught_by(user.id), swap.learnt_by(user.id)))
    facts = request_facts(deps, texts, swap, user, partner)
    profile = _profile(texts, partner) if facts and partner is not None and partner.is_listed else ""
    return (
        f'<article class="card swap" id="swap-{swap.id}"><h3>{escape(name)} <span class="state {escape(swap.status)}">'
        f"{texts(f'swap.status.{swap.outcome}')}</span></h3>"
        f"<p>{texts('page.swap.skills', teaches=teaches, learns=learns)}</p>"
        f"{facts_list(facts)}{profile}{note}{buttons}</article>"
    )


def _profile(texts: Texts, person: User) -> str:
    """Return a public profile, folded up."""
    face = f'<img class="face" src="{escape(person.photo_url)}" alt="">' if person.photo_url else ""
    skills = (
        f"<p>{texts('page.home.teaches', skills=Html(_chips(texts, person.skills_offered)))}</p>"
        f"<p>{texts('page.home.learns', skills=Html(_chips(texts, person.skills_wanted)))}</p>"
    )
    return f"<details><summary>{texts('request.see_profile', name=person.name)}</summary>{face}{skills}</details>"


def _chat(texts: Texts) -> str:
    stop, photo, write, message = (
        escape(texts.plain(f"page.chat.{name}")) for name in ("stop", "send_photo", "write", "message")
    )
    return (
        '<section class="card chat" id="chat" hidden><h2 id="with"></h2><ol id="log" aria-live="polite"></ol>'
        '<p class="quiet" id="typing" aria-live="polite"></p><p class="about" id="about" hidden>'
        f'<span id="about-words"></span><button type="button" id="about-cancel" aria-label="{stop}">✕</button></p>'
        f'<form id="say"><label class="attach" title="{photo}">+<input type="file" id="photo" '
        'accept="image/jpeg,image/png,image/webp" hidden></label>'
        f'<input id="words" autocomplete="off" maxlength="{MAX_MESSAGE_LENGTH}" '
        f'placeholder="{write}" aria-label="{message}">'
        f'<button class="primary">{texts("page.chat.send")}</button></form>'
        '<p class="quiet" id="hint" role="status"></p></section>'
    )


async def get_sandbox(request: web.Request) -> web.Response:
    """On to the local Telegram, where there is one."""
    target = context_of(request).sandbox_page
    if target is None:
        raise NotFound("not_found")
    return web.Response(status=302, headers={"Location": target})


async def get_file(request: web.Request) -> web.StreamResponse:
    """A style sheet or script of these pages."""
    name = request.match_info["name"]
    if name not in FILES:
        raise NotFound("not_found")
    headers = {"Content-Type": f"{FILES[name]}; charset=utf-8", "Cache-Control": "no-cache"}
    return web.FileResponse(FOLDER / name, headers=headers)


def routes() -> list[web.RouteDef]:
    return [
        web.get("/", get_home),
        web.get("/sandbox", get_sandbox),
        web.get("/page/{name}", get_file),
    ]
