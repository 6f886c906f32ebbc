"""Screens about one session of a swap: its times, what became of it, and the questions about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from telegram import InlineKeyboardButton

from bot.views.blocks import block_button
from bot.views.lengths import short
from bot.views.reports import report_button
from bot.views.screens import Row, Screen, back_button, button
from bot.views.session_lines import lessons_html, partner_id_in, when_and_where
from bot.views.stamps import stamp_of
from bot.views.swap_cards import swap_button
from bot.views.times import day_html, time_html, time_label, times_html
from domain.reports import SWAP
from domain.sessions import (
    AGREED,
    CALLED_OFF,
    DISPUTED,
    HELD,
    MISSED,
    OFFERED,
    REASONS,
    UNKNOWN,
    Session,
)
from domain.swaps import ACCEPTED, Swap
from domain.users import User
from handlers.runtime.texts import Texts


@dataclass(frozen=True, slots=True)
class SessionView:
    """A session as one of its two sees it; `name` is the other's, `at` the present time."""

    texts: Texts
    swap: Swap
    session: Session
    viewer: User
    name: str
    at: datetime

    @property
    def is_mine(self) -> bool:
        return self.session.offered_by == self.viewer.id

    @property
    def is_to_come(self) -> bool:
        """Return whether the session is offered, or agreed and not begun."""
        starts_at = self.session.starts_at
        return self.session.is_upcoming and (starts_at is None or starts_at > self.at)

    @property
    def is_answer_due(self) -> bool:
        """Return whether the viewer is to say whether the session took place."""
        session = self.session
        if self.swap.status != ACCEPTED or session.status != AGREED or not session.is_over(self.at):
            return False
        is_open = session.answer_of(self.viewer.id) is None or session.denied_by == self.viewer.id
        return is_open and session.noted_by != self.viewer.id

    def move_button(self, name: str = "move") -> InlineKeyboardButton:
        """Return the button that begins to offer other times: see `bot.session_planning`."""
        return button(self.texts.plain(f"session.button.{name}"), "sp", self.swap.id, self.session.id, "s")

    def safety_row(self) -> Row:
        """Return the buttons to block and to report the other one; named in a circle, where they could be meant for
        two."""
        partner_id = partner_id_in(self.swap, self.session, self.viewer.id)
        name = self.name if self.swap.circle is not None else ""
        return [
            block_button(self.texts, partner_id, name),
            report_button(self.texts, partner_id, SWAP, self.swap.id, name=name),
        ]

    def button(self, name: str, verb: str, *args: object, style: str | None = None) -> InlineKeyboardButton:
        label = self.texts.plain(f"session.button.{name}")
        return session_button(label, self.swap, self.session, verb, *args, style=style)


def session_button(
    label: str, swap: Swap, session: Session, verb: str, *args: object, style: str | None = None
) -> InlineKeyboardButton:
    """Return a button with data `se:<swap>:<session>:<verb>[:<argument>]`."""
    return button(label, "se", swap.id, session.id, verb, *args, style=style)


def plan_button(texts: Texts, swap: Swap, name: str, verb: str, *, style: str | None = None) -> InlineKeyboardButton:
    """Return a button about what is planned in a swap, with data `sw:<swap>:<verb>`; `name` is that of its label."""
    return button(texts.plain(f"session.button.{name}"), "sw", swap.id, verb, style=style)


def end_button(texts: Texts, swap: Swap) -> InlineKeyboardButton:
    """Return the button that ends a running swap or circle, after a confirmation."""
    label = texts.plain("session.button.off")
    if swap.circle is not None:
        return button(label, "ci", swap.id, swap.version, "leave")
    return swap_button(label, swap, "end")


