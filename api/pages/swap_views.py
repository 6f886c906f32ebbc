"""Swaps as pages show them: lines of lists, and all that one page says about one swap; plain values for templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.availability import local_time
from domain.errors import Conflict, Problem
from domain.planning import people_of, sessions_of
from domain.proposed_times import slots_ahead
from domain.screening import partners_of
from domain.sessions import AGREED, OFFERED, Session
from domain.stages import can_in_session
from domain.swaps import ACCEPTED, PENDING, PROPOSED, WORDS_REFUSED, Swap
from domain.talks import actions
from domain.users import User, first_name
from handlers.runtime.texts import Texts
from handlers.sessions import SwapSession
from handlers.waiting import Waiting


@dataclass(frozen=True, slots=True)
class Moment:
    """A time: for programs, on the reader's clock, and on that of another one whose clock shows another hour."""

    iso: str
    text: str = ""
    theirs: str = ""


@dataclass(frozen=True, slots=True)
class SwapLine:
    """A swap in a list: `what` names the people, `pair` the skills, `state` says how it stands, `left` how long the
    reader has; `photo_url` is "" for several people."""

    href: str
    what: str
    pair: str
    state: str
    until: Moment | None = None
    left: str = ""
    photo_url: str = ""
    initial: str = ""


@dataclass(frozen=True, slots=True)
class SessionView:
    """A session on the page of its swap. `lessons` says what is taught, `can` lists the viewer's verbs, `coming` says
    that the other one will be there, or is "". `said` is the viewer's answer, as long as it can be changed."""

    id: str
    status: str
    title: str
    lessons: tuple[str, ...]
    moments: tuple[Moment, ...]
    minutes: int
    where: str
    link: str
    can: tuple[str, ...]
    is_question: bool
    said: str
    is_in_calendar: bool
    is_placeable: bool
    coming: str
    legs: tuple[tuple[int, str], ...]


def moment(texts: Texts, at: datetime, zone: str | None, other: User | None = None) -> Moment:
    """Return a time on the clock of `zone`, and on that of another user where it differs."""
    local = local_time(at, zone)
    if other is None or not other.timezone:
        return Moment(at.isoformat(), _words(texts, local))
    theirs = local_time(at, other.timezone)
    if theirs.utcoffset() == local.utcoffset():
        return Moment(at.isoformat(), _words(texts, local))
    said = texts.time(theirs.replace(tzinfo=None)) if theirs.date() == local.date() else _words(texts, theirs)
    return Moment(
        at.isoformat(), _words(texts, local), texts.plain("page.session.for_them", time=said, name=first_name(other))
    )


def _words(texts: Texts, local: datetime) -> str:
    plain = local.replace(tzinfo=None)
    return f"{texts.day(plain)}, {texts.time(plain)}"


def current_of(problem: Problem) -> Swap | None:
    """Return the swap as it stands now, which a conflict has with it."""
    return problem.current if isinstance(problem, Conflict) and isinstance(problem.current, Swap) else None


def names_of(texts: Texts, swap: Swap, viewer_id: str, people: Mapping[str, User], *, only: Sequence[str] = ()) -> str:
    """Return the names of the others in a swap, or of these, as a list."""
    others = [people.get(one) for one in only or partners_of(swap, viewer_id)]
    somebody = texts.plain("swap.somebody")
    return texts.enumerate([one.name if one is not None and one.name else somebody for one in others] or [somebody])


def away(texts: Texts, swap: Swap, viewer_id: str, people: Mapping[str, User]) -> str:
    """Return that Telegram does not reach some of the others, "" when it does or nothing is open any more."""
    missed = [one for one in swap.away if one in partners_of(swap, viewer_id)]
    if not missed or not swap.is_open:
        return ""
    return texts.plain("page.swap.away", names=names_of(texts, swap, viewer_id, people, only=missed))


def why(texts: Texts, swap: Swap, viewer_id: str) -> str:
    """Return what the viewer has to know of a swap's state: the reason of a no, or why a request is not sent yet."""
    if swap.screened_at is not None and swap.end_reason == WORDS_REFUSED:
        return texts.plain("screening.refused")
    if swap.screened_at is not None and swap.status == PENDING:
        return texts.plain("screening.request")
    is_mine = swap.decline_reason and swap.author == viewer_id
    return texts.plain(f"swap.why.{swap.decline_reason}") if is_mine else ""


def pair_of(texts: Texts, swap: Swap, viewer_id: str) -> str:
    """Return "skill that the viewer learns ⇄ skill that the viewer teaches"."""
    return f"{texts.skill_name(swap.learnt_by(viewer_id))} ⇄ {texts.skill_name(swap.taught_by(viewer_id))}"


def swap_line(texts: Texts, swap: Swap, viewer: User, people: Mapping[str, User]) -> SwapLine:
    """Return a swap as a line of a list."""
    until = moment(texts, swap.due_at, viewer.timezone) if swap.status in (PENDING, PROPOSED) and swap.due_at else None
    others = [people[one] for one in partners_of(swap, viewer.id) if one in people] if swap.is_disclosed else []
    return SwapLine(
        address_of(swap),
        names_of(texts, swap, viewer.id, people),
        pair_of(texts, swap, viewer.id),
        texts.plain(f"swap.status.{swap.outcome}"),
        until,
        **_face(others),
    )


def _face(people: Sequence[User]) -> dict[str, str]:
    """Return the photo of one other person, or else the first letters of all."""
    if len(people) == 1 and people[0].photo_url:
        return {"photo_url": people[0].photo_url}
    return {"initial": "".join(person.name[:1].upper() for person in people)}


