"""The navigation of a signed-in reader: where they may go, with what waits there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from aiohttp import web

from api.http.context import context_of
from domain.standing import EDIT, READ_OTHERS, READ_OWN
from domain.users import User
from handlers.badges import Badges, count_badges

_BADGES = web.RequestKey("badges", Badges)


@dataclass(frozen=True, slots=True)
class Place:
    """A part of the service: `key` names its word (`page.nav.<key>`), `paths` are the first parts of its addresses."""

    key: str
    href: str
    icon: str
    right: str
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """A place as one reader sees it. `count` is what waits there, worded in `page.live.count_<key>`."""

    key: str
    href: str
    icon: str
    is_current: bool
    count: int = 0


PLACES: Final = (
    Place("discover", "/discover", "compass", READ_OTHERS, ("discover", "people", "circles", "alerts")),
    Place("swaps", "/swaps", "arrow-left-right", READ_OWN, ("swaps",)),
    Place("chats", "/chats", "messages-square", READ_OWN, ("chats",)),
    Place("me", "/me", "user-round", EDIT, ("me", "settings", "welcome", "blocks")),
)
STAFF: Final = Place("community", "/community", "house", READ_OWN, ("community", "moderation", "desk"))


async def count_for_navigation(request: web.Request, user: User) -> None:
    """Count what waits for the reader, for the page that this request is answered with."""
    deps = context_of(request).deps
    if user.refused_as(READ_OWN, deps.now()) is None:
        request[_BADGES] = await count_badges(deps, user)


def badges_of(request: web.Request) -> Badges:
    """Return what was counted for this request; nothing where nothing was."""
    return request[_BADGES] if _BADGES in request else Badges()


def navigation(request: web.Request, user: User | None, badges: Badges, at: datetime) -> Sequence[Link]:
    """Return where the reader may go; nothing for a visitor. Staff see the community beside the rest."""
    if user is None:
        return ()
    first = request.path.split("/", 2)[1]
    counts = {"swaps": len(badges.waiting), "chats": badges.unread}
    places = (*PLACES, STAFF) if user.is_moderator else PLACES
    return [
        Link(place.key, place.href, place.icon, first in place.paths, counts.get(place.key, 0))
        for place in places
        if user.refused_as(place.right, at) is None
    ]
