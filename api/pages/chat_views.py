"""Conversations as pages show them: lines of the list, and one with its messages; plain values for templates."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from api.pages.swap_views import Moment, away, moment, names_of, pair_of, session_views, verbs
from domain.messages import Message
from domain.screening import EDIT, partners_of
from domain.sessions import AGREED
from domain.swaps import Swap
from domain.users import User
from handlers.conversations import OpenConversation
from handlers.reads import Conversation
from handlers.runtime.deps import Deps
from handlers.runtime.texts import Texts

QUOTED: Final = 80
"""Characters of a message that are shown where another one answers it, and in the list."""
_ADDRESS: Final = re.compile(r"""(https?://[^\s<>"]*[^\s<>".,;:!?)\]'»”])""")


@dataclass(frozen=True, slots=True)
class Face:
    """One of the others: a photo, or else the first letter. `stripe` numbers those in a circle from 1; 0 for a pair."""

    id: str
    name: str
    photo_url: str
    initial: str
    stripe: int
    is_listed: bool


@dataclass(frozen=True, slots=True)
class ChatLine:
    """A conversation in the list; `words` are of the newest message, `unread` counts to 100."""

    id: str
    names: str
    pair: str
    faces: Sequence[Face]
    words: str
    at: Moment | None
    unread: int


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message. `parts` are (text, whether it is a web address) in turns; `quote` are the words that it answers."""

    message: Message
    is_mine: bool
    sender: str
    initial: str
    stripe: int
    parts: Sequence[tuple[str, bool]]
    at: Moment
    quote: str
    is_read: bool


@dataclass(frozen=True, slots=True)
class WaitingView:
    """Words of the reader's that a moderator looks at first."""

    id: str
    text: str
    is_edit: bool


@dataclass(frozen=True, slots=True)
class ChatView:
    """An open conversation, for its reader. `coming` is the next session, `state` how the swap stands."""

    swap: Swap
    names: str
    pair: str
    learns: str
    teaches: str
    state: str
    faces: Sequence[Face]
    messages: Sequence[MessageView]
    waiting: Sequence[WaitingView]
    changes: int
    reads: Mapping[str, int]
    has_earlier: bool
    is_newest: bool
    is_open: bool
    coming: Moment | None
    away: str

    @property
    def is_circle(self) -> bool:
        return len(self.faces) > 1

    @property
    def first(self) -> int:
        return self.messages[0].message.seq if self.messages else 0

    @property
    def last(self) -> int:
        return self.messages[-1].message.seq if self.messages else 0

    def at(self, seq: int | None) -> MessageView | None:
        """Return the message with this seq that can be answered."""
        return next((one for one in self.messages if one.message.seq == seq and not one.message.deleted_at), None)


def chat_lines(
    texts: Texts, conversations: Sequence[Conversation], viewer: User, people: Mapping[str, User]
) -> list[ChatLine]:
    """Return the conversations of the list: those with unread words, then the newest."""

    def order(one: Conversation) -> tuple[bool, float]:
        at = one.last.created_at if one.last is not None else one.swap.updated_at
        return not one.unread, -at.timestamp()

    return [_line(texts, one, viewer, people) for one in sorted(conversations, key=order)]


def _line(texts: Texts, one: Conversation, viewer: User, people: Mapping[str, User]) -> ChatLine:
    faces = faces_of(texts, one.swap, viewer, people)
    last, words = one.last, ""
    if last is not None:
        words = _short(texts, last)
        if last.from_user_id == viewer.id:
            words = texts.plain("page.chats.mine", words=words)
        elif len(faces) > 1:
            name = next((face.name for face in faces if face.id == last.from_user_id), texts.plain("swap.somebody"))
            words = texts.plain("page.chats.theirs", name=name, words=words)
    return ChatLine(
        one.swap.id,
        names_of(texts, one.swap, viewer.id, people),
        pair_of(texts, one.swap, viewer.id),
        faces,
        words,
        moment(texts, last.created_at, viewer.timezone) if last is not None else None,
        one.unread,
    )


def faces_of(texts: Texts, swap: Swap, viewer: User, people: Mapping[str, User]) -> list[Face]:
    """Return the others of a swap."""
    others = partners_of(swap, viewer.id)
    found = []
    for number, one in enumerate(others, 1):
        person = people.get(one)
        name = person.name if person is not None and person.name else texts.plain("swap.somebody")
        photo = person.photo_url or "" if person is not None else ""
        is_listed = person is not None and person.is_listed
        found.append(Face(one, name, photo, name[:1].upper(), number if len(others) > 1 else 0, is_listed))
    return found


def chat_view(deps: Deps, texts: Texts, found: OpenConversation, viewer: User, people: Mapping[str, User]) -> ChatView:
    """Return an open conversation."""
    swap, now = found.swap, deps.now()
    faces = faces_of(texts, swap, viewer, people)
    read = min((seq for one, seq in found.reads.items() if one != viewer.id), default=0)
    last_read = max((m.seq for m in found.messages if m.from_user_id == viewer.id and m.seq <= read), default=0)
    by_seq = {message.seq: message for message in found.messages}
    sessions = session_views(texts, swap, viewer, people, now)
    agreed = [one.moments[0] for one in sessions if one.status == AGREED and one.moments and not one.is_question]
    return ChatView(
        swap=swap,
        names=names_of(texts, swap, viewer.id, people),
        pair=pair_of(texts, swap, viewer.id),
        learns=texts.skill(swap.learnt_by(viewer.id)),
        teaches=texts.skill(swap.taught_by(viewer.id)),
        state=texts.plain(f"swap.status.{swap.outcome}"),
        faces=faces,
        messages=[
            _message(texts, one, viewer, {face.id: face for face in faces}, by_seq, last_read) for one in found.messages
        ],
        waiting=[WaitingView(one.id, one.text, one.kind == EDIT) for one in found.waiting],
        changes=found.changes,
        reads=found.reads,
        has_earlier=found.has_earlier,
        is_newest=found.is_newest,
        is_open="chat" in verbs(swap, viewer, now),
        coming=min(agreed, key=lambda one: one.iso, default=None),
        away=away(texts, swap, viewer.id, people),
    )


def _message(
    texts: Texts, one: Message, viewer: User, faces: Mapping[str, Face], by_seq: Mapping[int, Message], last_read: int
) -> MessageView:
    is_mine = one.from_user_id == viewer.id
    face = faces.get(one.from_user_id)
    sender = texts.plain("page.talk.live.you") if is_mine else face.name if face else texts.plain("swap.somebody")
    answered = by_seq.get(one.reply_to) if one.reply_to is not None else None
    quote = "" if one.reply_to is None else texts.plain("page.talk.live.earlier_message")
    return MessageView(
        one,
        is_mine,
        sender,
        face.initial if face else "",
        face.stripe if face else 0,
        [(part, bool(number % 2)) for number, part in enumerate(_ADDRESS.split(one.message)) if part],
        moment(texts, one.created_at, viewer.timezone),
        _short(texts, answered) if answered is not None else quote,
        one.seq == last_read,
    )


def _short(texts: Texts, message: Message) -> str:
    if message.deleted_at is not None:
        return texts.plain("page.talk.live.deleted")
    return message.message[:QUOTED] or texts.plain("page.talk.live.photo")


def addressed(texts: Texts, chat: ChatView) -> str:
    """Return the first names of those who read what is written here: "Ada and Ben"."""
    return texts.enumerate([face.name.split(" ")[0] for face in chat.faces])
