"""The few pages of our own: home with a small web chat, signing in from Telegram, and the files they load."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path
from typing import Final

from aiohttp import web

from api.auth.tokens import cookie_token
from api.http.context import ApiContext, context_of
from api.pages.circles import circles_section
from domain.errors import NotFound, Unauthenticated
from domain.swaps import ACCEPTED, PENDING, Swap
from domain.users import User
from handlers import circles, swaps, users
from handlers.auth import authentication

FOLDER: Final = Path(__file__).parent / "assets"
FILES: Final = {
    "page.css": "text/css",
    "ask.js": "text/javascript",
    "chat.js": "text/javascript",
    "circles.js": "text/javascript",
    "conversation.js": "text/javascript",
    "live.js": "text/javascript",
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
_STATUS_WORDS: Final = {
    "pending": "waiting",
    "accepted": "running",
    "rejected": "declined",
    "cancelled": "cancelled",
    "expired": "expired",
}
_VERBS: Final = {
    "accept": ("accepted", "Accept"),
    "reject": ("rejected", "Decline"),
    "cancel": ("cancelled", "Cancel"),
}


def page(
    body: str, *, title: str = "Skill Swap", status: int = 200, photos: str = "", form_action: str = "'self'"
) -> web.Response:
    """A whole page around the body, which is HTML with everything from outside escaped.

    `photos` is the address that our own photos come from; a page that has it is a live one, with the chat.
    `form_action` is where its forms, and the redirects after them, may lead.
    """
    script = '<script type="module" src="/page/chat.js"></script>' if photos else ""
    headers = {**_HEADERS, "Content-Security-Policy": POLICY.format(photos=photos, form_action=form_action)}
    text = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="icon" href="data:,"><link rel="stylesheet" href="/page/page.css">{script}</head>'
        f"<body>{body}</body></html>"
    )
    return web.Response(text=text, status=status, content_type="text/html", headers=headers)


def card(title: str, *paragraphs: str) -> str:
    """A narrow page's one box; all of it is HTML."""
    return f'<main class="narrow"><section class="card"><h1>{title}</h1>{"".join(paragraphs)}</section></main>'


def confirm_link(token: str) -> str:
    return card(
        "Welcome back",
        "<p>One step more: this signs you in on this device.</p>",
        '<form method="post" action="/api/auth/callback/telegram-link">'
        f'<input type="hidden" name="token" value="{escape(token)}">'
        '<button class="primary">Sign in</button></form>',
        '<p class="quiet">The link works once, for five minutes. You did not ask for it? Then close this page.</p>',
    )


def link_expired() -> str:
    return card(
        "This link has done its work",
        "<p>A sign-in link works once and for five minutes; this one has been used, or its time is over.</p>",
        "<p>Send <code>/web</code> to the bot and it gives you a fresh one.</p>",
    )


async def get_home(request: web.Request) -> web.Response:
    """What this is, or, for somebody signed in, their swaps, circles and chats."""
    context = context_of(request)
    try:
        user = await authentication.authenticate(context.deps, cookie_token(context, request))
    except Unauthenticated:
        return page(_header(context) + _introduction(context))
    mine = await swaps.list_swaps(context.deps, user, limit=SHOWN_SWAPS)
    people = await users.get_people(context.deps, tuple({person for swap in mine for person in swap.others(user.id)}))
    body = _home(user, mine, people, circles_section(await circles.list_circles(context.deps, user)))
    return page(_header(context, is_signed_in=True) + body, photos=context.deps.public_url)


def _header(context: ApiContext, *, is_signed_in: bool = False) -> str:
    links = '<a href="/docs">API reference</a>'
    if context.sandbox_page:
        links += '<a href="/sandbox">Telegram sandbox</a>'
    if is_signed_in:
        links += '<a href="/api/auth/signout">Sign out</a>'
    else:
        links += '<a href="/api/auth/signin">Sign in</a>'
    return f'<header><a class="brand" href="/">Skill&nbsp;Swap</a><nav>{links}</nav></header>'


