"""The home page, with a small web chat."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Final

from aiohttp import web

from api.auth.current_user import current_user, signed_in
from api.http.context import context_of
from api.http.language import texts_of
from api.pages.blocks import block_links
from api.pages.circles import CHAT_LINK, circles_section, facts_list
from api.pages.community import front_page
from api.pages.forms import on_to
from api.pages.layout import render
from api.pages.navigation import badges_of
from api.pages.problems import as_page
from api.pages.reader import APPLICATION, STANDING
from api.pages.reports import report_links
from api.pages.standing import standing_page
from api.pages.swap_views import why
from domain.errors import NotFound
from domain.messages import MAX_MESSAGE_LENGTH
from domain.screening import partners_of
from domain.standing import MEMBER, READ_OTHERS, READ_OWN
from domain.swaps import ACCEPTED, CANCELLED, PENDING, REJECTED, Swap
from domain.talks import actions
from domain.users import User
from handlers import circles, swaps, users
from handlers.joining import is_applicant
from handlers.request_facts import request_facts
from handlers.runtime.deps import Deps
from handlers.runtime.texts import Html, Texts

SHOWN_SWAPS: Final = 50
_VERBS: Final = {"accept": ACCEPTED, "reject": REJECTED, "cancel": CANCELLED}


@as_page
async def get_root(request: web.Request) -> web.Response:
    """Return the front page for a visitor; a signed-in reader goes on to what waits for them, else to new people."""
    deps = context_of(request).deps
    user = await current_user(request)
    if user is None:
        return await front_page(request, None)
    if user.refused_as(READ_OWN, deps.now()) is not None:
        return await standing_page(request, user)
    if badges_of(request).waiting:
        return on_to("/swaps")
    if user.refused_as(READ_OTHERS, deps.now()) is not None:
        return on_to(APPLICATION if is_applicant(user) else STANDING)
    if not user.onboarded and not user.can_match:
        return on_to("/welcome")
    # Until there is a page to discover people: the former home page.
    pages = {resource.canonical for resource in request.app.router.resources()}
    return on_to("/discover" if "/discover" in pages else "/home")


@as_page
async def get_home(request: web.Request) -> web.Response:
    """Return the former home page: the reader's swaps, circles and chats. It goes when all these have their own."""
    deps, user = await signed_in(request)
    texts = texts_of(request)
    mine = await swaps.list_swaps(deps, user, limit=SHOWN_SWAPS)
    people = await users.get_people(deps, tuple({person for swap in mine for person in partners_of(swap, user.id)}))
    circles_part = circles_section(texts, user, await circles.list_circles(deps, user))
    rows = [_row(deps, texts, swap, user, people) for swap in mine]
    if len(mine) == SHOWN_SWAPS:
        rows.append(f'<p><a href="/swaps">{texts("page.swap.to_list")}</a></p>')
    body = _home(texts, user, rows, circles_part)
    return render(request, texts, "plain.html", user=user, body=body, scripts=("chat.js",))


def _home(texts: Texts, user: User, rows: list[str], circles_part: str) -> str:
    photo = f'<img class="face" src="{escape(user.photo_url)}" alt="">' if user.photo_url else ""
    none = texts("page.home.no_skills")
    skills = (
        f"<p>{texts('page.home.teaches', skills=Html(_chips(texts, user.skills_offered) or none))}</p>"
        f"<p>{texts('page.home.learns', skills=Html(_chips(texts, user.skills_wanted) or none))}</p>"
    )
    # Whoever is hidden is not told; applicants and suspended people know that nobody sees them.
    is_in = user.standing.membership == MEMBER and user.standing.suspended_until is None
    seen = f'<p class="quiet">{texts("page.home." + user.visibility)}</p>' if is_in else ""
    empty = f'<p class="quiet">{texts("page.home.no_swaps")}</p>'
    return (
        f'<main id="main" tabindex="-1" data-plain data-me="{user.id}">'
        f'<section class="card profile">{photo}'
        f"<div><h1>{texts('page.home.hello', name=user.name)}</h1>"
        f"{skills}{seen}"
        f'<p class="quiet"><a href="/blocks">{texts("page.blocks.title")}</a></p></div></section>'
        f'<div class="columns"><section><h2>{texts("page.home.swaps")}</h2>'
        f"{''.join(rows) or empty}{circles_part}</section>{_chat(texts)}</div></main>"
    )


def _chips(texts: Texts, skills: Iterable[str]) -> str:
    return " ".join(f'<span class="chip">{escape(texts.skill(skill))}</span>' for skill in skills)


def _row(deps: Deps, texts: Texts, swap: Swap, user: User, people: Mapping[str, User]) -> str:
    partners = partners_of(swap, user.id)
    partner = people.get(partners[0]) if partners else None
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
        kind = "button" if swap.status == ACCEPTED else "button plain"
        buttons += (
            f'<a class="{kind}" {CHAT_LINK.format(id=swap.id)} data-name="{escape(name)}" data-pair="{escape(pair)}">'
            f"{texts('page.swap.ask' if swap.status == PENDING else 'page.live.chat')}</a>"
        )
    if buttons:
        buttons = f'<div class="buttons">{buttons}</div>'
    away = swap.is_open and partner is not None and partner.id in swap.away
    note = f'<p class="quiet">{texts("page.swap.away")}</p>' if away else ""
    if reason := why(texts, swap, user.id):
        note += f'<p class="quiet">{escape(reason)}</p>'
    note += f'<p class="note">{escape(swap.message)}</p>' if swap.message else ""
    teaches, learns = (Html(_chips(texts, [skill])) for skill in (swap.taught_by(user.id), swap.learnt_by(user.id)))
    facts = request_facts(deps, texts, swap, user, partner)
    safety = ""
    if partner is not None and partner.name:
        safety = block_links(texts, [(f"/block/{partner.id}", name)]) + report_links(
            texts, swap.id, [(partner.id, name)]
        )
    profile = _profile(texts, partner) if facts and partner is not None and partner.is_listed else ""
    return (
        f'<article class="card swap" id="swap-{swap.id}"><h3><a href="/swaps/{swap.id}">{escape(name)}</a> '
        f'<span class="state {escape(swap.status)}">'
        f"{texts(f'swap.status.{swap.outcome}')}</span></h3>"
        f"<p>{texts('page.swap.skills', teaches=teaches, learns=learns)}</p>"
        f"{facts_list(facts)}{profile}{note}{buttons}{safety}</article>"
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


def routes() -> list[web.RouteDef]:
    return [
        web.get("/", get_root),
        web.get("/home", get_home),
        web.get("/sandbox", get_sandbox),
    ]
