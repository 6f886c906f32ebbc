"""Reports: what somebody tells the moderators about somebody else, with a copy of what it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from domain.errors import Invalid
from domain.text import clean_text

DATING, SELLING, RUDE, FALSE_PROFILE = "dating", "selling", "rude", "false_profile"
SESSION, CHILD, OTHER = "session", "child", "other"
REASONS: Final = (DATING, SELLING, RUDE, FALSE_PROFILE, SESSION, CHILD, OTHER)
"""Reasons in the order in which they are offered: flirting and dating; selling and spam; rude or threatening; a false
profile; behaviour at a session; a child may be at risk; something else."""

PROFILE, SWAP, REVIEW = "profile", "swap", "review"
SUBJECTS: Final = (PROFILE, SWAP, REVIEW)
"""What a report is about: somebody's profile (cards, inline cards), a request, swap or circle with its conversation, or
a rating."""

MAX_TEXT_LENGTH: Final = 500
MAX_A_DAY: Final = 5
"""Reports of one person in a day."""
EVIDENCE_MESSAGES: Final = 20
"""Messages of the conversation, the last ones, that go along when the reporter agrees."""
ENOUGH_REPORTERS: Final = 3
"""Independent reporters that hide a profile until a moderator has looked at it."""
COUNTED_FOR: Final = timedelta(days=7)
"""Time within which independent reports count together."""
OLD_ENOUGH: Final = timedelta(days=7)
"""Age of an account whose report counts towards hiding."""
KEPT_FOR: Final = timedelta(days=365)
"""Time for which a report and its evidence are kept."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A copy of what was reported, as it was then: it stays when the original is edited or deleted.

    `profile` has plain fields of the profile, `note` the note of a request, `review` the text of a rating, `messages`
    the last ones of the conversation, if the reporter agreed: `from_user_id`, `message`, `photo_url`, `created_at`.
    """

    profile: Mapping[str, Any] = field(default_factory=dict, hash=False)
    note: str = ""
    review: Mapping[str, Any] = field(default_factory=dict, hash=False)
    messages: tuple[Mapping[str, Any], ...] = field(default=(), hash=False)


@dataclass(frozen=True, slots=True)
class Report:
    """A report by one person about another. `subject_id` is the id of the user, swap or rating that it is about."""

    id: str
    by: str
    about: str
    reason: str
    subject: str
    subject_id: str
    case_id: str
    created_at: datetime
    text: str = ""
    evidence: Evidence = field(default_factory=Evidence, hash=False)
    is_independent: bool = False
    """True if it counts towards hiding: the account was OLD_ENOUGH."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """Words of a reporter. In a circle that is not closed nobody is known by id: `seat` names one of the other two
    instead, see `domain.circle_views`. Raises Invalid when it is made."""

    about: str
    subject: str
    subject_id: str
    reason: str
    text: str = ""
    with_messages: bool = False
    with_block: bool = True
    seat: str = ""

    def __post_init__(self) -> None:
        if self.subject not in SUBJECTS:
            raise Invalid("report.subject", field="subject")
        if self.reason not in REASONS:
            raise Invalid("report.reason", field="reason")
        text = clean_text(self.text, "text", max_length=MAX_TEXT_LENGTH, required=False)
        object.__setattr__(self, "text", text)


def is_independent(reporter_since: datetime, at: datetime) -> bool:
    """Return whether the report of an account of this age counts towards hiding."""
    return at - reporter_since >= OLD_ENOUGH
