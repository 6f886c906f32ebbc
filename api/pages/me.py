"""The reader's own profile, as others see it, with what is missing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.language import texts_of
from api.pages.layout import render
from api.pages.person_cards import initial_of, name_of
from api.pages.problems import as_page
from api.pages.profile_parts import LEARN, PHOTO, TEACH, TIMES
from domain.users import User
from domain.week import words_beside_slots
from handlers.request_facts import facts_line, slot_names
from handlers.runtime.texts import Texts

_MISSING: Final[tuple[tuple[str, str, Callable[[User], object]], ...]] = (
    ("teach", TEACH, lambda user: user.skills_offered),
    ("learn", LEARN, lambda user: user.skills_wanted),
    ("times", TIMES, lambda user: user.free or user.availability),
    ("zone", TIMES, lambda user: user.timezone),
    ("place", TIMES, lambda user: user.location or user.coordinates),
    ("photo", PHOTO, lambda user: user.photo_url),
)


@as_page
async def show_me(request: web.Request) -> web.Response:
    """Show the reader's profile."""
    deps, actor = await signed_in(request)
    texts = texts_of(request)
    return render(
        request,
        texts,
        "me.html",
        user=actor,
        title=texts.plain("page.me.title"),
        called=name_of(texts, actor),
        initial=initial_of(actor),
        teaches=_skills(texts, actor.skills_offered, actor.offered_keys, dict(actor.offered_levels)),
        learns=_skills(texts, actor.skills_wanted, actor.wanted_keys, dict(actor.wanted_levels)),
        times=_times(texts, actor),
        zone=texts.timezone_name(actor.timezone) if actor.timezone else "",
        facts=facts_line(texts, actor, deps.now()),
        missing=[(key, f"/me/edit/{part}") for key, part, is_there in _MISSING if not is_there(actor)],
    )


def _skills(texts: Texts, skills: tuple[str, ...], keys: tuple[str, ...], levels: dict[str, str]) -> list[str]:
    return [texts.skill(skill, level=levels.get(key)) for skill, key in zip(skills, keys, strict=True)]


def _times(texts: Texts, user: User) -> str:
    return texts.enumerate(list(filter(None, (slot_names(texts, user.slots), words_beside_slots(user.availability)))))


def routes() -> list[web.RouteDef]:
    return [web.get("/me", show_me)]
