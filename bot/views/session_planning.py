"""Screens for planning: which times to offer, day, hour and length by buttons, and what a swap has planned."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from telegram import InlineKeyboardButton

from bot.views.lengths import short
from bot.views.screens import Row, Screen, button
from bot.views.session_cards import end_button, plan_button, session_button
from bot.views.session_lines import partner_id_in, session_lines
from bot.views.stamps import stamp_of
from bot.views.swap_cards import swap_button
from bot.views.time_choices import TimeChoice
from bot.views.times import day_and_time, time_label
from domain.availability import local_time
from domain.planning import sessions_of
from domain.suggestions import local_starts
from domain.swaps import Swap
from domain.timetable import MAX_AHEAD, MAX_UPCOMING
from domain.users import User
from handlers.runtime.texts import Texts

ALL_LEGS: Final = "a"
DAYS_A_PAGE: Final = 12
DAYS_A_ROW, HOURS_A_ROW = 3, 4
FIRST_HOUR, LAST_HOUR = 7, 22
"""Hours of the reader's clock that are offered as buttons."""
LENGTHS: Final = (30, 45, 60, 90, 120, 180)
MAX_DAYS_SINCE: Final = 12
"""Days back that can be picked for a session that has taken place."""


@dataclass(frozen=True, slots=True)
class Planning:
    """A session being planned by `viewer`: a new one, or other times for one. `name` is the other's.

    `target` is ALL_LEGS, "l" and the number of a leg, or the id of the session that is moved.
    """

    texts: Texts
    swap: Swap
    target: str
    viewer: User
    name: str
    at: datetime

    @property
    def moved_id(self) -> str:
        return self.target if self.target.isdecimal() else ""

    @property
    def legs(self) -> tuple[int, ...]:
        return (int(self.target[1:]),) if self.target.startswith("l") and self.target[1:].isdecimal() else ()

    def button(self, label: str, verb: str, *args: object, style: str | None = None) -> InlineKeyboardButton:
        """Return a button with data `sp:<swap>:<target>:<verb>[:<choice>[:<time>]]`."""
        return button(label, "sp", self.swap.id, self.target, verb, *args, style=style)

    def named(self, name: str, verb: str, *args: object, style: str | None = None) -> InlineKeyboardButton:
        return self.button(self.texts.plain(f"session.button.{name}"), verb, *args, style=style)


def pick_screen(planning: Planning, choice: TimeChoice, headline: str = "") -> Screen:
    """Return the times to tick, and what can be done instead."""
    texts, zone = planning.texts, planning.viewer.timezone
    key = headline or ("pick_move" if planning.moved_id else "pick")
    lines = [texts(f"session.plan.{key}", name=planning.name), "", _clock_line(texts, zone)]
    rows: list[Row] = []
    for time in choice.times:
        is_ticked = time in choice.ticked
        label = f"{'☑️' if is_ticked else '▫️'} {time_label(texts, time, zone, planning.at)}"
        if is_ticked or not choice.is_full:
            rows.append([planning.button(label, "p", choice.toggled(time).encoded())])
        else:
            rows.append([planning.button(label, "f", choice.encoded())])
    if choice.ticked:
        label = texts.plain("session.button.offer", n=len(choice.ticked))
        rows.append([planning.button(label, "o", choice.encoded(), style="success")])
    length = planning.button(texts.plain("session.button.length", n=choice.minutes), "l", choice.encoded())
    another = planning.named("another", "d", choice.encoded())
    rows.append([length] if choice.is_full else [another, length])
    return Screen("\n".join(lines), [*rows, *_other_ways(planning)])


def _other_ways(planning: Planning) -> list[Row]:
    if planning.moved_id:
        session = planning.swap.plan.find(planning.moved_id)
        label = planning.texts.plain("session.button.back")
        return [[session_button(label, planning.swap, session, "show")]] if session is not None else []
    rows: list[Row] = []
    can = planning.swap.can(planning.viewer.id)
    if "arrange" in can:
        rows.append([plan_button(planning.texts, planning.swap, "arrange", "arrange")])
    if "met" in can:
        rows.append([planning.named("met", "e")])
    return [*rows, [plan_button(planning.texts, planning.swap, "back", "open")]]


def _clock_line(texts: Texts, zone: str | None) -> str:
    return texts("session.plan.clock", place=texts.timezone_name(zone) if zone else "UTC")


def days_screen(planning: Planning, choice: TimeChoice, first: date) -> Screen:
    """Return a page of days, from `first` on."""
    texts, zone = planning.texts, planning.viewer.timezone
    last = local_time(planning.at + MAX_AHEAD, zone).date()
    days = [first + timedelta(days=number) for number in range(DAYS_A_PAGE)]
    state = choice.encoded()
    keys = [planning.button(_named(texts, day), "h", state, _noon(day, zone)) for day in days if day <= last]
    rows = _in_rows(keys, DAYS_A_ROW)
    if days[-1] < last:
        later = _noon(days[-1] + timedelta(days=1), zone)
        rows.append([planning.named("later_days", "d", state, later)])
    rows.append([planning.named("back", "p", state)])
    return Screen(texts("session.plan.day"), rows)


def hours_screen(planning: Planning, choice: TimeChoice, day: date) -> Screen:
    """Return the half hours of a day that have not passed."""
    texts, zone = planning.texts, planning.viewer.timezone
    keys = []
    for start in local_starts(day, zone):
        local = local_time(start, zone).replace(tzinfo=None)
        if start > planning.at and FIRST_HOUR <= local.hour <= LAST_HOUR:
            keys.append(planning.button(texts.time(local), "m", choice.encoded(), stamp_of(start)))
    rows = [*_in_rows(keys, HOURS_A_ROW), [planning.named("back", "d", choice.encoded())]]
    key = "hour" if keys else "no_hour"
    return Screen(f"{texts(f'session.plan.{key}', day=_named(texts, day))}\n{_clock_line(texts, zone)}", rows)


