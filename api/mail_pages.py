"""No more mails: the page behind the link at the end of each, and the one button of mail programs."""

from __future__ import annotations

from html import escape

from aiohttp import web

from api.context import door_of
from api.mail import SEAL
from api.pages import card, page
from domain.errors import NotFound
from domain.users import ProfileChanges
from handlers.users import get_user, update_profile


async def show_stop(request: web.Request) -> web.Response:
    """Ask first: some mail programs open every link."""
    token = escape(request.query.get("token", ""))
    form = (
        f'<form method="post" action="/mail/stop?token={token}"><button class="primary">No more mails</button></form>'
    )
    return page(card("No more mails?", "<p>Telegram, if you use it, will make no sound any more either.</p>", form))


async def stop(request: web.Request) -> web.Response:
    """Turn a person's notifications off. The sealed token says whose; nobody has to be signed in."""
    door = door_of(request)
    said = door.providers.seals.unseal(SEAL, request.query.get("token", ""), now=door.deps.now())
    if said is None:
        return page(card("This link does not work", "<p>Turn notifications off in your profile.</p>"), status=404)
    try:
        person = await get_user(door.deps, str(said.get("sub", "")))
    except NotFound:
        return page(card("That is all", "<p>You are not with us any more.</p>"))
    await update_profile(door.deps, person, ProfileChanges(notifications=False))
    return page(card("That is all", "<p>You will get no more mails. Your profile turns them on again.</p>"))


def routes() -> list[web.RouteDef]:
    return [web.get("/mail/stop", show_stop), web.post("/mail/stop", stop)]
