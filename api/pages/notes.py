"""The moderators' page of the lines that people wrote for them beside a rating."""

from __future__ import annotations

from aiohttp import web

from api.auth.current_user import signed_in
from api.http.language import texts_of
from api.pages.moderation import names_of, staff_page
from api.pages.problems import as_page
from api.pages.swap_views import moment
from handlers.reviews import list_notes


@as_page
async def show_notes(request: web.Request) -> web.Response:
    """Show what people wrote for the moderators beside a rating, newest first."""
    deps, actor = await signed_in(request)
    texts, notes = texts_of(request), await list_notes(deps, actor)
    return staff_page(
        request,
        actor,
        "moderation_notes.html",
        "notes",
        notes=[(note, moment(texts, note.created_at, actor.timezone)) for note in notes],
        names=await names_of(deps, texts, [person for note in notes for person in (note.author, note.about)]),
    )


def routes() -> list[web.RouteDef]:
    return [web.get("/moderation/notes", show_notes)]
