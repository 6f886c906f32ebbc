"""Standing: how a person stands in the community, and the one table of what each standing may do.

The facts are stored on the user; the word for them, and what is allowed, follow from the facts and the time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

MEMBER, HIDDEN, APPLICANT, WARNED, SUSPENDED = "member", "hidden", "applicant", "warned", "suspended"
BARRED, GONE = "banned", "deleted"
"""The standings of a user whose status is that word."""
STANDINGS: Final = (MEMBER, HIDDEN, APPLICANT, WARNED, SUSPENDED, BARRED, GONE)
"""All standings, the mildest first. A person may be in several at once; each takes away what it does not allow."""

SIGN_IN, LEAVE, APPEAL, PROTECT = "sign_in", "leave", "appeal", "protect"
READ_OWN, READ_OTHERS, ASK, ANSWER, EDIT, INVITE, MODERATE = (
    "read_own",
    "read_others",
    "ask",
    "answer",
    "edit",
    "invite",
    "moderate",
)

MEANINGS: Final[Mapping[str, str]] = {
    SIGN_IN: "sign in, and see how one stands: one's own account, the community and its rules",
    LEAVE: "sign out, take one's data along, delete the account, stop mails",
    APPEAL: "answer a decision of the moderators once, acknowledge a warning",
    PROTECT: "block and report people",
    READ_OWN: "read one's own swaps, conversations, sessions, circles, ratings and alerts",
    READ_OTHERS: "see other people: cards, search, profiles, photos, ratings, counts, inline cards, possible circles",
    ASK: "ask for a swap, ask for or join a circle, set an alert",
    ANSWER: "answer requests, write, plan, confirm, rate: whatever is running already",
    EDIT: "change the profile, photos, settings and linked accounts",
    INVITE: "make invitations",
    MODERATE: "decide about others, for those with that role",
}
"""Rights, and what each is for."""

RIGHTS: Final = tuple(MEANINGS)

ALLOWED: Final[Mapping[str, frozenset[str]]] = {
    MEMBER: frozenset(RIGHTS),
    # in their own eyes little changes; strangers are safe from them until a moderator has looked
    HIDDEN: frozenset((SIGN_IN, LEAVE, APPEAL, PROTECT, READ_OWN, READ_OTHERS, ANSWER, EDIT)),
    # completes a profile and waits; other people are numbers until then
    APPLICANT: frozenset((SIGN_IN, LEAVE, APPEAL, PROTECT, READ_OWN, EDIT)),
    # acknowledges the warning before anything else
    WARNED: frozenset((SIGN_IN, LEAVE, APPEAL, PROTECT)),
    # reads what is their own, and nobody sees them
    SUSPENDED: frozenset((SIGN_IN, LEAVE, APPEAL, PROTECT, READ_OWN)),
    BARRED: frozenset((LEAVE, APPEAL)),
    GONE: frozenset(),
}
"""The rights of each standing."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Facts about a person's standing. `reason` is what the moderators gave as the reason of the last decision: a
    preset or a text. A suspension counts until its time has come; the sweep then removes it and lists the person."""

    membership: str = MEMBER
    hidden_at: datetime | None = None
    suspended_until: datetime | None = None
    warned_at: datetime | None = None
    reason: str = ""

    @property
    def is_shown(self) -> bool:
        """Return whether others may be shown this person."""
        return self.membership == MEMBER and self.hidden_at is None and self.suspended_until is None

    @property
    def is_plain(self) -> bool:
        """Return whether moderators have decided nothing about this person that still counts."""
        return self.hidden_at is None and self.suspended_until is None and self.warned_at is None

    def named(self, at: datetime) -> tuple[str, ...]:
        """Return all standings at this time, the gravest first."""
        if self.is_plain and self.membership == MEMBER:
            return (MEMBER,)
        facts = (
            (SUSPENDED, self.suspended_until is not None and at < self.suspended_until),
            (WARNED, self.warned_at is not None),
            (APPLICANT, self.membership != MEMBER),
            (HIDDEN, self.hidden_at is not None),
        )
        return tuple(name for name, is_so in facts if is_so) or (MEMBER,)


def stricter(one: Standing, other: Standing) -> Standing:
    """Return the standing of a person with two accounts: nobody sheds a decision by joining two profiles.

    Whoever is a member with one of the two is a member.
    """
    hidden = [at for at in (one.hidden_at, other.hidden_at) if at is not None]
    suspended = [at for at in (one.suspended_until, other.suspended_until) if at is not None]
    warned = [at for at in (one.warned_at, other.warned_at) if at is not None]
    return Standing(
        membership=MEMBER if MEMBER in (one.membership, other.membership) else one.membership,
        hidden_at=min(hidden, default=None),
        suspended_until=max(suspended, default=None),
        warned_at=min(warned, default=None),
        reason=one.reason or other.reason,
    )
