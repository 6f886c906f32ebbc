"""Values of the page of people: the question in its address, and its words about a search and an empty deck."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode

from markupsafe import Markup

from api.pages.forms import Form
from domain.decks import KINDS, SWAPS, DeckAdvice
from domain.ids import is_id
from domain.users import User
from handlers.count_texts import advice_lines, classes_text, counted
from handlers.runtime.deps import Deps
from handlers.runtime.texts import Texts
from handlers.text_search import TextSearch

MAX_ALERTS_OFFERED: Final = 3
BY_NAME: Final = "name"
MAX_PAGE: Final = 1000
CARD: Final = "#card"
"""The part of the page that has the focus after something was done."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Question in the address: a search (`q`, by skill or `by` name) or a deck (`kind`), the chosen person (`who`),
    and what was done just now: who was put `aside`, how many come `again`, which alert was set."""

    q: str = ""
    by: str = ""
    page: int = 0
    kind: str = SWAPS
    who: str = ""
    aside: str = ""
    again: int | None = None
    alerted: str = ""

    def address(self, **changes: Any) -> str:
        """Return the address of the page with these changes, and without what was done."""
        asked = replace(self, **{"who": "", "aside": "", "again": None, "alerted": "", **changes})
        values = {
            "q": asked.q,
            "by": asked.by,
            "page": asked.page or "",
            "kind": asked.kind if asked.kind != SWAPS else "",
            "who": asked.who,
            "aside": asked.aside,
            "again": "" if asked.again is None else asked.again,
            "alerted": asked.alerted,
        }
        query = urlencode({name: value for name, value in values.items() if value != ""})
        return f"/discover?{query}" if query else "/discover"

    def address_of_person(self) -> str:
        """Return the address of the page with a chosen person, whose id is still to be added."""
        address = self.address(page=self.page)
        return f"{address}{'&' if '?' in address else '?'}who="


def asked_in(fields: Form) -> Asked:
    """Return what the fields of an address or of a form ask for; anything unknown is left out."""
    kind, who = fields.text("kind"), fields.text("who")
    aside, alerted = fields.text("aside"), fields.text("alerted")
    return Asked(
        q=" ".join(fields.text("q").split()),
        by=BY_NAME if fields.text("by") == BY_NAME else "",
        page=min(fields.number("page") or 0, MAX_PAGE),
        kind=kind if kind in KINDS else SWAPS,
        who=who if is_id(who) else "",
        aside=aside if is_id(aside) else "",
        again=fields.number("again"),
        alerted=alerted if is_id(alerted) else "",
    )


@dataclass(frozen=True, slots=True)
class Choice:
    """A link: what it says, and where it leads."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class FoundView:
    """Result of a search, in words. `known` is what is between the reader and these people, `alert` the skill that an
    alert can be set for, "" for none."""

    heading: str
    known: str = ""
    several: Sequence[Choice] = ()
    similar: Sequence[Choice] = ()
    turns: Sequence[Choice] = ()
    place: str = ""
    alert: str = ""


def found_view(
    deps: Deps, texts: Texts, actor: User, asked: Asked, found: TextSearch, alerts: Collection[str]
) -> FoundView:
    """Return what a search found, in words; `alerts` are the keys for which the reader has one."""
    page = found.page
    if page is None:
        return FoundView(texts.plain("page.discover.several"), several=_skills(deps, actor, found.several))
    turns = [
        Choice(texts.plain(f"page.discover.{label}"), asked.address(page=number))
        for label, number in (("earlier", page.number - 1), ("later", page.number + 1))
        if 0 <= number < page.pages
    ]
    place = texts.plain("find.page", page=page.number + 1, pages=page.pages) if turns else ""
    if found.is_by_name or asked.by == BY_NAME:
        key = "named" if page.matches else "nobody_named"
        return FoundView(texts.plain(f"page.discover.{key}", n=counted(page.total)), turns=turns, place=place)
    is_known = page.key in deps.vocabulary
    skill = deps.vocabulary.name_of(page.key, texts.locale) if is_known else found.written
    if page.matches:
        heading = texts.plain("page.discover.teach", skill=skill, n=counted(page.total))
    elif page.key in actor.offered_keys and actor.is_listed:
        heading = texts.plain("page.discover.only_you", skill=skill)
    else:
        heading = texts.plain("page.discover.nobody", skill=skill)
    known = classes_text(texts, page.count) if page.count is not None else ""
    similar = _skills(deps, actor, found.similar)
    if found.namesakes is not None:
        similar = [*similar, Choice(texts.plain("page.discover.by_name"), asked.address(by=BY_NAME, page=0))]
    return FoundView(
        heading,
        known=f"{known[:1].upper()}{known[1:]}." if known else "",
        similar=similar,
        turns=turns,
        place=place,
        alert=skill if page.key not in alerts else "",
    )


def _skills(deps: Deps, actor: User, keys: Sequence[str]) -> list[Choice]:
    names = [deps.vocabulary.name_of(key, actor.locale) for key in keys]
    return [Choice(name, Asked(q=name).address()) for name in names]


@dataclass(frozen=True, slots=True)
class AdviceView:
    """Ways to fill an empty deck: lines in HTML, the number of people passed over, whether somebody could teach the
    reader, and skills that nobody teaches and that an alert can be set for."""

    lines: Sequence[Markup]
    skipped: int
    has_teachers: bool
    alerts: Sequence[str]


def advice_view(texts: Texts, advice: DeckAdvice, alerts: Collection[str]) -> AdviceView:
    """Return advice in words; `alerts` are the skills, by name, for which the reader has an alert."""
    lines = advice_lines(texts, advice)
    untaught = [count.skill for count in advice.teaching if not count.can_ask and count.skill not in alerts]
    return AdviceView(
        lines=[Markup(line) for line in lines],  # noqa: S704, the texts are HTML and escape what is filled in
        skipped=advice.skipped,
        has_teachers=any(count.can_ask for count in advice.teaching),
        alerts=untaught[:MAX_ALERTS_OFFERED],
    )