def length_screen(planning: Planning, choice: TimeChoice) -> Screen:
    """Return the lengths of a session; the last ticked time is the one that has just been picked."""
    texts = planning.texts
    keys = []
    for minutes in LENGTHS:
        other = TimeChoice(choice.times, choice.ticked, minutes)
        keys.append(planning.button(texts.plain("session.length", n=minutes), "p", other.encoded()))
    rows = [*_in_rows(keys, DAYS_A_ROW), [planning.named("back", "p", choice.encoded())]]
    return Screen(texts("session.plan.length"), rows)


def met_screen(planning: Planning) -> Screen:
    """Return the days on which a session may have taken place."""
    texts, zone = planning.texts, planning.viewer.timezone
    today = local_time(planning.at, zone).date()
    named = [planning.named("today", "E", "0"), planning.named("yesterday", "E", _noon(today - _DAY, zone))]
    earlier = [today - _DAY * number for number in range(2, MAX_DAYS_SINCE + 1)]
    keys = [planning.button(_named(texts, day), "E", _noon(day, zone)) for day in earlier]
    rows = [named, *_in_rows(keys, DAYS_A_ROW), [plan_button(texts, planning.swap, "back", "open")]]
    return Screen(texts("session.plan.met", name=planning.name), rows)


_DAY: Final = timedelta(days=1)


def _named(texts: Texts, day: date) -> str:
    return texts.day(datetime(day.year, day.month, day.day, tzinfo=UTC))


def _noon(day: date, zone: str | None) -> str:
    """Return the stamp of noon, which every day of every zone has."""
    noon = next(start for start in local_starts(day, zone) if local_time(start, zone).hour == 12)
    return stamp_of(noon)


def _in_rows(keys: list[InlineKeyboardButton], width: int) -> list[Row]:
    return [keys[at : at + width] for at in range(0, len(keys), width)]


def plan_screen(texts: Texts, swap: Swap, viewer: User, names: Mapping[str, str], *, at: datetime) -> Screen:
    """Return what is planned in a running swap, and what can be done."""
    named = texts.enumerate([names.get(person) or texts.plain("swap.somebody") for person in swap.others(viewer.id)])
    lines = [texts("session.plan.title", name=named)]
    planned = session_lines(texts, swap, viewer, names, at=at)
    lines += ["", *(planned or [texts("session.plan.nothing")])]
    rows: list[Row] = []
    for session in [one for one in sessions_of(swap, viewer.id) if one.is_upcoming]:
        start = session.starts_at or session.slots[0]
        label = f"🗓 {day_and_time(texts, start, viewer.timezone)}"
        if swap.circle is not None:
            label += f" · {short(names.get(partner_id_in(swap, session, viewer.id), ''))}"
        rows.append([session_button(label, swap, session, "show")])
    if len(swap.plan.upcoming) < MAX_UPCOMING:
        rows.append([plan_button(texts, swap, "again" if rows else "plan", "new", style="primary")])
    can = swap.can(viewer.id)
    if "arrange" in can and not rows[:-1]:
        rows.append([plan_button(texts, swap, "arrange", "arrange")])
    rows.append([plan_button(texts, swap, "met", "met")])
    if "done" in can:
        rows.append([plan_button(texts, swap, "done", "done", style="success")])
    back = texts.plain("session.button.to_card")
    if swap.circle is None:
        rows.append([swap_button(back, swap, "show")])
    else:
        rows.append([button(back, "ci", swap.id, swap.version, "show")])
    return Screen("\n".join(lines), rows)


def legs_to_plan_screen(
    texts: Texts, swap: Swap, viewer: User, names: Mapping[str, str], verb: str, *, held: Collection[int] = ()
) -> Screen:
    """Return the question for which of the viewer's two legs of a circle a session is, without those in `held`; `verb`
    goes on from there."""
    rows: list[Row] = []
    for number, leg in enumerate(swap.legs):
        if viewer.id in (leg.teacher, leg.learner) and number not in held:
            side = "learn" if leg.learner == viewer.id else "teach"
            other = leg.teacher if leg.learner == viewer.id else leg.learner
            name = short(names.get(other) or texts.plain("swap.somebody"))
            label = texts.plain(f"session.button.leg_{side}", skill=short(texts.skill_name(leg.skill)), name=name)
            rows.append([button(label, "sp", swap.id, f"l{number}", verb)])
    rows.append([plan_button(texts, swap, "back", "open")])
    return Screen(texts("session.plan.which_leg"), rows)


def nudge_screen(texts: Texts, swap: Swap, name: str, *, is_probe: bool, blocks: Sequence[Row]) -> Screen:
    """Return the question what a swap without a plan is to become, or whether its two have met; `blocks` are the rows
    that block the others."""
    if is_probe:
        rows: list[Row] = [
            [
                plan_button(texts, swap, "have_met", "met", style="success"),
                plan_button(texts, swap, "not_yet", "notyet"),
            ],
            [end_button(texts, swap)],
            *blocks,
        ]
        return Screen(texts("session.nudge.probe", name=name), rows)
    rows = [[plan_button(texts, swap, "plan", "new", style="primary")]]
    if not swap.plan.arranged_by:
        rows.append([plan_button(texts, swap, "arrange", "arrange")])
    return Screen(texts("session.nudge.no_plan", name=name), [*rows, [end_button(texts, swap)], *blocks])