def session_screen(view: SessionView, headline: str = "") -> Screen:
    """Return the screen of a session as it stands; `headline` names another text than that of its state."""
    if view.is_answer_due and not headline:
        return question_screen(view)
    texts, session = view.texts, view.session
    lines = [texts(f"session.told.{headline or headline_of(view)}", name=view.name)]
    if session.status == OFFERED:
        slots = [slot for slot in session.slots if slot > view.at] or session.slots
        lines += ["", times_html(texts, slots, view.viewer.timezone)]
    elif session.noted_by and session.starts_at is not None:
        lines += ["", texts("session.day", day=day_html(texts, session.starts_at, view.viewer.timezone))]
    elif session.status == AGREED and session.starts_at is not None:
        lines += ["", when_and_where(texts, session, view.viewer), *_coming(view)]
    elif session.starts_at is not None:
        lines += ["", texts("session.at", time=time_html(texts, session.starts_at, view.viewer.timezone))]
    lines += lessons_html(texts, view.swap, session, view.viewer)
    return Screen("\n".join(lines), rows_of(view))


def _coming(view: SessionView) -> list[str]:
    """Return that the other one has said that they will be there, while it is to come."""
    is_coming = view.is_to_come and any(person != view.viewer.id for person in view.session.confirmed)
    return [view.texts("session.coming", name=view.name)] if is_coming else []


def headline_of(view: SessionView) -> str:
    """Return the key of the first line of a session as it stands."""
    session = view.session
    match session.status:
        case "offered":
            if view.is_mine:
                return "waiting"
            if session.moves:
                return "moved_late" if session.is_late else "moved"
            return "offered_again" if session.offers > 1 else "offered"
        case "agreed":
            return _agreed_headline(view)
        case "called_off":
            return _off_headline(view)
    return {HELD: "held", MISSED: "missed", DISPUTED: "disputed", UNKNOWN: "unknown"}[session.status]


def _agreed_headline(view: SessionView) -> str:
    session = view.session
    if session.noted_by:
        return "noted" if session.noted_by == view.viewer.id else "answered"
    if session.is_over(view.at):
        return "answered" if session.answer_of(view.viewer.id) else "begun"
    if not view.is_to_come:
        return "begun"
    last = view.swap.history[-1] if view.swap.history else None
    if last is not None and last.event == "session_placed" and session.changed_at == last.at:
        return "placed_mine" if last.by == view.viewer.id else "placed"
    return "agreed"


def _off_headline(view: SessionView) -> str:
    session = view.session
    who = "mine" if session.called_off_by == view.viewer.id else "theirs"
    if session.noted_by:
        return f"not_noted_{who}"
    if session.starts_at is not None and session.starts_at <= session.changed_at:
        return f"moved_by_hand_{who}"
    if not session.called_off_by:
        return "passed"
    return "called_off_late" if who == "theirs" and session.is_late else f"called_off_{who}"


def rows_of(view: SessionView) -> list[Row]:
    """Return the buttons of a session as it stands."""
    texts, swap = view.texts, view.swap
    if swap.status != ACCEPTED:
        return [[back_button(texts, "swaps")]]
    return [*_rows_of_running(view), [plan_button(texts, swap, "sessions", "open")], view.safety_row()]


def _rows_of_running(view: SessionView) -> list[Row]:
    texts, swap, session = view.texts, view.swap, view.session
    chat = swap_button(texts.plain("swap.chat"), swap, "chat")
    if session.status == OFFERED:
        if view.is_mine:
            return [
                [view.move_button("other_times"), view.button("call_off", "off")],
                [view.button("where", "where"), chat],
            ]
        return [*slot_rows(view), [view.move_button("other_times"), chat]]
    if session.status == AGREED:
        if session.noted_by or not view.is_to_come:
            return [[chat]]
        return [
            [view.move_button(), view.button("call_off", "off")],
            [view.button("where", "where"), chat],
        ]
    return after_rows(view)


def after_rows(view: SessionView) -> list[Row]:
    """Return the buttons for after a session that took place, or did not."""
    texts, swap = view.texts, view.swap
    if view.session.status in (MISSED, CALLED_OFF, UNKNOWN):
        return [[plan_button(texts, swap, "plan", "new", style="primary")], [end_button(texts, swap)]]
    again = plan_button(texts, swap, "again", "new")
    if "done" in swap.can(view.viewer.id):
        return [[plan_button(texts, swap, "done", "done", style="success"), again]]
    return [[again]]


