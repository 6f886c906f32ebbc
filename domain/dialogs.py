"""The state of a user's dialog with the bot, kept in the store so that it outlives the process."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Final

from domain.albums import Album

MAX_ASKED: Final = 20
"""Messages of one open question that are remembered, the newest ones."""

MAX_HEARD: Final = 20
"""Lines of a chat of which it is remembered which conversation they belong to, the newest ones."""

NOT_SENT_YET: Final = 2**62
"""The message id of a line that is on its way: it is above every text that has been written so far."""

MAX_HANDLED: Final = 20
"""Messages of a user of which it is remembered what became of them, the newest ones."""

SUBJECTS: Final = ("to", "key")
"""Data that makes another question of the same step: the user to ask for a swap, the skill to decide on."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A line in a user's chat that belongs to a conversation: a message that came, or one that names the receiver."""

    message_id: int
    swap_id: str


@dataclass(frozen=True, slots=True)
class Handled:
    """A message that went to no conversation: the answer to a question, or (`is_refused`) one that nobody got.

    `question` names the question that it answered, "" for a message. `digest` tells whether an edit changes anything;
    `skills` are the skills that an answer has added to a profile: an edit takes them back.
    """

    message_id: int
    question: str = ""
    digest: str = ""
    skills: tuple[str, ...] = ()
    is_refused: bool = False


@dataclass(frozen=True, slots=True)
class Dialog:
    """`flow` and `step` name the open question ("" for none); `data` is what the flow has gathered.

    `asked` are the ids of the Telegram messages that show the open question: a reply to one of them is an answer to it.
    One question is open at a time; another one closes it, and its messages take no answer any more.

    `held` are messages, in order, that go to nobody until the user says whom they are for; `held_asked` is the Telegram
    message that asks. They stay whatever question is opened or closed. `heard` says which conversation the user saw
    last, by Telegram message id; the notifier writes it too. `handled` are the user's messages that went to no
    conversation, so that an edit of one has an effect. `albums` are those whose photos have come last.

    `active_swap_id` is the conversation that receives the next plain message. `last_update` is the newest Telegram
    update whose effect is stored here: when the update is processed again, only the reply is repeated.
    `onboarding_step` is the step of onboarding that was asked last: Cancel and other commands lead back to it.
    """

    telegram_id: int
    flow: str = ""
    step: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    active_swap_id: str | None = None
    last_update: int = 0
    asked: tuple[int, ...] = ()
    held: tuple[dict[str, Any], ...] = ()
    held_asked: int | None = None
    heard: tuple[Heard, ...] = ()
    handled: tuple[Handled, ...] = ()
    albums: tuple[Album, ...] = ()
    onboarding_step: str = ""

    @property
    def question(self) -> str:
        """Return what tells the open question from others: flow, step and subjects; "" for none."""
        parts = (self.flow, self.step, *(str(self.data[name]) for name in SUBJECTS if self.data.get(name)))
        return ":".join(parts) if self.flow else ""

    def album(self, group_id: str | None) -> Album | None:
        """Return what is known of an album; None for an unknown one, and for no album."""
        return next((album for album in self.albums if album.group_id == group_id), None)

    def ask(self, flow: str, step: str, data: dict[str, Any]) -> Dialog:
        """Return the dialog at a question. The messages of another question are forgotten."""
        is_same = (flow, step) == (self.flow, self.step) and all(
            data.get(name) == self.data.get(name) for name in SUBJECTS
        )
        return replace(self, flow=flow, step=step, data=data, asked=self.asked if is_same and step else ())

    def with_asked(self, message_id: int) -> Dialog:
        """Return the dialog with one more message that shows the open question."""
        others = tuple(known for known in self.asked if known != message_id)
        return replace(self, asked=(*others, message_id)[-MAX_ASKED:])
