"""The reader of a page that nobody has to be signed in for, and the notice about how a signed-in reader stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.community import Community
from domain.standing import SUSPENDED, WARNED
from domain.users import User
from handlers.joining import is_applicant
from handlers.rules import has_agreed

STANDING: Final = "/standing"
APPLICATION: Final = "/application"
RULES: Final = "/rules"
HOME: Final = "/"


@dataclass(frozen=True, slots=True)
class Notice:
    """A line above the content of every page: its text (`page.notice.*`), and the page that says more."""

    key: str
    href: str


def notice_for(user: User | None, community: Community, at: datetime, path: str) -> Notice | None:
    """Return what a reader has to know before anything else; None on the page that says it, and for nothing."""
    if user is None:
        return None
    named = user.standings(at)
    if SUSPENDED in named:
        notice = Notice("suspended", STANDING)
    elif WARNED in named:
        notice = Notice("warned", STANDING)
    elif is_applicant(user):
        notice = Notice("applicant", APPLICATION)
    elif not has_agreed(community, user):
        notice = Notice("rules", RULES)
    else:
        return None
    is_said_there = path == notice.href or (path == HOME and notice.key == "warned")
    return None if is_said_there else notice
