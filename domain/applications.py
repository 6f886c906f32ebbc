"""Applications: whoever comes to a closed door, from the first step to the answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from domain.errors import Conflict, Invalid
from domain.text import clean_text

BEGUN, WAITING, LET_IN, NOT_NOW = "begun", "waiting", "let_in", "not_now"
STATES: Final = (BEGUN, WAITING, LET_IN, NOT_NOW)
MAX_ANSWER: Final = 500
MAX_ASKED: Final = 300

STAFF_REMINDED: Final = timedelta(hours=48)
"""Time after which moderators are reminded of an application that nobody has looked at."""
TOLD_AFTER: Final = timedelta(days=14)
"""Time after which the applicant hears that it takes longer."""
ERASED_AFTER: Final = timedelta(days=30)
"""Time after which an applicant who was not let in is erased, counted from the last step."""


@dataclass(frozen=True, slots=True)
class Application:
    """One user's application; its id is the user's. `question` is what was asked when it was answered.

    `asked` is what the moderators want to know besides, `replied` the answer to that. `decided_by` is who decided, ""
    for the service. `is_unsettled`: what follows from the decision is still to be done. `due_at` is when the next step
    is due, `steps` how many were done since the state began; see `timetable`.
    """

    id: str
    created_at: datetime
    state: str = BEGUN
    question: str = ""
    answer: str = ""
    asked: str = ""
    replied: str = ""
    since: datetime | None = None
    decided_by: str = ""
    decision_id: str = ""
    is_unsettled: bool = False
    shown_at: datetime | None = None
    steps: int = 0
    due_at: datetime | None = None
    version: int = 0

    @property
    def timetable(self) -> tuple[datetime, ...]:
        """Return when the steps of this state are due, the erasure last; none for who was let in."""
        since = self.since or self.created_at
        if self.state == WAITING:
            return (since + STAFF_REMINDED, since + TOLD_AFTER, since + ERASED_AFTER)
        return () if self.state == LET_IN else (since + ERASED_AFTER,)

    def _timed(self) -> Application:
        due = self.timetable[self.steps :]
        return replace(self, due_at=due[0] if due else None)

    def stepped(self) -> Application:
        """Return the application after the step that was due."""
        return replace(self, steps=self.steps + 1)._timed()

    def ended(self) -> Application:
        """Return the application of whoever came in otherwise, or has left: nothing is due any more."""
        return replace(self, due_at=None, state=LET_IN if self.state != NOT_NOW else NOT_NOW, shown_at=None)

    @property
    def is_last_step(self) -> bool:
        """Return whether the next step is the erasure."""
        return self.steps == len(self.timetable) - 1

    def submitted(self, question: str, answer: str, at: datetime) -> Application:
        """Return the application with the answer to the community's question, or to what the moderators asked since.

        Raises Conflict when it is decided, Invalid for an answer that cannot be used.
        """
        if self.state == LET_IN:
            raise Conflict("application.decided")
        if self.state == WAITING and self.asked:
            said = clean_text(answer, "answer", max_length=MAX_ANSWER)
            return replace(self, replied=said)._timed()
        said = clean_text(answer, "answer", max_length=MAX_ANSWER, required=bool(question))
        if self.state == NOT_NOW:
            raise Conflict("application.not_now")
        begun = self.since if self.state == WAITING else at
        return replace(self, state=WAITING, question=question, answer=said, since=begun)._timed()

    def questioned(self, text: str) -> Application:
        """Return the application with a question of the moderators'. Raises Conflict, Invalid."""
        if self.state != WAITING:
            raise Conflict("application.decided", current=self)
        return replace(self, asked=clean_text(text, "text", max_length=MAX_ASKED), replied="")

    def decided(self, state: str, *, by: str, decision_id: str, at: datetime) -> Application:
        """Return the application with a decision; a "not now" may become a yes. Raises Conflict, Invalid."""
        if state not in (LET_IN, NOT_NOW):
            raise Invalid("application.decision", field="decision")
        if self.state == LET_IN or self.state == state:
            raise Conflict("application.decided", current=self)
        decided = replace(self, state=state, decided_by=by, decision_id=decision_id, since=at, steps=0)
        return replace(decided, is_unsettled=True, shown_at=None)._timed()


def begin(user_id: str, at: datetime) -> Application:
    return Application(user_id, at)._timed()