def address_of(swap: Swap) -> str:
    """Return the address of the page about a swap; a circle that is not closed stands among the circles."""
    return f"/swaps/{swap.id}" if swap.is_disclosed else f"/circles#circle-{swap.id}"


def waiting_line(texts: Texts, waiting: Waiting, viewer: User, at: datetime) -> SwapLine:
    """Return what waits for the viewer as a line of a list."""
    somebody = texts.plain("page.swaps.a_circle")
    names = texts.enumerate([person.name for person in waiting.people if person.name] or [somebody])
    return SwapLine(
        _address_of_waiting(waiting),
        texts.plain(f"page.waiting.{waiting.kind}", name=names),
        pair_of(texts, waiting.swap, viewer.id),
        "",
        Moment(waiting.until.isoformat()) if waiting.until else None,
        left_until(texts, waiting.until, at) if waiting.until else "",
        **_face(waiting.people),
    )


def left_until(texts: Texts, until: datetime, at: datetime) -> str:
    """Return how much time is left, in one unit: "3 days left"."""
    left = max(until - at, timedelta(0))
    for unit, length in (("days", timedelta(days=1)), ("hours", timedelta(hours=1))):
        if left >= length:
            return texts.plain(f"page.request.left.{unit}", n=left // length)
    return texts.plain("page.request.left.minutes", n=left // timedelta(minutes=1))


def _address_of_waiting(waiting: Waiting) -> str:
    address = address_of(waiting.swap)
    if waiting.kind == "rate" and waiting.people:
        return f"{address}/rate/{waiting.people[0].id}"
    return f"{address}/plan" if waiting.kind == "plan" else address


def upcoming_line(texts: Texts, one: SwapSession, viewer: User, people: Mapping[str, User], now: datetime) -> SwapLine:
    """Return a session that is coming up as a line of a list."""
    partner = next((people.get(person) for person in people_of(one.swap, one.session) if person != viewer.id), None)
    face = _face([partner] if partner is not None else [])
    name = partner.name if partner is not None and partner.name else texts.plain("swap.somebody")
    is_agreed = one.session.status == AGREED
    return SwapLine(
        address_of(one.swap),
        name,
        pair_of(texts, one.swap, viewer.id),
        "" if is_agreed else texts.plain("page.session.offered"),
        moment(texts, one.next_start(now), viewer.timezone),
        **face,
    )


def may_be_placed(swap: Swap, session: Session, at: datetime) -> bool:
    """Return whether it can be said where a session is."""
    return swap.status == ACCEPTED and session.is_upcoming and not session.noted_by and not session.is_over(at)


def session_views(
    texts: Texts, swap: Swap, viewer: User, people: Mapping[str, User], at: datetime
) -> Sequence[SessionView]:
    """Return the sessions of a swap that the viewer takes part in, those that need something first."""
    views = [_session_view(texts, swap, session, viewer, people, at) for session in sessions_of(swap, viewer.id)]
    return sorted(views, key=lambda view: not view.can)


def _session_view(
    texts: Texts, swap: Swap, session: Session, viewer: User, people: Mapping[str, User], at: datetime
) -> SessionView:
    partner_id = next((person for person in people_of(swap, session) if person != viewer.id), "")
    partner = people.get(partner_id)
    name = partner.name if partner is not None and partner.name else texts.plain("swap.somebody")
    starts = session.slots if session.starts_at is None else (session.starts_at,)
    if session.status == OFFERED:
        starts = tuple(start for start in starts if start > at)
    can = can_in_session(swap, session, viewer.id, at)
    answer = session.answer_of(viewer.id)
    is_question = "answer" in can and (answer is None or session.denied_by == viewer.id)
    key = "asked" if "answer" in can else session.status
    if session.status == OFFERED:
        key = "offered_mine" if session.offered_by == viewer.id else "offered_theirs"
    elif session.status == AGREED and session.noted_by == viewer.id:
        key = "noted_mine"
    mine = [(number, swap.legs[number]) for number in session.legs]
    lessons = tuple(_lesson(texts, leg.learner == viewer.id, leg.skill) for _, leg in mine)
    return SessionView(
        id=session.id,
        status=session.status,
        title=texts.plain(f"page.session.{key}", name=name),
        lessons=lessons,
        moments=tuple(moment(texts, start, viewer.timezone, partner) for start in starts),
        minutes=session.minutes,
        where=session.place or texts.plain(f"session.where.{session.mode}"),
        link=session.link,
        can=can,
        is_question=is_question,
        said=texts.plain(f"page.session.said_{answer.answer}", name=name) if "answer" in can and answer else "",
        is_in_calendar=session.status == AGREED and not session.noted_by,
        is_placeable=may_be_placed(swap, session, at),
        coming=texts.plain("session.coming", name=name) if partner_id in session.confirmed else "",
        legs=tuple((number, _lesson(texts, leg.learner == viewer.id, leg.skill)) for number, leg in mine),
    )


def _lesson(texts: Texts, is_learner: bool, skill: str) -> str:
    return texts.plain("page.session.you_learn" if is_learner else "page.session.you_teach", skill=texts.skill(skill))


def proposed_moments(texts: Texts, swap: Swap, viewer: User, partner: User | None, at: datetime) -> tuple[Moment, ...]:
    """Return the times that a request proposes and that are still to come."""
    return tuple(moment(texts, slot, viewer.timezone, partner) for slot in slots_ahead(swap, at))


def verbs(swap: Swap, viewer: User, at: datetime) -> frozenset[str]:
    """Return what the viewer can do in a swap now."""
    return frozenset(actions(swap, viewer.id, at))
