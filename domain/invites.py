"""Invite links: by whom, how often they may be used, until when."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

CODE_BYTES: Final = 9
MAX_USES: Final = 500
MAX_DAYS: Final = 365
MEMBER_USES: Final = 5
MEMBER_DAYS: Final = 30
"""Bounds of the one link of a member."""
MAX_RUNNING: Final = 50
"""Running links of one moderator."""
RUNNING, REVOKED, EXPIRED, USED_UP = "running", "revoked", "expired", "used_up"

_CODE: Final = re.compile(r"[A-Za-z0-9_-]{8,32}")


def is_code(text: str) -> bool:
    return _CODE.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Invite:
    """A link. `uses` is how often it may be used, `used` how many have completed a profile by it."""

    id: str
    code: str
    by: str
    created_at: datetime
    uses: int
    until: datetime
    used: int = 0
    revoked_at: datetime | None = None

    def state(self, at: datetime) -> str:
        """Return what the link is worth at this time: running, or the reason why not."""
        if self.revoked_at is not None:
            return REVOKED
        if at >= self.until:
            return EXPIRED
        return USED_UP if self.used >= self.uses else RUNNING
