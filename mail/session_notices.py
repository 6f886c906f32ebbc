"""Mails about the sessions of a swap, and about a swap that waits for a plan, an answer or a decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from domain import events
from domain.availability import local_time
from domain.deliveries import Delivery
from domain.languages import locale_or_default
from domain.outcomes import is_in_dispute
from domain.planning import partners_to_plan_with, people_of
from domain.sessions import AGREED, CALLED_OFF, OFFERED, Session
from domain.stages import ANSWER, can_in_session
from domain.swaps import ACCEPTED, DISPUTED, PENDING, Swap
from domain.users import User
from handlers.calendar import calendar_start, session_ics
from handlers.notifications import load_subject
from handlers.runtime.deps import Deps
from handlers.runtime.texts import Texts
from handlers.users import get_people
from mail.notices import Notice, worded_notice

SOMEBODY: Final = "?"
"""Stands for a user who has left."""


async def word_session(deps: Deps, person: User, swap: Swap, delivery: Delivery) -> Notice | None:
    """Word a session as it stands now for one of its two; None when there is nothing (any more) to say of it."""
    session = swap.plan.find(delivery.about)
    if session is None or person.id not in people_of(swap, session) or swap.status != ACCEPTED:
        return None
    kind = kind_of(session, person.id, delivery.event, swap, deps.now())
    if kind is None:
        return None
    texts = deps.texts[locale_or_default(person.locale)]
    partner = next(user_id for user_id in people_of(swap, session) if user_id != person.id)
    found = (await get_people(deps, (partner,))).get(partner)
    notice = session_notice(texts, kind, found.name if found is not None else SOMEBODY, session, person.timezone)
    notice = replace(notice, page=f"swaps/{swap.id}")
    is_news = delivery.event == events.SESSION_CHANGED and calendar_start(session) is not None
    return replace(notice, calendar=await session_ics(deps, person, swap, session)) if is_news else notice


def kind_of(session: Session, person_id: str, event: str, swap: Swap, at: datetime) -> str | None:
    """Return what a mail says of a session: its key among the texts."""
    is_to_come = session.starts_at is not None and session.starts_at > at
    match event:
        case events.SESSION_SOON:
            return "soon" if session.status == AGREED and is_to_come else None
        case events.SESSION_ASKED:
            is_due = ANSWER in can_in_session(swap, session, person_id, at)
            said = session.answer_of(person_id)
            return "asked" if is_due and (said is None or session.denied_by == person_id) else None
    if session.status == OFFERED:
        kind = "moved" if session.was_at is not None else "offered"
        return kind if session.offered_by != person_id else None
    if session.status == AGREED:
        return "agreed" if is_to_come else None
    if session.status == CALLED_OFF and not session.noted_by:
        return "called_off" if calendar_start(session) is not None else "withdrawn"
    return None


def session_notice(texts: Texts, kind: str, name: str, session: Session, zone: str | None) -> Notice:
    """Return the notice of a session in the reader's language and zone; `kind` is from `kind_of`."""
    start = calendar_start(session) or session.starts_at
    return worded_notice(
        texts,
        f"session.{kind}",
        name=name,
        time=time_in_words(texts, start, zone) if start is not None else "",
        times="\n".join(time_in_words(texts, slot, zone) for slot in session.slots),
        minutes=session.minutes,
        where=session.place or session.link or texts.plain(f"mail.session.where.{session.mode}"),
    )


def time_in_words(texts: Texts, at: datetime, zone: str | None) -> str:
    """Return a time by the reader's clock, with the name of the zone; in UTC for a reader whose zone is not known."""
    local = local_time(at, zone)
    said = texts.plain("mail.session.when", date=texts.date(local.date()), time=texts.time(local))
    return f"{said} ({texts.timezone_name(zone)})" if zone and not said.endswith("UTC") else said


async def word_yes_with_date(deps: Deps, person: User, swap: Swap, notice: Notice) -> Notice:
    """Return the notice of a yes with the session that was agreed on with it, as a sentence and as a file."""
    session = next((one for one in swap.plan.sessions if one.status == AGREED and one.starts_at is not None), None)
    if session is None or session.starts_at is None:
        return notice
    texts = deps.texts[locale_or_default(person.locale)]
    when = texts.plain("mail.session.first", time=time_in_words(texts, session.starts_at, person.timezone))
    calendar = await session_ics(deps, person, swap, session)
    return replace(notice, paragraphs=[*notice.paragraphs, ("", when)], calendar=calendar)


async def word_answer_soon(deps: Deps, person: User, swap: Swap) -> Notice | None:
    """Remind whoever has to answer a request."""
    if swap.status != PENDING or swap.answerer != person.id:
        return None
    return await _about(deps, person, swap, "answer_soon")


async def word_unplanned(deps: Deps, person: User, swap: Swap) -> Notice | None:
    """Ask for a plan of a running swap that has none."""
    if swap.status != ACCEPTED or any(session.status == AGREED for session in swap.plan.upcoming):
        return None
    partners = partners_to_plan_with(swap, person.id)
    return await _about(deps, person, swap, "unplanned", partners) if partners else None


async def word_end(deps: Deps, person: User, swap: Swap) -> Notice | None:
    """Word the end of a running swap."""
    if swap.status == DISPUTED:
        others = "" if person.id in swap.disputants else "_others"
        return await _about(deps, person, swap, f"{swap.outcome}{others}")
    return await _about(deps, person, swap, "one_way" if swap.plan.one_way else swap.status)


async def word_undecided(deps: Deps, person: User, swap: Swap) -> Notice | None:
    """Word that the moderators have not decided a dispute in time."""
    return await word_end(deps, person, swap) if swap.outcome == "undecided" else None


async def word_partner_gone(deps: Deps, person: User, swap: Swap) -> Notice | None:
    """Word that a swap has ended because the other one is not here any more."""
    return await _about(deps, person, swap, swap.end_reason) if swap.end_reason else None


async def load_dispute(deps: Deps, delivery: Delivery) -> tuple[User, Notice] | None:
    """Return a moderator and the notice that a dispute waits for a decision."""
    person, swap, _ = await load_subject(deps, delivery)
    if person is None or swap is None or not is_in_dispute(swap, deps.now()):
        return None
    if not person.is_moderator or person.id in swap.participants:
        return None
    notice = await _about(deps, person, swap, "dispute", swap.disputants)
    return person, replace(notice, page=f"moderation/disputes/{swap.id}")


async def _about(deps: Deps, person: User, swap: Swap, event: str, named: Sequence[str] = ()) -> Notice:
    """Word something about a swap; the names are those of the others in it, or of these."""
    texts = deps.texts[locale_or_default(person.locale)]
    ids = named or (swap.disputants if swap.status == DISPUTED else swap.participants)
    ids = tuple(user_id for user_id in ids if user_id != person.id)
    people = await get_people(deps, ids)
    names = texts.enumerate([people[user_id].name if user_id in people else SOMEBODY for user_id in ids])
    return worded_notice(texts, event, name=names)
