"""The words of the mails about swaps, in the reader's language; what people wrote stands in them as text only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from domain.alerts import LIVES, Alert
from domain.circle_views import CircleView
from domain.languages import LOCALES
from domain.messages import Message
from domain.swaps import Swap
from domain.users import User

MAX_QUOTED: Final = 1000
"""Characters of one message that a mail quotes."""

MAX_NAMED: Final = 20
"""People whom one mail names."""

WORDS: Final[dict[str, dict[str, str]]] = {
    "en": {
        "asked": "{name} would like to swap with you",
        "asked.body": "{name} would like to learn {theirs} from you, and would teach you {mine}.",
        "accepted": "{name} said yes to your swap",
        "accepted.body": "{name} accepted: you learn {mine}, {name} learns {theirs}. You can write to each other now.",
        "rejected": "{name} can't swap with you this time",
        "rejected.body": "{name} can't swap with you this time. It happens: there are others.",
        "circle.proposed": "A circle of three is waiting for you",
        "circle.proposed.body": "Three people could teach each other: {would}\nYou can join or say no.",
        "circle.possible": "A circle of three is possible",
        "circle.possible.body": "Three people could teach each other: {would}\nNobody has been asked yet.",
        "circle.would": (
            "{teacher} would teach you {learns}, you would teach {learner} {teaches}, and {learner} would teach "
            "{teacher} {between}. You see first names only, and nobody is bound, until all three have joined."
        ),
        "circle.accepted": "Your circle of three is closed",
        "circle.accepted.body": (
            "All three of you are in: {teacher} teaches you {learns}, and you teach {learner} {teaches}. "
            "You can write to each other now."
        ),
        "somebody": "somebody new",
        "unread.one": "A message from {name}",
        "unread.other": "{n} messages from {name}",
        "found": "Somebody teaches {skill} now",
        "found.body": "You asked to be told. Now teaching {skill}: {names}.",
        "ended": "Your alert for {skill} has ended",
        "ended.body": "It ran for {n} days. If you still want to know who teaches {skill}, renew it.",
        "more": "…and {n} more in the chat.",
        "photo": "[a photo]",
        "open": "Open Skill Swap",
        "why": "You get this because you take part in Skill Swap at {address}.",
        "stop": "No more of these mails",
    },
    "es": {
        "asked": "{name} quiere hacer un intercambio contigo",
        "asked.body": "A {name} le gustaría aprender {theirs} contigo, y te enseñaría {mine}.",
        "accepted": "{name} ha dicho que sí a tu intercambio",
        "accepted.body": "{name} ha aceptado: tú aprendes {mine}, {name} aprende {theirs}. Ya podéis escribiros.",
        "rejected": "{name} no puede esta vez",
        "rejected.body": "{name} no puede hacer el intercambio esta vez. A veces pasa: hay más gente.",
        "circle.proposed": "Un círculo de tres te espera",
        "circle.proposed.body": "Tres personas podrían enseñarse entre sí: {would}\nPuedes unirte o decir que no.",
        "circle.possible": "Es posible un círculo de tres",
        "circle.possible.body": (
            "Tres personas podrían enseñarse entre sí: {would}\nTodavía no se ha preguntado a nadie."
        ),
        "circle.would": (
            "{teacher} te enseñaría {learns}, tú enseñarías {teaches} a {learner}, y {learner} enseñaría {between} a "
            "{teacher}. Hasta que os unáis los tres solo se ven los nombres de pila y nadie se compromete a nada."
        ),
        "circle.accepted": "Vuestro círculo de tres está cerrado",
        "circle.accepted.body": (
            "Estáis los tres: {teacher} te enseña {learns} y tú enseñas {teaches} a {learner}. Ya podéis escribiros."
        ),
        "somebody": "alguien nuevo",
        "unread.one": "Un mensaje de {name}",
        "unread.other": "{n} mensajes de {name}",
        "found": "Ya hay quien enseña {skill}",
        "found.body": "Pediste que te avisáramos. Quién enseña {skill} ahora: {names}.",
        "ended": "Tu aviso de {skill} ha terminado",
        "ended.body": "Ha durado {n} días. Si todavía quieres saber quién enseña {skill}, renuévalo.",
        "more": "…y {n} más en el chat.",
        "photo": "[una foto]",
        "open": "Abrir Skill Swap",
        "why": "Recibes esto porque participas en Skill Swap en {address}.",
        "stop": "No quiero más correos de estos",
    },
}


@dataclass(frozen=True, slots=True)
class Notice:
    """One mail: plain paragraphs, each with who says it, or "" for ourselves."""

    subject: str
    paragraphs: Sequence[tuple[str, str]]

    def bodies(self, address: str, stop: str, locale: str) -> tuple[str, str]:
        """The text and the HTML of it."""
        words = _words(locale)
        why = words["why"].format(address=address)
        said = [f"{who}: {text}" if who else text for who, text in self.paragraphs]
        text = "\n\n".join([*said, f"{words['open']}: {address}", f"{why}\n{words['stop']}: {stop}\n"])
        lines = [
            f"<p>{f'<b>{escape(who)}</b><br>' if who else ''}{escape(words_).replace(chr(10), '<br>')}</p>"
            for who, words_ in self.paragraphs
        ]
        html = (
            f'<!doctype html><html lang="{locale}"><head><meta charset="utf-8">'
            f"<title>{escape(self.subject)}</title></head>"
            '<body style="margin:0;padding:24px 16px;font-family:sans-serif;color:#24211d;line-height:1.5">'
            f"{''.join(lines)}"
            f'<p><a href="{escape(address)}" style="color:#c2542d;font-weight:600">{escape(words["open"])}</a></p>'
            f'<p style="font-size:13px;color:#756c60">{escape(why)} '
            f'<a href="{escape(stop)}" style="color:#756c60">{escape(words["stop"])}</a></p></body></html>'
        )
        return text, html


def request_notice(person: User, swap: Swap, asker: str) -> Notice:
    """Somebody asks this person for a swap."""
    words = _words(person.locale)
    note = [(asker, swap.message)] if swap.message else []
    body = words["asked.body"].format(name=asker, **_skills(swap, person))
    return Notice(_line(words["asked"].format(name=asker)), [("", body), *note])


def answer_notice(person: User, swap: Swap, name: str) -> Notice:
    """A request has been accepted or declined."""
    words = _words(person.locale)
    body = words[f"{swap.status}.body"].format(name=name, **_skills(swap, person))
    return Notice(_line(words[swap.status].format(name=name)), [("", body)])


def alert_notice(person: User, alert: Alert, names: Sequence[str]) -> Notice:
    """An alert has found people (`names`, who are counted beyond MAX_NAMED), or has ended when there are none."""
    words = _words(person.locale)
    event = "found" if names else "ended"
    named = [*names[:MAX_NAMED], *([f"+{len(names) - MAX_NAMED}"] if len(names) > MAX_NAMED else [])]
    body = words[f"{event}.body"].format(skill=alert.skill, names=", ".join(named), n=LIVES.days)
    return Notice(_line(words[event].format(skill=alert.skill)), [("", body)])


def circle_notice(person: User, view: CircleView) -> Notice:
    """A circle that this person could ask for, is asked to join, or that has closed: by its status."""
    words = _words(person.locale)
    said = {
        "teacher": view.you_learn.name or words["somebody"],
        "learner": view.you_teach.name or words["somebody"],
        "learns": view.you_learn.skill,
        "teaches": view.you_teach.skill,
        "between": view.between,
    }
    would = words["circle.would"].format(**said)
    body = words[f"circle.{view.status}.body"].format(would=would, **said)
    return Notice(words[f"circle.{view.status}"], [("", body)])


def unread_notice(person: User, swap: Swap, unread: Sequence[tuple[str, Message]], *, at_most: int) -> Notice:
    """What has been said and not read, with who said it: `at_most` so many in full, and how many more there are."""
    words = _words(person.locale)
    names = ", ".join(dict.fromkeys(name for name, _ in unread))
    subject = words["unread.one" if len(unread) == 1 else "unread.other"].format(name=names, n=len(unread))
    parts = [(name, _quoted(message, words)) for name, message in unread[:at_most]]
    if more := len(unread) - len(parts):
        parts.append(("", words["more"].format(n=more)))
    return Notice(_line(subject), parts)


def _quoted(message: Message, words: dict[str, str]) -> str:
    text = message.message if len(message.message) <= MAX_QUOTED else f"{message.message[:MAX_QUOTED]}…"
    return text or words["photo"]


def _skills(swap: Swap, person: User) -> dict[str, str]:
    return {"mine": swap.learnt_by(person.id), "theirs": swap.taught_by(person.id)}


def _line(text: str) -> str:
    """A header is one line, whatever somebody is called."""
    return " ".join(text.split())


def _words(locale: str) -> dict[str, str]:
    return WORDS.get(locale, WORDS[LOCALES[0]])
