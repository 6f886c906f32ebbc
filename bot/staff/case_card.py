"""The card of a case: whom it is about, what was reported with its evidence, and the decisions."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Final

from telegram import InlineKeyboardButton

from bot.staff.ends import end_rows
from bot.staff.letters import write_button
from bot.staff.wording import Card, CardKind
from bot.views.lengths import short, visible_units
from bot.views.screens import Row, Screen, button
from bot.views.session_lines import quoted
from bot.views.swap_cards import name_of, skill_list
from domain.cases import DONE, NOTHING, RELEASE, REPORT, TAKE, TAKEN, UNDO, WORD_ACTIONS, Case
from domain.exits import UNDO_WITHIN
from domain.reports import Report
from domain.screening import WAITING
from domain.users import DELETED, User
from handlers.cases import CaseFile, find_case_file
from handlers.letters import reason_text
from handlers.request_facts import facts_line
from handlers.runtime.deps import Deps
from handlers.runtime.texts import Texts
from handlers.users import get_people

CASE_BUTTON: Final = "cs"
MAX_CARD: Final = 3500
"""UTF-16 units of a card: what does not fit any more is counted."""
MAX_WORDS: Final = 500
"""Characters of words that wait, on a card."""
LINES_OF_WORDS: Final = 3
"""Lines of a card about one text: a space, whom it is for, and the text."""
MAX_MESSAGE: Final = 120
"""Characters of a message that is evidence, on a card; the whole is in the case over REST."""


async def word_case(deps: Deps, texts: Texts, subject: str, viewer: User | None) -> Card | None:
    file = await find_case_file(deps, subject)
    if file is None or (viewer is not None and viewer.id == file.case.about):
        return None
    case = file.case
    writers = {str(message["from_user_id"]) for report in file.reports for message in report.evidence.messages}
    ids = {
        case.about,
        case.taken_by,
        *(words.to for words in file.words),
        *(report.by for report in file.reports),
        *writers,
    } - {""}
    people = await get_people(deps, tuple(ids))
    lines = [*_head(deps, texts, file), *_state(texts, case, people), *_words(texts, file, people)]
    left = len(file.reports)
    for report in file.reports:
        more = _report(texts, report, people)
        if visible_units("\n".join([*lines, *more])) > MAX_CARD:
            break
        lines += more
        left -= 1
    lines += ["", texts("case.more", n=left)] if left else []
    is_gone = file.person is None or file.person.status == DELETED
    until, rows = None, list[Row]()
    if case.state == DONE and case.decided_at is not None and UNDO in case.can("", deps.now()):
        until, rows = case.decided_at + UNDO_WITHIN, [[_button(texts, case, UNDO)]]
    elif case.state == DONE:
        rows = await end_rows(deps, texts, file.person)
    else:
        rows = rows_of(texts, case, None if is_gone else file.person, has_words=_has_words(file))
    return Card(Screen("\n".join(lines), rows), is_open=case.state != DONE, names=frozenset(people), until=until)


def _head(deps: Deps, texts: Texts, file: CaseFile) -> list[str]:
    case, person = file.case, file.person
    name = name_of(texts, person)
    lines = [texts("case.title", name=name, n=case.reports) if case.reports else texts("case.titled", name=name)]
    lines += [texts.plain(f"case.kind.{kind}") for kind in case.kinds if kind != REPORT]
    if person is None or person.status == DELETED:
        return [*lines, texts("case.gone")]
    facts = facts_line(texts, person, deps.now()) or texts.plain("case.since", month=texts.month(person.created_at))
    lines.append(escape(facts, quote=False))
    if offered := skill_list(texts, person.skills_offered):
        lines.append(texts("case.teaches", skills=offered))
    named = [texts.plain(f"case.standing.{name}") for name in person.standings(deps.now()) if name != "member"]
    lines += [texts("case.stands", standing=texts.enumerate(named))] if named else []
    decisions = [one.decision for one in file.earlier if one.decision]
    earlier = texts.enumerate([texts.plain(f"case.done.{decision}") for decision in decisions])
    return [*lines, *([texts("case.earlier", n=len(decisions), decisions=earlier)] if decisions else [])]


def _state(texts: Texts, case: Case, people: Mapping[str, User]) -> list[str]:
    by = name_of(texts, people.get(case.taken_by))
    if case.state == DONE:
        done = texts("case.decided", decision=texts.plain(f"case.done.{case.decision}"), name=by)
        reason = case.history[-1].reason if case.history else ""
        return ["", done, *([quoted(reason_text(texts, reason, presets="report.reason"))] if reason else [])]
    return ["", texts("case.taken", name=by)] if case.state == TAKEN else []


def _has_words(file: CaseFile) -> bool:
    return any(words.state == WAITING for words in file.words)


def _words(texts: Texts, file: CaseFile, people: Mapping[str, User]) -> list[str]:
    """Return the words that were screened, and the notes that are nearly equal, as lines of a card."""
    lines: list[str] = []
    for words in file.words:
        photo = "📷 " if words.message is not None and words.message.photo_url else ""
        name = name_of(texts, people.get(words.to))
        lines += ["", texts(f"case.words.{words.state}", name=name), quoted(photo + short(words.text, MAX_WORDS))]
    if file.notes:
        lines += ["", texts("case.same_note", n=len(file.notes)), quoted(short(file.notes[0], MAX_WORDS))]
    shown = lines
    while visible_units("\n".join(shown)) > MAX_CARD // 2 and len(shown) > LINES_OF_WORDS:
        shown = shown[:-LINES_OF_WORDS]
    left = (len(lines) - len(shown)) // LINES_OF_WORDS
    return [*shown, *(["", texts("case.more_words", n=left)] if left else [])]


def _report(texts: Texts, report: Report, people: Mapping[str, User]) -> list[str]:
    """Return a report with its evidence, as lines of a card."""
    reason = texts.plain(f"report.reason.{report.reason}")
    lines = ["", texts("case.report", reason=reason, name=name_of(texts, people.get(report.by)))]
    lines += [quoted(report.text)] if report.text else []
    evidence = report.evidence
    lines += [texts("case.note"), quoted(evidence.note)] if evidence.note else []
    lines += [texts("case.review"), quoted(str(evidence.review["text"]))] if evidence.review.get("text") else []
    if evidence.messages:
        lines.append(texts("case.messages", n=len(evidence.messages)))
        for message in evidence.messages:
            author = str(evidence.profile.get("name") or "") if message["from_user_id"] == report.about else ""
            said = short(str(message["message"]) or "📷", MAX_MESSAGE)
            name = author or name_of(texts, people.get(message["from_user_id"]))
            lines.append(texts("case.line", name=name, text=said))
    return lines


def rows_of(texts: Texts, case: Case, person: User | None, *, has_words: bool = False) -> list[Row]:
    """Return the buttons of an open case about a person, None for somebody who has left. Whoever may decide may press
    them; what another moderator has in hand is refused then."""
    verb = RELEASE if case.state == TAKEN else TAKE
    rows: list[Row] = [[_button(texts, case, verb)]]
    words = [button(texts.plain(f"case.{one}"), CASE_BUTTON, case.id, one, case.version) for one in WORD_ACTIONS]
    # It lets words through: only those that the card shows.
    nothing = button(texts.plain(f"case.{NOTHING}"), CASE_BUTTON, case.id, NOTHING, case.version)
    if person is not None:
        rows[0] = [*rows[0], write_button(texts, person.id, short(name_of(texts, person)))]
        rows += [[_button(texts, case, one) for one in pair] for pair in (("warn", "hide"), ("suspend", "ban"))]
    return [*rows[:1], *([words] if has_words else []), *rows[1:], [nothing]]


def _button(texts: Texts, case: Case, action: str) -> InlineKeyboardButton:
    return button(texts.plain(f"case.{action}"), CASE_BUTTON, case.id, action)


async def involved(deps: Deps, subject: str) -> frozenset[str]:
    file = await find_case_file(deps, subject)
    return frozenset((file.case.about,)) if file is not None else frozenset()


KIND = CardKind(word_case, involved)
