"""Screens for the end of a swap: what became of it, one's side of a dispute, and the dispute for the moderators."""

from __future__ import annotations

from collections.abc import Mapping

from bot.views.rating_cards import star_rows
from bot.views.screens import Row, Screen, back_button, button
from bot.views.session_cards import plan_button
from bot.views.session_lines import quoted
from bot.views.swap_cards import pair_line
from bot.views.times import time_html
from domain.outcomes import DECISIONS
from domain.sessions import DISPUTED as SESSION_DISPUTED
from domain.sessions import Answer
from domain.swaps import COMPLETED, DISPUTED, Swap
from domain.timetable import MAX_STATEMENT_LENGTH, STATEMENT_WITHIN
from domain.users import User
from handlers.runtime.texts import Texts


def ending_screen(texts: Texts, swap: Swap, viewer: User, name: str, rated: str) -> Screen:
    """Return what became of a swap that has run, with the moderators' reason where they have decided.

    `name` names all the others, `rated` the one whom the viewer can rate; "" for nobody.
    """
    words = {"name": name, "pair": pair_line(texts, swap, viewer.id)}
    key = "one_way" if swap.status == COMPLETED and swap.plan.one_way else swap.status
    if swap.plan.decision:
        text = texts(f"session.ending.decided_{swap.status}", **words)
        return _with_stars(texts, swap, viewer, f"{text}\n{quoted(swap.plan.decision)}", rated)
    if swap.status == DISPUTED and viewer.id not in swap.disputants:
        return Screen(texts(f"session.ending.{swap.outcome}_others", pair=words["pair"]), _after(texts))
    if swap.outcome == "undecided":
        return Screen(texts("session.ending.undecided", **words), _after(texts))
    hours = round(STATEMENT_WITHIN.total_seconds() / 3600)
    text = texts(f"session.ending.{key}", n=hours, **words)
    if swap.status == DISPUTED:
        return Screen(text, [[plan_button(texts, swap, "say", "say", style="primary")], [back_button(texts, "swaps")]])
    return _with_stars(texts, swap, viewer, text, rated)


def _with_stars(texts: Texts, swap: Swap, viewer: User, text: str, rated: str) -> Screen:
    if rated:
        text += f"\n\n{texts('rating.ask', name=rated)}"
    return Screen(text, [*star_rows(texts, swap, viewer.id), *_after(texts)])


def _after(texts: Texts) -> list[Row]:
    return [[button(texts.plain("swap.list.find_match"), "match"), back_button(texts, "swaps")]]


def statement_screen(texts: Texts, name: str) -> Screen:
    """Return the question for one's side of a dispute. Its buttons name no swap: a reply to it is the answer."""
    text = texts("dispute.ask", name=name, max=MAX_STATEMENT_LENGTH)
    return Screen(text, [[button(texts.plain("session.button.never_mind"), "sq", "end")]])


def dispute_screen(texts: Texts, swap: Swap, zone: str | None, names: Mapping[str, str]) -> Screen:
    """Return a dispute as moderators see it: the sessions, what each has said, and the decisions."""
    rows: list[Row] = [
        [button(texts.plain(f"dispute.decide_{decision}"), "dd", swap.id, number)]
        for number, decision in enumerate(DECISIONS)
    ]
    return Screen("\n".join(_dispute_lines(texts, swap, zone, names)), rows)


def settled_screen(texts: Texts, swap: Swap, zone: str | None, names: Mapping[str, str], by: str) -> Screen:
    """Return a dispute that is over: what was decided, by whom and why; or that there is nothing left to decide."""
    lines = _dispute_lines(texts, swap, zone, names)
    if not swap.plan.decision:
        return Screen("\n".join([*lines, "", texts("dispute.nothing_left")]))
    decision = texts.plain(f"dispute.decide_{swap.status}") if swap.status in DECISIONS else ""
    lines += ["", texts("dispute.decided_by", decision=decision, name=by), quoted(swap.plan.decision)]
    return Screen("\n".join(lines))


def _dispute_lines(texts: Texts, swap: Swap, zone: str | None, names: Mapping[str, str]) -> list[str]:
    somebody = texts.plain("swap.somebody")
    people = texts.enumerate([names.get(person) or somebody for person in swap.disputants])
    lines = [texts("dispute.open", names=people), ""]
    for leg in swap.legs:
        teacher, learner = (names.get(person) or somebody for person in (leg.teacher, leg.learner))
        lines.append(texts("dispute.leg", teacher=teacher, learner=learner, skill=texts.skill(leg.skill)))
    for session in swap.plan.sessions:
        if session.status == SESSION_DISPUTED and session.starts_at is not None:
            lines += ["", texts("session.at", time=time_html(texts, session.starts_at, zone))]
            lines += [_answer_line(texts, said, names.get(said.by) or somebody) for said in session.answers]
    for person in swap.disputants:
        statement = swap.plan.statements.get(person, "")
        lines += ["", texts("dispute.says" if statement else "dispute.silent", name=names.get(person) or somebody)]
        lines += [quoted(statement)] if statement else []
    return lines


def _answer_line(texts: Texts, said: Answer, name: str) -> str:
    line = texts(f"dispute.answer_{said.answer}", name=name)
    return f"{line} ({texts(f'session.button.reason.{said.reason}')})" if said.reason else line


def reason_screen(texts: Texts, decision: str) -> Screen:
    """Return the question for the reason of a decision, which both sides read."""
    text = texts("dispute.ask_reason", decision=texts.plain(f"dispute.decide_{decision}"), max=MAX_STATEMENT_LENGTH)
    return Screen(text, [[button(texts.plain("session.button.never_mind"), "sq", "end")]])
