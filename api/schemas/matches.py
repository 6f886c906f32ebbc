"""Matches: the query that is read, the documents that are sent."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from api.schemas.users import PublicUser, public_user
from api.schemas.values import Id, Limit, Query
from domain.decks import DeckAdvice, SkillCount
from domain.matches import Match


class MatchesQuery(Query):
    """`kind`: the people with whom a swap is possible, or those who could teach you and want nothing that you teach."""

    kind: Literal["swaps", "could_teach_you"] = "swaps"
    limit: Limit | None = None
    cursor: Annotated[str, Field(max_length=100)] | None = None


class FactorDocument(TypedDict):
    """What speaks for or against a match: a key for a front end to word, and what is filled in.

    For: `common_time` {n: hours a week}, `near` {km}, `very_near`, `same_place`, `several_skills` {n}, `answers`,
    `level` {skill, level: how well it is known, which is as far as you want to get}, `new_here`, `same_language`
    {language}. Against: `no_common_time`, `your_times_unknown`, `their_times_unknown`,
    `far` {km}, `low_level` {skill, level: you want to get further}, `other_language` {language}, `away`.
    """

    key: str
    params: dict[str, int | str]


class MatchCard(TypedDict):
    """A person, and why they match you.

    `score` is from 0 to 1; `reasons` are at most three, the strongest first; `caveats` should be known before asking.
    """

    user: PublicUser
    teaches_you: list[str]
    you_teach: list[str]
    shared_times: list[str]
    score: float
    reasons: list[FactorDocument]
    caveats: list[FactorDocument]
    distance_km: int | None


class SkippedDocument(TypedDict):
    """Who has been put aside."""

    _id: Id


class ReconsideredDocument(TypedDict):
    """How many people come again."""

    people: int


class SkillCountDocument(TypedDict):
    skill: str
    people: int


class AdviceDocument(TypedDict):
    """What would help an empty deck.

    How many want what you teach, and teach what you want; how many more you would match with this skill on your list;
    how many you have passed over. Numbers stop at a thousand; those of `want_too` and `teach_too` come from a sample
    of five hundred people.
    """

    wanting: list[SkillCountDocument]
    teaching: list[SkillCountDocument]
    want_too: list[SkillCountDocument]
    teach_too: list[SkillCountDocument]
    skipped: int


def match_card(match: Match) -> MatchCard:
    return {
        "user": public_user(match.user),
        "teaches_you": list(match.teaches_you),
        "you_teach": list(match.you_teach),
        "shared_times": list(match.shared_slots),
        "score": match.score,
        "reasons": [{"key": factor.key, "params": factor.params} for factor in match.reasons],
        "caveats": [{"key": factor.key, "params": factor.params} for factor in match.caveats],
        "distance_km": match.distance_km,
    }


def advice_document(advice: DeckAdvice) -> AdviceDocument:
    def counts(skills: tuple[SkillCount, ...]) -> list[SkillCountDocument]:
        return [{"skill": count.skill, "people": count.people} for count in skills]

    return {
        "wanting": counts(advice.wanting),
        "teaching": counts(advice.teaching),
        "want_too": counts(advice.want_too),
        "teach_too": counts(advice.teach_too),
        "skipped": advice.skipped,
    }
