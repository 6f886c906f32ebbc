"""The moderators' page of skills without a name: what each may be, and the decisions about it."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.language import texts_of
from api.pages.forms import Form, on_to, read_form
from api.pages.moderation import staff_page
from api.pages.problems import as_page, refusal_of
from domain.errors import Invalid, Problem
from domain.languages import DEFAULT_LOCALE, LOCALES
from domain.skills import MAX_SKILL_LENGTH
from domain.users import User
from domain.vocabulary import MERGED, NAMED, REJECTED
from handlers.moderation import SkillNames, list_pending, merge_skill, name_skill, reject_skill
from handlers.runtime.deps import Deps

SHOWN: Final = 20


async def _page(
    request: web.Request, deps: Deps, actor: User, form: Form, *, status: int = 200, alert: str = ""
) -> web.Response:
    """Return the page; `form` belongs to the skill of its field `key`."""
    texts, vocabulary = texts_of(request), deps.vocabulary
    found = await list_pending(deps, actor, after=request.query.get("after") or None, limit=SHOWN)
    categories = [(key, vocabulary.category_name(key, texts.locale)) for key in vocabulary.categories]
    return staff_page(
        request,
        actor,
        "moderation_skills.html",
        "skills",
        status=status,
        alert=alert,
        form=form,
        skills=[(one.presence, [vocabulary.name_of(key, texts.locale) for key in one.similar]) for one in found],
        categories=sorted(categories, key=lambda category: category[1].casefold()),
        locales=[(locale, texts.language_name(locale), locale == DEFAULT_LOCALE) for locale in LOCALES],
        max_name=MAX_SKILL_LENGTH,
        more=f"/moderation/skills?{urlencode({'after': found[-1].presence.key})}" if len(found) == SHOWN else "",
    )


@as_page
async def show_skills(request: web.Request) -> web.Response:
    """Show the skills that wait for a decision."""
    deps, actor = await signed_in(request)
    return await _page(request, deps, actor, Form(()))


@as_page
async def decide(request: web.Request) -> web.Response:
    """Name, merge or reject a skill. What is refused is said beside the form as it was filled in."""
    deps, actor = await signed_in(request)
    form = await read_form(request)
    try:
        await _decide(deps, actor, form)
    except Problem as problem:
        if problem.kind not in ("conflict", "invalid"):
            raise
        return await _page(request, deps, actor, form, **refusal_of(request, problem))
    return on_to("/moderation/skills")


async def _decide(deps: Deps, actor: User, form: Form) -> None:
    key = form.text("key")
    match form.text("decision"):
        case one if one == NAMED:
            given = {locale: form.text(f"name_{locale}").strip() for locale in LOCALES}
            names = {locale: name for locale, name in given.items() if name}
            await name_skill(deps, actor, key, SkillNames(names, form.text("category")))
        case one if one == MERGED:
            await merge_skill(deps, actor, key, form.text("into"))
        case one if one == REJECTED:
            await reject_skill(deps, actor, key)
        case _:
            raise Invalid("invalid_field", field="decision", errors=[])


def routes() -> list[web.RouteDef]:
    return [web.get("/moderation/skills", show_skills), web.post("/moderation/skills", decide)]