def _introduction(context: ApiContext) -> str:
    bot = '<a href="/sandbox">the bot in the sandbox</a>' if context.sandbox_page else "the Telegram bot"
    return (
        '<main class="narrow"><section class="hero"><h1>I teach you Python,<br>you teach me the guitar.</h1>'
        "<p>A community trades skills: say what you can teach and what you want to learn, meet the person who fits, "
        "and arrange it in a chat. In Telegram or here, it is one and the same.</p></section>"
        f'<section class="card"><h2>Come in</h2><p>Say hello to {bot} to make your profile. '
        "Then send it <code>/web</code>: the link that it gives you opens this page as you.</p>"
        '<p>No Telegram? <a class="button" href="/api/auth/signin">Sign in here</a></p></section></main>'
    )


def _home(user: User, mine: list[Swap], people: Mapping[str, User], circles_part: str) -> str:
    photo = f'<img class="face" src="{escape(user.photo_url)}" alt="">' if user.photo_url else ""
    skills = (
        f"<p>Teaches {_chips(user.skills_offered) or 'nothing yet'}</p>"
        f"<p>Learns {_chips(user.skills_wanted) or 'nothing yet'}</p>"
    )
    rows = "".join(_row(swap, user, people) for swap in mine)
    empty = '<p class="quiet">No swaps yet. In the bot, <code>/match</code> shows who would suit you.</p>'
    return (
        f'<main data-me="{user.id}"><section class="card profile">{photo}<div><h1>Hello, {escape(user.name)}</h1>'
        f'{skills}</div></section><div class="columns"><section><h2>Your swaps</h2>{rows or empty}{circles_part}'
        f"</section>{_CHAT}</div></main>"
    )


def _chips(skills: Iterable[str]) -> str:
    return " ".join(f'<span class="chip">{escape(skill)}</span>' for skill in skills)


def _row(swap: Swap, user: User, people: Mapping[str, User]) -> str:
    partner = people.get(swap.others(user.id)[0]) if swap.others(user.id) else None
    name = escape(partner.name if partner is not None and partner.name else "Somebody who has left")
    can = swap.can(user.id)
    buttons = "".join(
        f'<button data-swap="{swap.id}" data-version="{swap.version}" data-status="{status}">{label}</button>'
        for verb, (status, label) in _VERBS.items()
        if verb in can and swap.status == PENDING
    )
    if swap.status == ACCEPTED and partner is not None:
        buttons = f'<button class="primary" data-chat="{swap.id}" data-name="{name}">Chat</button>'
    if buttons:
        buttons = f'<div class="buttons">{buttons}</div>'
    away = swap.is_open and partner is not None and partner.id in swap.away
    note = '<p class="quiet">Cannot be reached in Telegram just now.</p>' if away else ""
    note += f'<p class="note">{escape(swap.message)}</p>' if swap.message else ""
    return (
        f'<article class="card swap"><h3>{name} <span class="state {escape(swap.status)}">'
        f"{_STATUS_WORDS.get(swap.status, escape(swap.status))}</span></h3>"
        f"<p>You teach {_chips([swap.taught_by(user.id)])} and learn {_chips([swap.learnt_by(user.id)])}</p>"
        f"{note}{buttons}</article>"
    )


_CHAT: Final = (
    '<section class="card chat" id="chat" hidden><h2 id="with"></h2><ol id="log" aria-live="polite"></ol>'
    '<p class="quiet" id="typing" aria-live="polite"></p><p class="about" id="about" hidden>'
    '<span id="about-words"></span><button type="button" id="about-cancel" aria-label="Cancel">✕</button></p>'
    '<form id="say"><label class="attach" title="Send a photo">+<input type="file" id="photo" '
    'accept="image/jpeg,image/png,image/webp" hidden></label>'
    '<input id="words" autocomplete="off" maxlength="4000" placeholder="Write a message" aria-label="Message">'
    '<button class="primary">Send</button></form><p class="quiet" id="hint" role="status"></p></section>'
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
