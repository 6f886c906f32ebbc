"""The first profile in four steps, each saved at once, and the same parts one by one as pages of /me."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.context import context_of
from api.http.language import texts_of
from api.http.photo_form import read_photo_form
from api.pages.forms import Form, on_to, read_form
from api.pages.layout import render
from api.pages.person_cards import initial_of
from api.pages.problems import as_page, refusal_of
from api.pages.profile_parts import (
    PARTS,
    PHOTO,
    PUBLIC,
    TIMES,
    ZoneUnclear,
    form_of,
    guesses,
    listed,
    meant_changes,
    skill_changes,
    time_changes,
    values,
)
from api.pages.reader import APPLICATION, RULES
from api.photos import limit_uploads
from domain.errors import Invalid, NotFound, Problem
from domain.users import ProfileChanges, User
from handlers.community import known_community
from handlers.joining import is_applicant
from handlers.photos import PROFILE, remove_profile_photo, upload_photo
from handlers.rules import has_agreed
from handlers.runtime.deps import Deps
from handlers.users import update_profile

WELCOME, EDIT, ME = "/welcome", "/me/edit", "/me"
SAID: Final = frozenset(("conflict", "invalid", "too_large", "too_many", "malformed", "unsupported"))
"""Kinds of problems that are said beside the form."""


def _is_first(request: web.Request) -> bool:
    return request.path.startswith(WELCOME)


def _part_of(request: web.Request) -> str:
    """Return the part that an address names. Raises NotFound."""
    part = request.match_info["part"]
    if part not in PARTS:
        raise NotFound("not_found")
    return part


def first_open(user: User) -> str:
    """Return the part with which a profile goes on."""
    if not user.skills_offered:
        return PARTS[0]
    return PARTS[1] if not user.skills_wanted else TIMES


@as_page
async def begin(request: web.Request) -> web.Response:
    """Go on with the first profile where it stands."""
    _, actor = await signed_in(request)
    return on_to(f"{WELCOME}/{first_open(actor)}")


@as_page
async def show_part(request: web.Request) -> web.Response:
    """Show one part of the profile as it is now."""
    deps, actor = await signed_in(request)
    part = _part_of(request)
    asked = guesses(deps, actor, part, request.query.getall("ask", []))
    return _page(request, actor, part, form_of(actor, part, texts_of(request)), asked=asked)


def _page(
    request: web.Request, actor: User, part: str, form: Form, *, status: int = 200, alert: str = "", **more: Any
) -> web.Response:
    texts, is_first = texts_of(request), _is_first(request)
    number = PARTS.index(part)
    return render(
        request,
        texts,
        f"part_{'skills' if part in PARTS[:2] else part}.html",
        user=actor,
        title=texts.plain(f"page.part.{part}.title"),
        status=status,
        alert=alert,
        part=part,
        form=form,
        action=f"{WELCOME if is_first else EDIT}/{part}",
        is_first=is_first,
        step=number + 1,
        steps=len(PARTS),
        following=f"{WELCOME}/{PARTS[number + 1]}" if number + 1 < len(PARTS) else "",
        before=f"{WELCOME}/{PARTS[number - 1]}" if number else "",
        initial=initial_of(actor),
        **values(part, form),
        **{"asked": (), "zones": (), "zones_are_guesses": False, **more},
    )


@as_page
async def save_part(request: web.Request) -> web.Response:
    """Save one part, and go on. What is refused is said beside the form as it was filled in."""
    deps, actor = await signed_in(request)
    part, form = _part_of(request), await read_form(request)
    try:
        return await _save(request, deps, actor, part, form)
    except ZoneUnclear as unclear:
        texts = texts_of(request)
        key = ("near" if unclear.is_guess else "which") if unclear.choices else "unknown"
        alert = texts.plain(f"page.part.times.zone_{key}")
        return _page(request, actor, part, form, status=422, alert=alert, zones=unclear.choices)
    except Problem as problem:
        if problem.kind not in SAID:
            raise
        return _page(request, actor, part, form, **refusal_of(request, problem))


async def _save(request: web.Request, deps: Deps, actor: User, part: str, form: Form) -> web.Response:
    if part == PHOTO:
        return await _finish(request, deps, actor, form)
    if part == TIMES:
        await update_profile(deps, actor, await time_changes(deps, actor, texts_of(request), form))
        return on_to(_next(request, part))
    if form.text("written"):
        return await _settle(request, deps, actor, part, form)
    before = set(listed(actor, part))
    after = await update_profile(deps, actor, skill_changes(deps, part, form))
    new = [skill for skill in listed(after, part) if skill not in before]
    asked = [guess.written for guess in guesses(deps, after, part, new)]
    if asked:
        return on_to(f"{request.path}?{urlencode([('ask', skill) for skill in asked])}#asked")
    return on_to(f"{request.path}#more" if form.text("more") else _next(request, part))


async def _settle(request: web.Request, deps: Deps, actor: User, part: str, form: Form) -> web.Response:
    """Take the answer to "did you mean", and ask about the next skill."""
    changes = meant_changes(deps, actor, part, form.text("written"), form.text("mean"))
    if changes is not None:
        await update_profile(deps, actor, changes)
    rest = [("ask", skill) for skill in form.all_of("ask")]
    return on_to(f"{request.path}?{urlencode(rest)}#asked" if rest else _next(request, part))


async def _finish(request: web.Request, deps: Deps, actor: User, form: Form) -> web.Response:
    """Save who may find the reader; the first profile is made with it."""
    if not form.text("visible"):
        raise Invalid("invalid_field", field="visible")
    is_public = form.text("visible") == PUBLIC
    if not _is_first(request):
        await update_profile(deps, actor, ProfileChanges(is_public=is_public))
        return on_to(ME)
    user = await update_profile(deps, actor, ProfileChanges(is_public=is_public, onboarded=True))
    if not has_agreed(known_community(deps), user):
        return on_to(RULES)
    if is_applicant(user):
        return on_to(APPLICATION)
    return on_to("/discover" if user.can_match else ME)


def _next(request: web.Request, part: str) -> str:
    if not _is_first(request):
        return ME
    return f"{WELCOME}/{PARTS[PARTS.index(part) + 1]}"


def _photo_page(request: web.Request) -> str:
    return f"{WELCOME if 'first' in request.query else EDIT}/{PHOTO}"


@as_page
async def save_photo(request: web.Request) -> web.Response:
    """Make an uploaded photo the reader's. One that is none is refused on the page that sent it."""
    deps, actor = await signed_in(request)
    try:
        with limit_uploads(context_of(request).uploading, actor.id):
            data, _ = await read_photo_form(request)
            await upload_photo(deps, actor, data, purpose=PROFILE)
    except Problem as problem:
        if problem.kind not in SAID:
            raise
        form = form_of(actor, PHOTO, texts_of(request))
        return _page(request, actor, PHOTO, form, **refusal_of(request, problem))
    return on_to(_photo_page(request))


@as_page
async def remove_photo(request: web.Request) -> web.Response:
    """Take the reader's photo off their profile."""
    deps, actor = await signed_in(request)
    await remove_profile_photo(deps, actor)
    return on_to(_photo_page(request))


def routes() -> list[web.RouteDef]:
    return [
        web.get(WELCOME, begin),
        web.get(f"{WELCOME}/{{part}}", show_part),
        web.post(f"{WELCOME}/{{part}}", save_part),
        web.get(f"{EDIT}/{{part}}", show_part),
        web.post(f"{EDIT}/{{part}}", save_part),
        web.post("/me/photo", save_photo),
        web.post("/me/photo/remove", remove_photo),
    ]
