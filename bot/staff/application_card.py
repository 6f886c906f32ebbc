"""The card of an application: who asks to be let in, and the decision."""

from __future__ import annotations

from bot.staff.wording import Card, CardKind
from bot.users import profile_card
from bot.views.screens import Row, Screen, button
from domain.applications import LET_IN, WAITING, Application
from domain.availability import local_time
from domain.users import User
from handlers.applications import count_waiting, find_application
from handlers.runtime.deps import Deps
from handlers.runtime.texts import Html, Texts
from handlers.users import get_people

ROOM = 900
"""Characters of the profile on the card."""


async def word_application(deps: Deps, texts: Texts, subject: str, viewer: User | None) -> Card | None:
    found = await find_application(deps, subject)
    if found is None:
        return None
    user, application = found
    if application.state != WAITING:
        return await _decided(deps, texts, user, application)
    lines = [texts("application.title", name=user.name)]
    if application.since is not None:
        local = local_time(application.since, viewer.timezone if viewer is not None else None)
        lines.append(texts("application.since", when=f"{texts.date(local.date())}, {texts.time(local)}"))
    names = {user.id}
    author = (await get_people(deps, (user.joining.invited_by,))).get(user.joining.invited_by)
    if author is not None:
        lines.append(texts("application.invited", name=author.name))
        names.add(author.id)
    lines.append(Html(profile_card(texts, user, is_own=False, room=ROOM)))
    for question, answer in _said(texts, application):
        lines.append(texts("application.answered", question=question, answer=answer))
    lines.append(texts("application.waiting", n=await count_waiting(deps)))
    return Card(Screen("\n\n".join(lines), _rows(texts, user)), names=frozenset(names))


def _said(texts: Texts, application: Application) -> list[tuple[str, str]]:
    question = application.question or texts.plain("door.default_question")
    said = [(question, application.answer)] if application.answer else []
    return [*said, (application.asked, application.replied or "…")] if application.asked else said


def _rows(texts: Texts, user: User) -> list[Row]:
    return [
        [button(texts.plain("application.let_in"), "ap", user.id, "in", style="success")],
        [
            button(texts.plain("application.ask"), "ap", user.id, "ask"),
            button(texts.plain("application.not_now"), "ap", user.id, "no", style="danger"),
        ],
    ]


async def _decided(deps: Deps, texts: Texts, user: User, application: Application) -> Card | None:
    by = (await get_people(deps, (application.decided_by,))).get(application.decided_by)
    name = by.name if by is not None else texts.plain("application.service")
    is_in = application.state == LET_IN
    text = texts("application.is_let_in" if is_in else "application.is_not_now", name=user.name, by=name)
    rows = [] if is_in else [[button(texts.plain("application.let_in"), "ap", user.id, "in")]]
    return Card(Screen(text, rows), is_open=False, names=frozenset({user.id, *([by.id] if by is not None else [])}))


async def involved(deps: Deps, subject: str) -> frozenset[str]:
    return frozenset({subject})


KIND = CardKind(word_application, involved)
