"""The way in which somebody came into the community, and whether they still belong to its Telegram group."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from domain.community import GROUP, Community

GRACE: Final = timedelta(days=7)
"""Time for which a member who has left the community's group stays a member all the same."""

LOOKED_AT_EVERY: Final = timedelta(days=1)
"""Time after which Telegram is asked again whether somebody is in the group."""

FRESH: Final = timedelta(minutes=10)
"""Time for which an answer of Telegram counts as new: a request for a swap asks for no other one."""

BY_LINK, BY_APPROVAL, BY_GROUP, BY_STAFF = "link", "approval", "group", "staff"
"""Ways of coming in through a closed door."""


@dataclass(frozen=True, slots=True)
class Joining:
    """The way in which a member was let in. `how` is "" for whoever came while the door was open. `invited_by` and
    `invite_id` are kept whatever the door was.

    `seen_in_group_at` is when the member was first seen in the community's group, `left_group_at` when they were first
    missed there.
    """

    how: str = ""
    at: datetime | None = None
    invited_by: str = ""
    invite_id: str = ""
    seen_in_group_at: datetime | None = None
    left_group_at: datetime | None = None


def united(one: Joining, other: Joining) -> Joining:
    """Return how a person with two accounts came in: as with the first, if anything is known of it. Nobody gets rid of
    a grace by joining two profiles."""
    kept, rest = (one, other) if one.how or one.invite_id else (other, one)
    return replace(
        kept,
        at=kept.at or rest.at,
        seen_in_group_at=kept.seen_in_group_at or rest.seen_in_group_at,
        left_group_at=kept.left_group_at or rest.left_group_at,
    )


def was_in_group(community: Community, joining: Joining) -> bool:
    """Return whether a member was once seen in the group that the community has now: nobody else can leave it.

    Telegram says the same of somebody who has left and of somebody who was never there.
    """
    seen = joining.seen_in_group_at or (joining.at if joining.how == BY_GROUP else None)
    return seen is not None and (community.group_tied_at is None or seen >= community.group_tied_at)


def grace_until(community: Community, joining: Joining) -> datetime | None:
    """Return the end of the grace of somebody who has left the group; None while none is running.

    A grace that began before the door was another one for a time is over without consequence.
    """
    left = joining.left_group_at
    if community.join != GROUP or left is None or not was_in_group(community, joining):
        return None
    return left + GRACE if community.group_since is None or left >= community.group_since else None
