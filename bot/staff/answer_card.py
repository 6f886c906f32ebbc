"""The card of an answer to the organisers, below the card that it belongs to."""

from __future__ import annotations

from bot.staff.ends import end_rows
from bot.staff.letters import write_button
from bot.staff.wording import Card, CardKind
from bot.views.screens import Screen, button
from bot.views.session_lines import quoted
from domain.users import User
from handlers.correspondence import find_answer
from handlers.runtime.deps import Deps
from handlers.runtime.texts import Texts
from handlers.users import get_people


async def word_answer(deps: Deps, texts: Texts, subject: str, viewer: User | None) -> Card | None:
    found = await find_answer(deps, subject)
    if found is None:
        return Card(Screen(texts("organisers.gone")), is_open=False)
    person, known, entry = found
    name = person.name if person is not None else texts.plain("swap.somebody")
    head = texts("organisers.appeal" if entry.decision else "organisers.answer", name=name)
    lines, reply = [head, quoted(entry.text)], known.reply_to(entry)
    names = frozenset((known.id,))
    if reply is not None or entry.noted_by:
        by = reply.by if reply is not None else entry.noted_by
        moderators = await get_people(deps, (by,))
        writer = moderators[by].name if by in moderators else texts.plain("swap.somebody")
        lines.append(texts("organisers.replied" if reply is not None else "organisers.noted_by", name=writer))
        lines += [quoted(reply.text)] if reply is not None else []
        return Card(Screen("\n".join(lines)), is_open=False, names=names | {by}, below=entry.card)
    rows = [
        [write_button(texts, known.id, name)],
        [button(texts.plain("organisers.note"), "on", known.id, entry.id)],
        *(await end_rows(deps, texts, person) if entry.decision else []),
    ]
    return Card(Screen("\n".join(lines), rows), names=names, below=entry.card)


async def involved(deps: Deps, subject: str) -> frozenset[str]:
    return frozenset((subject.partition(":")[0],))


KIND = CardKind(word_answer, involved)
