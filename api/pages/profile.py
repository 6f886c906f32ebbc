"""The form of one's profile: what one teaches and wants to learn, where and when."""

from __future__ import annotations

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.language import texts_of
from api.pages.forms import Form, on_to, read_form
from api.pages.layout import render
from api.pages.problems import as_page, refusal_of
from domain.errors import Invalid, Problem
from domain.languages import LOCALES
from domain.skills import MAX_SKILLS, split_skills
from domain.users import MAX_LOCATION_LENGTH, MAX_NAME_LENGTH, ProfileChanges, User
from domain.week import SLOTS, format_slots
from handlers.joining import is_applicant
from handlers.users import update_profile

MAX_SKILLS_TEXT = 2000
"""Characters of a field in which skills are listed."""


def _page(request: web.Request, actor: User, form: Form | None, *, status: int = 200, alert: str = "") -> web.Response:
    texts = texts_of(request)
    filled = form if form is not None else _form_of(actor)
    return render(
        request,
        texts,
        "profile.html",
        user=actor,
        title=texts.plain("page.profile.title"),
        status=status,
        alert=alert,
        form=filled,
        slots=SLOTS,
        locales=[(locale, texts.language_name(locale)) for locale in LOCALES],
        is_applicant=is_applicant(actor),
        max_name=MAX_NAME_LENGTH,
        max_location=MAX_LOCATION_LENGTH,
        max_skills=MAX_SKILLS,
        max_text=MAX_SKILLS_TEXT,
    )


def _form_of(user: User) -> Form:
    fields = [
        ("name", user.name),
        ("teaches", "\n".join(user.skills_offered)),
        ("learns", "\n".join(user.skills_wanted)),
        ("location", user.location),
        ("locale", user.locale),
        *(("slot", slot) for slot in user.slots),
        *([("is_public", "on")] if user.is_public else []),
    ]
    return Form(fields)


@as_page
async def show_profile(request: web.Request) -> web.Response:
    """Show the form as the profile is now."""
    _, actor = await signed_in(request)
    return _page(request, actor, None)


@as_page
async def save_profile(request: web.Request) -> web.Response:
    """Save the profile. What is refused is said beside the form as it was filled in."""
    deps, actor = await signed_in(request)
    form = await read_form(request)
    try:
        user = await update_profile(deps, actor, _changes(actor, form))
    except Problem as problem:
        if problem.kind not in ("conflict", "invalid"):
            raise
        return _page(request, actor, form, **refusal_of(request, problem))
    return on_to("/application" if is_applicant(user) else "/")


def _changes(actor: User, form: Form) -> ProfileChanges:
    """Return the changes of a form. Times in words of one's own stay until a box is ticked."""
    teaches, learns = form.text("teaches"), form.text("learns")
    for name, text in (("skills_offered", teaches), ("skills_wanted", learns)):
        if len(text) > MAX_SKILLS_TEXT:
            raise Invalid("text.too_long", field=name, max=MAX_SKILLS_TEXT)
    slots = tuple(slot for slot in SLOTS if slot in form.all_of("slot"))
    return ProfileChanges(
        name=form.text("name"),
        location=form.text("location"),
        skills_offered=tuple(split_skills(teaches)),
        skills_wanted=tuple(split_skills(learns)),
        availability=format_slots(slots) if slots != actor.slots else None,
        is_public="on" in form.all_of("is_public"),
        locale=form.text("locale") or None,
    )


def routes() -> list[web.RouteDef]:
    return [web.get("/me/edit", show_profile), web.post("/me/edit", save_profile)]
