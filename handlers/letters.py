"""Letters: what the service or the organisers say to one person about that person."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from domain.availability import local_time
from domain.deliveries import Delivery
from domain.events import LETTER_SENT
from domain.languages import locale_or_default
from domain.letters import Letter
from domain.users import User
from handlers.notifications import deliveries_to
from handlers.runtime.deps import Deps
from handlers.runtime.texts import Texts
from storage.mongodb.database import new_id


async def new_letter(
    deps: Deps, user_id: str, kind: str, *, key: str = "", at: datetime | None = None, **words: Any
) -> tuple[Letter, list[Delivery]]:
    """Return a letter and its deliveries, to be stored together; with a `key` it is sent once, whoever repeats it.

    Its texts are `letter.<kind>` and, for a mail, `mail.letter.<kind>.subject`. `at`: when it is due, by default now.
    """
    letter_id = new_id()
    letter = Letter(id=letter_id, to=user_id, kind=kind, key=key or letter_id, at=deps.now(), words=words)
    return letter, await deliveries_to(deps, [user_id], LETTER_SENT, at=at)


async def send_letter(
    deps: Deps, user_id: str, kind: str, *, key: str = "", at: datetime | None = None, **words: Any
) -> bool:
    """Send a letter, see `new_letter`. False when one with this key was sent before."""
    letter, deliveries = await new_letter(deps, user_id, kind, key=key, at=at, **words)
    return await deps.store.letters.add(letter, deliveries)


async def load_letter(deps: Deps, delivery: Delivery) -> tuple[User, Letter] | None:
    """Return the recipient and the letter of a delivery; None when one of them is gone."""
    letter = await deps.store.letters.find(delivery.source_id)
    person = await deps.store.users.find(delivery.to)
    return (person, letter) if letter is not None and person is not None else None


ANSWERABLE: Final = ("organisers", "warned", "suspended", "banned")
"""Kinds of letters to which an answer may be written."""


async def note_letter_shown(deps: Deps, letter: Letter, message_id: int) -> None:
    """Note the message that shows a letter, so that a reply to it is an answer."""
    await deps.store.letters.note_shown(letter.id, message_id)


async def is_answerable_letter(deps: Deps, reader: User, message_id: int) -> bool:
    """Return whether this message in the reader's chat is a letter that may be answered."""
    letter = await deps.store.letters.find_shown(reader.id, message_id)
    return letter is not None and letter.kind in ANSWERABLE


def letter_words(deps: Deps, person: User, letter: Letter) -> dict[str, Any]:
    """Return the words of a letter as its reader reads them: times by their clock, presets of reasons worded."""
    texts = deps.texts[locale_or_default(person.locale)]
    words = dict(letter.words)
    for name, value in letter.words.items():
        if isinstance(value, datetime):
            local = local_time(value, person.timezone)
            words[name] = f"{texts.date(local.date())}, {texts.time(local)}"
    if "reason" in words:
        words["reason"] = reason_text(texts, words["reason"])
    return words


def reason_text(texts: Texts, reason: str, presets: str = "standing.reason") -> str:
    """Return a reason as people read it: a preset in their language, other words as they were written. `presets`: where
    the words for presets stand, after a colon or, for moderators, alone."""
    preset = f"{presets}.{reason or 'none'}"
    return texts.plain(preset) if texts.has(preset) else reason
