"""The organiser's pages: all fields of the community, its photo, and the team."""

from __future__ import annotations

import re
from typing import Final

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.context import context_of
from api.http.language import texts_of
from api.http.photo_form import read_photo_form
from api.pages.forms import Form, on_to, read_form
from api.pages.layout import render
from api.pages.problems import as_page, refusal_of
from api.photos import limit_uploads
from domain.community import (
    JOIN_MODES,
    MAX_ABOUT,
    MAX_COMMUNITY_NAME,
    MAX_CONTACT,
    MAX_QUESTION,
    MAX_RULES,
    Community,
    CommunityChanges,
)
from domain.errors import Problem
from domain.users import ADMIN, ROLES, User
from handlers.auth.roles import appoint, view_staff
from handlers.community import change_community, get_community, require_admin
from handlers.photos import CHAT, upload_photo
from handlers.runtime.deps import Deps

LIMITS: Final = {
    "name": MAX_COMMUNITY_NAME,
    "about": MAX_ABOUT,
    "rules": MAX_RULES,
    "contact": MAX_CONTACT,
    "question": MAX_QUESTION,
}
"""Fields of the form that are texts, in no order, with the characters that they take."""
EDIT, STAFF = "/community/edit", "/community/staff"
MAX_REFERENCE: Final = 254


async def _page(
    request: web.Request, deps: Deps, actor: User, form: Form | None, *, status: int = 200, alert: str = ""
) -> web.Response:
    """Return the form; beside what was filled in stands what is stored, where that has become something else."""
    require_admin(deps, actor)
    texts, current = texts_of(request), await get_community(deps)
    stored = _form_of(current)
    return render(
        request,
        texts,
        "community_edit.html",
        user=actor,
        title=texts.plain("page.organiser.title"),
        status=status,
        alert=alert,
        current=current,
        form=form or stored,
        stored=stored,
        is_stale=form is not None and form.number("version") != current.version,
        limits=LIMITS,
        modes=JOIN_MODES,
        languages=[texts.language_name(code) for code in current.languages],
    )


def _form_of(community: Community) -> Form:
    fields = [(name, getattr(community, name)) for name in LIMITS]
    fields += [("join", community.join), ("languages", ", ".join(community.languages))]
    fields += [("members_may_invite", "on")] if community.members_may_invite else []
    return Form(fields)


@as_page
async def show_form(request: web.Request) -> web.Response:
    """Show the community as its admins change it."""
    deps, actor = await signed_in(request)
    return await _page(request, deps, actor, None)


@as_page
async def save(request: web.Request) -> web.Response:
    """Change the community. When another admin was faster, what they have written stands beside the form."""
    deps, actor = await signed_in(request)
    form = await read_form(request)
    changes = CommunityChanges(
        name=form.text("name"),
        about=form.text("about"),
        rules=form.text("rules"),
        contact=form.text("contact"),
        question=form.text("question"),
        join=form.text("join"),
        languages=tuple(filter(None, re.split(r"[\s,;]+", form.text("languages").lower()))),
        members_may_invite="on" in form.all_of("members_may_invite"),
    )
    try:
        await change_community(deps, actor, changes, expected=form.number("version"))
    except Problem as problem:
        if problem.kind not in ("conflict", "invalid"):
            raise
        return await _page(request, deps, actor, form, **refusal_of(request, problem))
    return on_to("/community")


@as_page
async def save_photo(request: web.Request) -> web.Response:
    """Make an uploaded photo the community's."""
    deps, actor = await signed_in(request)
    require_admin(deps, actor)
    try:
        with limit_uploads(context_of(request).uploading, actor.id):
            data, _ = await read_photo_form(request)
            photo = await upload_photo(deps, actor, data, purpose=CHAT)
        await change_community(deps, actor, CommunityChanges(photo_url=photo.url))
    except Problem as problem:
        if problem.kind not in ("invalid", "too_large", "too_many", "malformed", "unsupported"):
            raise
        return await _page(request, deps, actor, None, **refusal_of(request, problem))
    return on_to(EDIT)


@as_page
async def remove_photo(request: web.Request) -> web.Response:
    """Take the community's photo away."""
    deps, actor = await signed_in(request)
    await change_community(deps, actor, CommunityChanges(photo_url=""))
    return on_to(EDIT)


async def _staff(
    request: web.Request, deps: Deps, actor: User, form: Form, *, status: int = 200, alert: str = ""
) -> web.Response:
    texts = texts_of(request)
    return render(
        request,
        texts,
        "community_staff.html",
        user=actor,
        title=texts.plain("page.organiser.staff"),
        status=status,
        alert=alert,
        form=form,
        staff=await view_staff(deps, actor),
        is_admin=actor.role == ADMIN,
        roles=ROLES[1:],
        max_reference=MAX_REFERENCE,
    )


@as_page
async def show_staff(request: web.Request) -> web.Response:
    """Show who is of the team."""
    deps, actor = await signed_in(request)
    return await _staff(request, deps, actor, Form(()))


@as_page
async def change_staff(request: web.Request) -> web.Response:
    """Give somebody a role, by mail address or id, or take it back."""
    deps, actor = await signed_in(request)
    form = await read_form(request)
    try:
        await appoint(deps, actor, form.text("who").strip(), form.text("role"))
    except Problem as problem:
        if problem.kind not in ("conflict", "invalid", "not_found"):
            raise
        return await _staff(request, deps, actor, form, **refusal_of(request, problem))
    return on_to(STAFF)


def routes() -> list[web.RouteDef]:
    return [
        web.get(EDIT, show_form),
        web.post(EDIT, save),
        web.post("/community/photo", save_photo),
        web.post("/community/photo/remove", remove_photo),
        web.get(STAFF, show_staff),
        web.post(STAFF, change_staff),
    ]