def slot_rows(view: SessionView) -> list[Row]:
    """Return a button for each offered time that has not passed."""
    rows: list[Row] = []
    for slot in view.session.slots:
        if slot > view.at:
            label = f"✅ {time_label(view.texts, slot, view.viewer.timezone, view.at)}"
            rows.append([session_button(label, view.swap, view.session, "agree", stamp_of(slot), style="success")])
    return rows


def reminder_screen(view: SessionView, *, is_day_before: bool) -> Screen:
    """Return the reminder of an agreed session, a day or an hour before it starts."""
    texts = view.texts
    lines = [texts(f"session.told.{'tomorrow' if is_day_before else 'soon'}", name=view.name), ""]
    lines += [when_and_where(texts, view.session, view.viewer), *_coming(view)]
    lines += lessons_html(texts, view.swap, view.session, view.viewer)
    rows: list[Row] = [[view.move_button(), view.button("cannot", "off")]]
    if is_day_before and view.viewer.id not in view.session.confirmed:
        rows.insert(0, [view.button("there", "there", style="success")])
    rows += [[swap_button(texts.plain("swap.chat"), view.swap, "chat")], view.safety_row()]
    return Screen("\n".join(lines), rows)


def question_screen(view: SessionView) -> Screen:
    """Return the question whether a session took place."""
    texts, session = view.texts, view.session
    assert session.starts_at is not None, "only what had a time can have taken place"
    headline, when = "asked", texts("session.at", time=time_html(texts, session.starts_at, view.viewer.timezone))
    if session.noted_by:
        headline = "asked_note"
        when = texts("session.day", day=day_html(texts, session.starts_at, view.viewer.timezone))
    elif session.denied_by == view.viewer.id:
        headline = "asked_again"
    lines = [texts(f"session.told.{headline}", name=view.name), "", when]
    lines += lessons_html(texts, view.swap, session, view.viewer)
    yes = view.button("yes", "yes" if len(session.legs) > 1 else "held", *_all_legs(session), style="success")
    no = view.button("no", "no")
    if session.noted_by or session.denied_by:
        return Screen("\n".join(lines), [[yes, no], view.safety_row()])
    return Screen("\n".join(lines), [[yes], [view.button("moved", "hand"), no], view.safety_row()])


def _all_legs(session: Session) -> Sequence[object]:
    return () if len(session.legs) > 1 else ("".join(map(str, session.legs)),)


def legs_screen(view: SessionView) -> Screen:
    """Return the question which of the legs of a session took place."""
    texts, session = view.texts, view.session
    rows: list[Row] = [[view.button("both", "held", "".join(map(str, session.legs)), style="success")]]
    for leg in session.legs:
        label = texts.plain("session.button.only", skill=short(texts.skill_name(view.swap.legs[leg].skill)))
        rows.append([session_button(label, view.swap, session, "held", leg)])
    rows.append([view.button("back", "show")])
    return Screen(texts("session.told.which_legs", name=view.name), rows)


def reasons_screen(view: SessionView) -> Screen:
    """Return the question why a session did not take place; the other one does not see the answer."""
    rows: list[Row] = [[view.button(f"reason.{reason}", "why", number)] for number, reason in enumerate(REASONS)]
    rows.append([view.button("back", "show")])
    return Screen(view.texts("session.told.why", name=view.name), rows)


def confirm_off_screen(view: SessionView) -> Screen:
    """Return the screen that asks for confirmation before a session is called off."""
    texts, session = view.texts, view.session
    times = [session.starts_at] if session.starts_at is not None else list(session.slots)
    text = texts("session.told.confirm_off", name=view.name, times=times_html(texts, times, view.viewer.timezone))
    yes = view.button("call_off_yes", "off!", session.sequence, style="danger")
    return Screen(text, [[yes, view.button("keep", "show")], [view.move_button()]])


def where_screen(view: SessionView) -> Screen:
    """Return the question whether a session is online or in person."""
    rows = [[view.button("online", "online"), view.button("in_person", "place")], [view.button("back", "show")]]
    return Screen(view.texts("session.told.where"), rows)
