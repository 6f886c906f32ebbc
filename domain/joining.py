"""How somebody came into the community, and whether they still belong to its Telegram group."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

GRACE: Final = timedelta(days=7)
"""Time for which a member who has left the community's group stays a member all the same."""

BY_LINK, BY_APPROVAL, BY_GROUP, BY_STAFF = "link", "approval", "group", "staff"
"""Ways of coming in through a closed door."""


@dataclass(frozen=True, slots=True)
class Joining:
    """How a member was let in, and when. `how` is "" for whoever came while the door was open. `invited_by` and
    `invite_id` are kept whatever the door was. `left_group_at` is when the member was first missed in the group."""

    how: str = ""
    at: datetime | None = None
    invited_by: str = ""
    invite_id: str = ""
    left_group_at: datetime | None = None
