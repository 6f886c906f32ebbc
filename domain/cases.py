"""Cases: what moderators look at and decide about, one open case a person.

open ──take──▶ taken ──decide──▶ done ──undo, for ten minutes──▶ taken
  └───────────decide────────────▲        (a taken case can be given back)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from domain.errors import Conflict, Invalid
from domain.exits import UNDO_WITHIN
from domain.reports import REASONS
from domain.text import clean_text

OPEN, TAKEN, DONE = "open", "taken", "done"
STATES: Final = (OPEN, TAKEN, DONE)

REPORT, WORDS, NOTES = "report", "words", "notes"
KINDS: Final = (REPORT, WORDS, NOTES)
"""Kinds of what opens a case: a report, a newcomer's words that are held back, near-equal notes."""

TAKE, RELEASE, UNDO = "take", "release", "undo"
WARN, HIDE, SUSPEND, BAN, NOTHING = "warn", "hide", "suspend", "ban", "nothing"
DECISIONS: Final = (WARN, HIDE, SUSPEND, BAN, NOTHING)
LET_THROUGH, REFUSE = "let_through", "refuse"
WORD_ACTIONS: Final = (LET_THROUGH, REFUSE)
"""Actions about words that wait: each ends the case when there is nothing else in it, and cannot be undone."""
CONTACTS: Final = "contacts"
"""The reason for refusing words when none is given: ways out of the service are for after a yes."""

_STATES: Final = {TAKE: TAKEN, RELEASE: OPEN, UNDO: TAKEN}
"""States after actions; after all others a case is done."""

PRESETS: Final = REASONS
"""Presets of reasons for a decision; any other reason is a text of the moderator's."""

MAX_REASON_LENGTH: Final = 300
MAX_HISTORY: Final = 100


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """Event of a case; `by` is a moderator, or "" for the service. `reason` is a preset or a text, `audit_id` the id of
    its entry in the audit."""

    at: datetime
    by: str
    action: str
    reason: str = ""
    audit_id: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A case about a person. `kinds` and `reasons` are those of everything that it holds, `reports` how many reports.

    `taken_by` is the moderator who looks at it; `decision` is one of DECISIONS once it is done.
    """

    id: str
    about: str
    opened_at: datetime
    updated_at: datetime
    state: str = OPEN
    kinds: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    reports: int = 0
    taken_by: str = ""
    decision: str = ""
    decided_at: datetime | None = None
    version: int = 1
    history: tuple[CaseEvent, ...] = ()

    @property
    def state_before(self) -> str:
        """Return the state that the last event has ended."""
        before = [event.action for event in self.history[:-1] if event.action not in WORD_ACTIONS]
        return _STATES.get(before[-1], DONE) if before else OPEN

    def noted_as(self, audit_id: str) -> Case:
        """Return the case with the id of the audit's entry in its last event."""
        return replace(self, history=(*self.history[:-1], replace(self.history[-1], audit_id=audit_id)))

    def can(self, moderator_id: str, at: datetime) -> tuple[str, ...]:
        """Return the actions that this moderator may take now."""
        if self.about == moderator_id:
            return ()
        if self.state == DONE:
            is_fresh = self.decided_at is not None and at - self.decided_at < UNDO_WITHIN
            return (UNDO,) if is_fresh and self.decision not in WORD_ACTIONS else ()
        words = WORD_ACTIONS if WORDS in self.kinds else ()
        if self.state == OPEN:
            return (TAKE, *words, *DECISIONS)
        return (RELEASE, *words, *DECISIONS) if self.taken_by == moderator_id else (TAKE,)

    def take(self, by: str, at: datetime) -> Case:
        """Return the case in the hands of a moderator; another one may take it over."""
        if self.state == TAKEN and self.taken_by == by:
            return self
        self._require_not_done()
        return self._after(CaseEvent(at, by, TAKE), state=TAKEN, taken_by=by)

    def release(self, by: str, at: datetime) -> Case:
        """Return the case open again. Raises Conflict unless this moderator has it."""
        if self.state != TAKEN or self.taken_by != by:
            raise Conflict("case.not_yours", current=self)
        return self._after(CaseEvent(at, by, RELEASE), state=OPEN, taken_by="")

    def decide(self, decision: str, reason: str, *, by: str, at: datetime) -> Case:
        """Return the case done. Raises Invalid, Conflict (done already, or in another moderator's hands)."""
        if decision not in DECISIONS:
            raise Invalid("case.action", field="action")
        self._require_not_done()
        if self.state == TAKEN and self.taken_by != by:
            raise Conflict("case.taken", current=self)
        event = CaseEvent(at, by, decision, clean_reason(reason, is_required=decision != NOTHING))
        return self._after(event, state=DONE, taken_by=by, decision=decision, decided_at=at)

    def settle_words(self, action: str, reason: str, *, by: str, at: datetime) -> Case:
        """Return the case after its words were let through or refused: done, unless there is more in it. Raises
        Conflict (done already, in another moderator's hands, or without words)."""
        self._require_not_done()
        if self.state == TAKEN and self.taken_by != by:
            raise Conflict("case.taken", current=self)
        if WORDS not in self.kinds:
            raise Conflict("case.no_words", current=self)
        event = CaseEvent(
            at, by, action, clean_reason(reason or CONTACTS, is_required=True) if action == REFUSE else ""
        )
        if set(self.kinds) != {WORDS}:
            return self._after(event)
        return self._after(event, state=DONE, taken_by=by, decision=action, decided_at=at)

    def undo(self, *, by: str, at: datetime) -> Case:
        """Return the case as it was before its decision. Raises Conflict when that is too long ago."""
        if UNDO not in self.can(by, at):
            raise Conflict("case.no_undo", current=self)
        return self._after(CaseEvent(at, by, UNDO), state=TAKEN, taken_by=by, decision="", decided_at=None)

    def join(self, kind: str, reason: str, at: datetime) -> Case:
        """Return an open case with one more thing in it."""
        return replace(
            self,
            kinds=tuple(dict.fromkeys((*self.kinds, kind))),
            reasons=tuple(dict.fromkeys((*self.reasons, *((reason,) if reason else ())))),
            reports=self.reports + (kind == REPORT),
            updated_at=at,
            version=self.version + 1,
        )

    def _require_not_done(self) -> None:
        if self.state == DONE:
            raise Conflict("case.done", current=self)

    def _after(self, event: CaseEvent, **fields: object) -> Case:
        history = (*self.history, event)[-MAX_HISTORY:]
        return replace(self, updated_at=event.at, version=self.version + 1, history=history, **fields)  # type: ignore[arg-type]


def clean_reason(reason: str, *, is_required: bool) -> str:
    """Return a preset, or the moderator's own words cleaned. Raises Invalid."""
    if reason in (*PRESETS, CONTACTS):
        return reason
    return clean_text(reason, "reason", max_length=MAX_REASON_LENGTH, required=is_required)
