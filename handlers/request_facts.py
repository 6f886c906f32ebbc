"""Facts for a decision: what a user who is asked for a swap or a circle sees of the others, as the asker saw it.

The lines are plain text in the reader's language; the channels escape them. They hold what a public profile shows, and
reasons and caveats as on a match's card. Of a private profile they say only that it is private.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from domain.availability import local_time
from domain.circle_views import CircleView, Seat, SeatFacts, facts_of
from domain.matches import Factor, match_between
from domain.swaps import PENDING, PROPOSED, Swap
from domain.users import User
from handlers.runtime.deps import Deps
from handlers.runtime.texts import Texts

MAX_TIMES: Final = 120
"""Characters of an availability that was written as free text."""

SAID_APART: Final = frozenset(("level", "low_level", "same_language", "other_language"))
"""Factors that have a line of their own."""


def request_facts(deps: Deps, texts: Texts, swap: Swap, viewer: User, asker: User | None) -> list[str]:
    """Return the lines for the user who has to answer a request, last the deadline; none for anybody else."""
    if swap.status != PENDING or viewer.id != swap.answerer or asker is None:
        return []
    lines = [texts.plain("request.private", name=asker.name)]
    if asker.is_listed:
        match = match_between(viewer, asker, at=deps.now(), online=deps.online_places)
        key_of = deps.vocabulary.key_of
        taught, wanted = swap.learnt_by(viewer.id), swap.taught_by(viewer.id)
        levels = [
            ("request.level", taught, asker.offered_levels.get(key_of(taught))),
            ("request.goal", wanted, asker.wanted_levels.get(key_of(wanted))),
        ]
        lines = fact_lines(texts, facts_of(match), levels)
    return [*lines, *_deadline(texts, viewer, swap.due_at)]


def circle_facts(texts: Texts, viewer: User, view: CircleView) -> list[str]:
    """Return a line for each of the other two, and the deadline, for a user who can still join a circle."""
    if view.status != PROPOSED or "join" not in view.can:
        return []
    lines: list[str] = []
    for seat, key in ((view.you_learn, "request.level"), (view.you_teach, "request.goal")):
        if seat.facts is not None:
            facts = fact_lines(texts, seat.facts, [(key, seat.skill, seat.facts.level)])
            lines.append(texts.plain("request.member", name=seat.name, facts=" · ".join(facts)))
    return [*lines, *_deadline(texts, viewer, view.due_at)]


def with_facts(deps: Deps, view: CircleView, swap: Swap, viewer_id: str, people: Mapping[str, User]) -> CircleView:
    """Return the view of a circle that the viewer can still join with what is public about the other two."""
    viewer = people.get(viewer_id)
    if viewer is None or swap.status != PROPOSED or "join" not in view.can:
        return view

    def known(seat: Seat, person: User | None, levels: Mapping[str, str]) -> Seat:
        if person is None or not person.is_listed:
            return seat
        match = match_between(viewer, person, at=deps.now(), online=deps.online_places)
        return replace(seat, facts=facts_of(match, levels.get(deps.vocabulary.key_of(seat.skill))))

    learner = people.get(next((leg.learner for leg in swap.legs if leg.teacher == viewer_id), ""))
    teacher = people.get(next((leg.teacher for leg in swap.legs if leg.learner == viewer_id), ""))
    return replace(
        view,
        you_teach=known(view.you_teach, learner, learner.wanted_levels if learner else {}),
        you_learn=known(view.you_learn, teacher, teacher.offered_levels if teacher else {}),
    )


def fact_lines(texts: Texts, facts: SeatFacts, levels: Sequence[tuple[str, str, str | None]]) -> list[str]:
    """Return the lines about one user; `levels` are (text, skill, level), without a line where there is no level."""
    lines = [texts.plain("request.place", place=facts.location)] if facts.location else []
    if facts.shared_slots:
        lines.append(texts.plain("request.both_free", times=slot_names(texts, facts.shared_slots)))
    elif times := slot_names(texts, facts.slots) or _shortened(facts.availability):
        lines.append(texts.plain("request.free", times=times))
    lines += [
        texts.plain(key, skill=texts.skill_name(skill), level=texts.plain(f"level.{level}"))
        for key, skill, level in levels
        if level
    ]
    lines.append(texts.plain("request.language", language=texts.language_name(facts.locale)))
    reasons = [one for one in unsaid_reasons(facts.reasons, facts.shared_slots) if one.key not in SAID_APART]
    caveats = [caveat for caveat in facts.caveats if caveat.key not in SAID_APART][:1]
    if reasons:
        lines.append(
            texts.plain("request.why", reasons=" · ".join(factor_text(texts, one, "reason") for one in reasons))
        )
    return [*lines, *(texts.plain("request.but", caveat=factor_text(texts, one, "caveat")) for one in caveats)]


def facts_line(texts: Texts, person: User, at: datetime) -> str:
    """Return what is counted about a person as one plain line."""
    record = person.record
    parts = []
    if (mean := record.mean) is not None:
        parts.append(texts.plain("rating.fact.mean", mean=f"{mean:.1f}", n=record.ratings))
    if record.swaps_held:
        parts.append(texts.plain("rating.fact.held", n=record.swaps_held))
    if record.replies:
        parts.append(texts.plain(f"rating.fact.{record.replies}"))
    if (missed := record.no_shows_at(at)) > 0:
        parts.append(texts.plain("rating.fact.no_shows", n=missed))
    if not parts:  # nothing is known yet, and "new here" is among the reasons
        return ""
    parts.append(texts.plain("rating.fact.since", month=texts.month(person.created_at)))
    return " · ".join(parts)


def unsaid_reasons(reasons: Sequence[Factor], shared_slots: Sequence[str]) -> list[Factor]:
    """Return the reasons without the common time where its slots are named: "evenings" says it better."""
    return [reason for reason in reasons if reason.key != "common_time" or not shared_slots]


def factor_text(texts: Texts, factor: Factor, kind: str) -> str:
    """Return a reason or a caveat (`kind`) in plain words: languages and levels by name, distances with their unit."""
    params: dict[str, Any] = dict(factor.params)
    if "amount" in params:
        return texts.plain(f"match.{kind}.common_time_{params['amount']}")
    if "language" in params:
        params["language"] = texts.language_name(str(params["language"]))
    if "km" in params:
        params["distance"] = texts.distance(params["km"])
    if "skill" in params:
        params["skill"] = texts.skill(str(params["skill"]))
    if "level" in params:
        params["level"] = texts.plain(f"level.{params['level']}")
    return texts.plain(f"match.{kind}.{factor.key}", **params)


def slot_names(texts: Texts, slots: Sequence[str]) -> str:
    """Return slots as a list in the reader's language; "" for none."""
    return texts.enumerate([texts.plain(f"match.slot.{slot.replace(' ', '_')}") for slot in slots])


def _shortened(availability: str) -> str:
    return availability if len(availability) <= MAX_TIMES else f"{availability[: MAX_TIMES - 1].rstrip()}…"


def _deadline(texts: Texts, viewer: User, due_at: datetime | None) -> list[str]:
    if due_at is None:
        return []
    local = local_time(due_at, viewer.timezone)
    return [texts.plain("request.answer_by", date=texts.date(local.date()), time=texts.time(local))]
