"""The reader's settings, a page each: language, sound, who may find them, calendar, keys, leaving. Ways in and sessions
are in `api/pages/access.py`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiohttp import web

from api.auth.current_user import signed_in
from api.auth.session_cookies import clear_session
from api.http.language import texts_of
from api.pages import access
from api.pages.forms import Form, on_to, read_form
from api.pages.layout import render
from api.pages.problems import as_page, refusal_of
from domain.errors import Invalid, NotFound, Problem
from domain.languages import LOCALES
from domain.users import PAUSED, ProfileChanges, User
from handlers.calendar_feeds import find_feed, issue_feed, revoke_feed
from handlers.records import resume
from handlers.runtime.deps import Deps
from handlers.users import delete_account, update_profile

SETTINGS: Final = "/settings"
SAID: Final = frozenset(("conflict", "invalid", "forbidden", "too_many"))
"""Kinds of problems that are said on the page of a setting. What is not there (any more) is not."""
LINES: Final = (
    ("language", "/settings/language", "languages"),
    ("sound", "/settings/sound", "bell"),
    ("zone", "/me/edit/times", "clock"),
    ("visible", "/settings/visible", "eye"),
    ("access", "/settings/access", "key-round"),
    ("sessions", "/settings/sessions", "monitor-smartphone"),
    ("alerts", "/alerts", "search"),
    ("blocks", "/blocks", "ban"),
    ("calendar", "/settings/calendar", "calendar"),
    ("keys", "/settings/keys", "keyboard"),
    ("leave", "/settings/leave", "door-open"),
)
"""Each setting: its name, its page and its icon."""

Values = dict[str, Any]
Save = Callable[[web.Request, Deps, User, Form], Awaitable[Values | web.Response]]


@as_page
async def show_settings(request: web.Request) -> web.Response:
    """Show all settings, each with what it is set to."""
    _, actor = await signed_in(request)
    texts = texts_of(request)
    now = {
        "language": texts.language_name(actor.locale),
        "sound": texts.plain(f"page.settings.sound.{'on' if actor.notifications else 'off'}"),
        "zone": texts.timezone_name(actor.timezone) if actor.timezone else texts.plain("page.me.nothing"),
        "visible": texts.plain(f"page.settings.visible.{_visibility(actor)}"),
    }
    return render(
        request, texts, "settings.html", user=actor, title=texts.plain("page.settings.title"), lines=LINES, now=now
    )


def _visibility(user: User) -> str:
    return "paused" if user.status == PAUSED else ("public" if user.is_public else "private")


async def _page(
    request: web.Request, deps: Deps, actor: User, part: str, *, status: int = 200, alert: str = "", **values: Any
) -> web.Response:
    texts = texts_of(request)
    shown = await _SHOWN[part](request, deps, actor) if part in _SHOWN else {}
    return render(
        request,
        texts,
        f"setting_{part}.html",
        user=actor,
        title=texts.plain(f"page.settings.{part}.title"),
        part=part,
        status=status,
        alert=alert,
        **{"said": "", **shown, **values},
    )


def _part_of(request: web.Request) -> str:
    part = request.match_info["part"]
    if part not in _SAVES and part != "keys":
        raise NotFound("not_found")
    return part


@as_page
async def show_setting(request: web.Request) -> web.Response:
    """Show one setting."""
    deps, actor = await signed_in(request)
    part = _part_of(request)
    said = "saved" if "saved" in request.query else ""
    return await _page(request, deps, actor, part, said=said)


@as_page
async def save_setting(request: web.Request) -> web.Response:
    """Change one setting. What is refused is said on its page."""
    deps, actor = await signed_in(request)
    part, form = _part_of(request), await read_form(request)
    if part not in _SAVES:
        raise NotFound("not_found")
    try:
        done = await _SAVES[part](request, deps, actor, form)
    except Problem as problem:
        if problem.kind not in SAID:
            raise
        return await _page(request, deps, actor, part, **refusal_of(request, problem))
    return done if isinstance(done, web.Response) else await _page(request, deps, actor, part, **done)


def _saved(part: str) -> web.Response:
    return on_to(f"{SETTINGS}/{part}?saved")


async def _save_language(request: web.Request, deps: Deps, actor: User, form: Form) -> web.Response:
    await update_profile(deps, actor, ProfileChanges(locale=form.text("locale")))
    return _saved("language")


async def _save_sound(request: web.Request, deps: Deps, actor: User, form: Form) -> web.Response:
    if form.text("sound") not in ("on", "off"):
        raise Invalid("invalid_field", field="sound")
    await update_profile(deps, actor, ProfileChanges(notifications=form.text("sound") == "on"))
    return _saved("sound")


async def _save_visible(request: web.Request, deps: Deps, actor: User, form: Form) -> web.Response:
    if form.text("resume"):
        await resume(deps, actor)
    elif form.text("visible") in ("public", "private"):
        await update_profile(deps, actor, ProfileChanges(is_public=form.text("visible") == "public"))
    else:
        raise Invalid("invalid_field", field="visible")
    return _saved("visible")


async def _save_calendar(request: web.Request, deps: Deps, actor: User, form: Form) -> Values | web.Response:
    if form.text("action") == "end":
        await revoke_feed(deps, actor)
        return _saved("calendar")
    feed = await issue_feed(deps, actor)
    return {"url": feed.url, "feed": feed}  # shown once: the address itself is not kept


async def _show_calendar(request: web.Request, deps: Deps, actor: User) -> Values:
    return {"feed": await find_feed(deps, actor), "url": ""}


async def _leave(request: web.Request, deps: Deps, actor: User, form: Form) -> web.Response:
    if form.text("sure") != "on":
        raise Invalid("leave.not_sure", field="sure")
    await delete_account(deps, actor)
    texts = texts_of(request)
    title = texts.plain("page.left.title")
    response = render(request, texts, "said.html", title=title, key="page.left", parts=("text",), leaves=actor.id)
    clear_session(request, response)
    return response


async def _show_languages(request: web.Request, deps: Deps, actor: User) -> Values:
    return {"locales": [(locale, deps.texts[locale].plain("language.name")) for locale in LOCALES]}


_SHOWN: Final[dict[str, Callable[[web.Request, Deps, User], Awaitable[Values]]]] = {
    "language": _show_languages,
    "calendar": _show_calendar,
    "access": access.show_access,
    "sessions": access.show_sessions,
}
_SAVES: Final[dict[str, Save]] = {
    "language": _save_language,
    "sound": _save_sound,
    "visible": _save_visible,
    "calendar": _save_calendar,
    "access": access.change_access,
    "sessions": access.end_sessions,
    "leave": _leave,
}


def routes() -> list[web.RouteDef]:
    return [
        web.get(SETTINGS, show_settings),
        web.get(f"{SETTINGS}/{{part}}", show_setting),
        web.post(f"{SETTINGS}/{{part}}", save_setting),
    ]
