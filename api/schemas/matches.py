"""Schemas of matches."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from api.schemas.users import PublicUser, public_user
from api.schemas.values import Id, Limit, Query
from domain.decks import DeckAdvice, PeopleCount, SkillCount
from domain.matches import Match


class MatchesQuery(Query):
    """`kind` is `swaps` for users with whom a swap is possible, or `could_teach_you` for users who
    could teach you and want nothing that you teach.
    """

    kind: Literal["swaps", "could_teach_you"] = "swaps"
    limit: Limit | None = None
    cursor: Annotated[str, Field(max_length=100)] | None = None


class FactorDocument(TypedDict):
    """A reason for or against a match: a key for the front end to word, and its parameters.

    For: `common_time` {amount: `little`, `some` or `much`; n: hours a week of the slots that both
    have ticked, more than people have, so better not shown}, `near` {km}, `very_near`, `same_place`,
    `several_skills` {n}, `answers`, `level` {skill, level: the teacher's, at least the one you
    want to reach}, `new_here`, `same_language` {language}.

    Against: `no_common_time`, `your_times_unknown`, `their_times_unknown`, `far` {km}, `low_level`
    {skill, level: below the one you want to reach}, `other_language` {language}, `away`.
    """

    key: str
    params: dict[str, int | str]


class MatchCard(TypedDict):
    """A user, and why they match you.

    `score` is from 0 to 1. `reasons` are at most three, strongest first;
    `caveats` are reasons against.
    """

    user: PublicUser
    teaches_you: list[str]
    you_teach: list[str]
    shared_times: list[str]
    score: float
    reasons: list[FactorDocument]
    caveats: list[FactorDocument]
    distance_km: int | None


class TimesDocument(TypedDict):
    """Starts of a session that are suggested, in order."""

    slots: list[str]


class SkippedDocument(TypedDict):
    """The user who was skipped or passed."""

    _id: Id


class ReconsideredDocument(TypedDict):
    """The number of users who are suggested again."""

    people: int


class SkillCountDocument(TypedDict):
    """A skill and a number of people."""

    skill: str
    people: int


class PeopleCountDocument(TypedDict):
    """A skill and the people who teach it, or want it: others whom you can see.

    `people` counts all. Each is in one of these: `can_ask`, `partners` (you swap with them),
    `asked` (your request waits), `asking` (theirs waits for you), `asked_before` (within sixty
    days), `passed` (you passed over or declined them), `busy` (many requests wait for them).
    """

    skill: str
    people: int
    can_ask: int
    partners: int
    asked: int
    asking: int
    asked_before: int
    passed: int
    busy: int


class AdviceDocument(TypedDict):
    """Advice for an empty list of matches.

    `wanting` counts the people who want each skill you teach, `teaching` those who teach each
    skill you want. `want_too` and `teach_too` are skills to add to your lists, with the matches
    you would gain, from a sample of 500 people. `skipped` is the number of people whom you have
    skipped and who would be suggested again. Counts stop at 1000.
    """

    wanting: list[PeopleCountDocument]
    teaching: list[PeopleCountDocument]
    want_too: list[SkillCountDocument]
    teach_too: list[SkillCountDocument]
    skipped: int


def match_card(match: Match, at: datetime) -> MatchCard:
    return {
        "user": public_user(match.user, at),
        "teaches_you": list(match.teaches_you),
        "you_teach": list(match.you_teach),
        "shared_times": list(match.shared_slots),
        "score": match.score,
        "reasons": [{"key": factor.key, "params": factor.params} for factor in match.reasons],
        "caveats": [{"key": factor.key, "params": factor.params} for factor in match.caveats],
        "distance_km": match.distance_km,
    }


def people_document(count: PeopleCount) -> PeopleCountDocument:
    return {
        "skill": count.skill,
        "people": count.people,
        "can_ask": count.can_ask,
        "partners": count.partners,
        "asked": count.asked,
        "asking": count.asking,
        "asked_before": count.asked_before,
        "passed": count.passed,
        "busy": count.busy,
    }


def advice_document(advice: DeckAdvice) -> AdviceDocument:
    def counts(skills: tuple[SkillCount, ...]) -> list[SkillCountDocument]:
        return [{"skill": count.skill, "people": count.people} for count in skills]

    return {
        "wanting": [people_document(count) for count in advice.wanting],
        "teaching": [people_document(count) for count in advice.teaching],
        "want_too": counts(advice.want_too),
        "teach_too": counts(advice.teach_too),
        "skipped": advice.skipped,
    }
