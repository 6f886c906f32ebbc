"""Mails about swaps, circles and alerts, in the recipient's language; user content is escaped as text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

from domain.alerts import LIVES, Alert
from domain.circle_views import CircleView
from domain.counter_offers import note_of_yes
from domain.languages import locale_or_default
from domain.messages import Message
from domain.swaps import Swap
from domain.users import User
from handlers.letters import ANSWERABLE
from handlers.palette import BRAND, INK, QUIET
from handlers.runtime.texts import Texts, load_texts

MAX_QUOTED: Final = 1000
"""Characters quoted from one message."""

MAX_NAMED: Final = 20
"""Users named in one mail."""

_BREAKING_SPACES: Final = re.compile(r"[^\S\u00a0\u202f]+")


@dataclass(frozen=True, slots=True)
class Notice:
    """One mail: plain paragraphs as (author, text), with "" as the author of our own. `page` is the
    address within the service that its link leads to, "" for the home page; `calendar` a file for calendars that is
    attached. `takes_answer`: the link leads to the page on which the recipient answers the organisers."""

    subject: str
    paragraphs: Sequence[tuple[str, str]]
    page: str = ""
    calendar: bytes = b""
    takes_answer: bool = False

    def bodies(self, address: str, stop: str, locale: str, *, service: str, answer: str = "") -> tuple[str, str]:
        """Return the plain text and the HTML body, with a link to the service (`service` at `address`), or to `answer`
        the organisers, and one to unsubscribe (`stop`)."""
        texts = _texts(locale)
        opens, stops = texts.plain("mail.open", service=service), texts.plain("mail.stop")
        why = texts.plain("mail.why", service=service, address=address)
        goes_to = f"{address}/{self.page}" if self.page else address
        if answer:
            opens, goes_to = texts.plain("mail.answer"), answer
        said = [f"{who}: {text}" if who else text for who, text in self.paragraphs]
        text = "\n\n".join([*said, f"{opens}: {goes_to}", f"{why}\n{stops}: {stop}\n"])
        lines = [
            f"<p>{f'<b>{escape(who)}</b><br>' if who else ''}{escape(paragraph).replace(chr(10), '<br>')}</p>"
            for who, paragraph in self.paragraphs
        ]
        html = (
            f'<!doctype html><html lang="{texts.locale}"><head><meta charset="utf-8">'
            f"<title>{escape(self.subject)}</title></head>"
            f'<body style="margin:0;padding:24px 16px;font-family:sans-serif;color:{INK};line-height:1.5">'
            f"{''.join(lines)}"
            f'<p><a href="{escape(goes_to)}" style="color:{BRAND};font-weight:600">{escape(opens)}</a></p>'
            f'<p style="font-size:13px;color:{QUIET}">{escape(why)} '
            f'<a href="{escape(stop)}" style="color:{QUIET}">{escape(stops)}</a></p></body></html>'
        )
        return text, html


def request_notice(texts: Texts, person: User, swap: Swap, asker: str, facts: Sequence[str] = ()) -> Notice:
    """Return the notice of a swap request or a counter-offer, with plain lines about its author, and the note."""
    note = [(asker, swap.message)] if swap.message else []
    event = "request" if swap.rounds == 1 else "countered"
    return worded_notice(texts, event, *_lines(facts), *note, name=asker, **_skills(texts, swap, person))


def answer_notice(texts: Texts, person: User, swap: Swap, name: str) -> Notice:
    """Return the notice of a request that was accepted or declined."""
    note = [(name, note_of_yes(swap))] if note_of_yes(swap) else []
    if swap.decline_reason:
        note = [("", texts.plain(f"swap.why.{swap.decline_reason}"))]
    return worded_notice(texts, swap.status, *note, name=name, **_skills(texts, swap, person))


def alert_notice(texts: Texts, alert: Alert, names: Sequence[str]) -> Notice:
    """Return the notice of an alert that has found teachers (`names`, counted beyond MAX_NAMED) or, without any, has
    ended."""
    named = list(names[:MAX_NAMED])
    if others := len(names) - len(named):
        named.append(texts.plain("mail.found.others", n=others))
    event = "found" if names else "ended"
    return worded_notice(texts, event, skill=texts.skill(alert.skill), names=texts.enumerate(named), n=LIVES.days)


def circle_notice(texts: Texts, view: CircleView, facts: Sequence[str] = ()) -> Notice:
    """Return the notice of a circle, by its status: a new candidate, an invitation (with plain lines about the other
    two), or a closed circle."""
    said = {
        "teacher": view.you_learn.name or texts.plain(view.you_learn.placeholder),
        "learner": view.you_teach.name or texts.plain(view.you_teach.placeholder),
        "learns": texts.skill(view.you_learn.skill),
        "teaches": texts.skill(view.you_teach.skill),
        "between": texts.skill(view.between),
    }
    return worded_notice(
        texts, f"circle.{view.status}", *_lines(facts), would=texts.plain("mail.circle.would", **said), **said
    )


def unread_notice(
    texts: Texts, unread: Sequence[tuple[str, Message]], *, at_most: int, circle: Sequence[str] = ()
) -> Notice:
    """Return the notice of unread (author name, message) pairs: the first `at_most` are quoted, the others counted.

    `circle` are the names of the other two in a circle: what is written there is written to all.
    """
    names = texts.enumerate(list(dict.fromkeys(name for name, _ in unread)))
    if circle:
        names = texts.plain("chat.circle_name", names=names)
    where = [("", texts.plain("mail.to_circle", names=texts.enumerate(list(circle))))] if circle else []
    parts = [*where, *((name, _quoted(message, texts)) for name, message in unread[:at_most])]
    if more := len(unread[at_most:]):
        parts.append(("", texts.plain("mail.more", n=more)))
    return Notice(_header_line(texts.plain("mail.unread", names=names, n=len(unread))), parts)


def worded_notice(texts: Texts, event: str, *more: tuple[str, str], **said: Any) -> Notice:
    """Return the notice whose texts stand under `mail.<event>`, and further paragraphs."""
    subject, text = texts.plain(f"mail.{event}.subject", **said), texts.plain(f"mail.{event}.text", **said)
    return Notice(_header_line(subject), [("", text), *more])


def letter_notice(texts: Texts, kind: str, words: Mapping[str, Any]) -> Notice:
    """Return a letter as a mail: its text is the one that Telegram shows; it has no markup."""
    subject = texts.plain(f"mail.letter.{kind}", **words)
    said = [("", texts.plain(f"letter.{kind}", **words))]
    return Notice(_header_line(subject), said, takes_answer=kind in ANSWERABLE)


def _lines(facts: Sequence[str]) -> list[tuple[str, str]]:
    return [("", "\n".join(facts))] if facts else []


def _quoted(message: Message, texts: Texts) -> str:
    text = message.message if len(message.message) <= MAX_QUOTED else f"{message.message[:MAX_QUOTED]}…"
    return text or texts.plain("mail.photo")


def _skills(texts: Texts, swap: Swap, person: User) -> dict[str, str]:
    return {"mine": texts.skill(swap.learnt_by(person.id)), "theirs": texts.skill(swap.taught_by(person.id))}


def _header_line(text: str) -> str:
    """Return text as a single header line: names may contain line breaks."""
    return _BREAKING_SPACES.sub(" ", text).strip()


def _texts(locale: str) -> Texts:
    return load_texts()[locale_or_default(locale)]
