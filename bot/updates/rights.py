"""The right that each command and button of the bot takes, by the table of standings (`domain.standing`).

As with routes (`api/http/rights.py`) the operations ask for what they write by themselves; this is the door before
them. What has no row is for members alone; a test fails for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from domain.standing import (
    ANSWER,
    APPEAL,
    ASK,
    EDIT,
    INVITE,
    LEAVE,
    MODERATE,
    PROTECT,
    READ_OTHERS,
    READ_OWN,
    SIGN_IN,
)

_COMMANDS: Final[Mapping[str, tuple[str, ...]]] = {
    LEAVE: ("privacy", "id", "delete"),  # deleting a message, as a reply, is asked for by the operation
    SIGN_IN: ("help", "web", "community"),
    READ_OWN: ("start", "chat", "swaps", "alerts", "circles", "ratings", "cancel"),
    READ_OTHERS: ("match", "find"),
    EDIT: ("profile", "photo", "visibility", "accounts"),
    PROTECT: ("settings",),
    INVITE: ("invite",),
    MODERATE: ("moderate", "disputes"),
}

_BUTTONS: Final[Mapping[str, tuple[str, ...]]] = {
    LEAVE: ("privacy", "delete", "stay"),
    APPEAL: ("ack", "oa"),
    SIGN_IN: ("help", "web", "agree", "com"),  # who changes the community is asked by the operation
    # those that also write ask for the right of that in the operation: s, se, sq, c, ci, rv …
    READ_OWN: (
        "home",
        "start",
        "chat",
        "c",
        "h",
        "swaps",
        "s",
        "se",
        "alerts",
        "circles",
        "ci",
        "ratings",
        "rvof",
        "seen",
        "look",
        "cancel",
    ),
    READ_OTHERS: ("match", "m", "again", "find", "f", "fk", "fp", "fn", "teach", "cp", "cn"),
    ASK: ("p", "aladd", "alnew"),
    ANSWER: ("sq", "sp", "sw", "dd", "rv"),
    EDIT: (
        "step",
        "ob",
        "profile",
        "edit",
        "level",
        "zone",
        "accounts",
        "unlink",
        "unlink_yes",
        "merge",
        "merge_code",
        "merge_enter",
        "merge_yes",
        "aldel",
        "resume",
        "door",
    ),
    PROTECT: (
        "settings",
        "lang",
        "notify",
        "sessions",
        "session_end",
        "sessions_end",
        "block",
        "bs",
        "rp",
        "rpm",
        "blocks",
    ),
    INVITE: ("invite",),
    MODERATE: ("mod", "ow", "on", "ap", "sk", "cs", "ce", "disputes", "dl"),
}

COMMANDS: Final[Mapping[str, str]] = {name: right for right, names in _COMMANDS.items() for name in names}
BUTTONS: Final[Mapping[str, str]] = {name: right for right, names in _BUTTONS.items() for name in names}
FLOWS: Final[Mapping[str, str]] = {
    "onboarding": EDIT,
    "profile": EDIT,
    "zone": EDIT,
    "merge": EDIT,
    "door": EDIT,
    "find": READ_OTHERS,
    "report": PROTECT,
    "organisers": APPEAL,
    "propose": ASK,
    "session": ANSWER,
    "rating": ANSWER,
    "moderate": MODERATE,
    "staff": MODERATE,
    "community": MODERATE,
}
"""The right of a text or photo that answers an open question, by the flow of the question."""

INLINE: Final = READ_OTHERS
TALKING: Final = ANSWER
"""The right of what is written to a partner."""

STRICTEST: Final = ASK
"""The right of what has no row: members alone have it."""
