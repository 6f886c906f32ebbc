"""Schemas of skills and their moderation."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from api.schemas.users import Locale
from api.schemas.values import NOT_GIVEN, Body, Limit, Query, Spelling
from domain.skills import MAX_SKILL_LENGTH
from handlers.moderation import PendingSkill, SkillRecord
from handlers.skills import CategoryListing, SkillPresence


class SkillsQuery(Query):
    """`q` is the beginning of a skill."""

    q: Annotated[str, Field(min_length=1, max_length=4 * MAX_SKILL_LENGTH)]
    limit: Limit | None = None


class PendingQuery(Query):
    """`after` is the key of the last skill seen."""

    after: Annotated[str, Field(max_length=4 * MAX_SKILL_LENGTH)] | None = None
    limit: Limit | None = None


Names = dict[Locale, Spelling]
"""Names of the skill by language; the default language is required."""


class DecisionBody(Body):
    """A moderator's decision about a skill.

    `named` takes `names`, `category` and optionally `aliases`. `merged` takes `into`, any spelling
    of the other skill.
    """

    key: Spelling
    decision: Literal["named", "merged", "rejected"]
    names: Names = NOT_GIVEN
    category: Annotated[str, Field(max_length=40)] = ""
    aliases: Annotated[list[Spelling], Field(max_length=40)] = []
    into: Annotated[str, Field(max_length=4 * MAX_SKILL_LENGTH)] = ""


class SkillDocument(TypedDict):
    """A skill, with its name in your language or as a user has written it.

    `key` is the same for all spellings. `teachers` and `learners` count other users whom you can
    see, to 100. `is_guess` marks a similar spelling.
    """

    skill: str
    key: str
    is_taught: bool
    is_wanted: bool
    teachers: int
    learners: int
    is_guess: bool


class CategoryDocument(TypedDict):
    """A category and the names of its skills."""

    category: str
    name: str
    skills: list[str]


class PendingSkillDocument(TypedDict):
    """A skill without a decision, as first written. `similar` are names of skills that it may be."""

    skill: SkillDocument
    similar: list[str]


class DecisionDocument(TypedDict):
    """A decision about a skill. `into` is the key of the skill it was merged into, or ""."""

    key: str
    decision: str
    names: dict[str, str]
    category: str
    aliases: list[str]
    into: str


def skill_document(presence: SkillPresence, *, is_guess: bool = False) -> SkillDocument:
    return {
        "skill": presence.skill,
        "key": presence.key,
        "is_taught": presence.teachers > 0,
        "is_wanted": presence.learners > 0,
        "teachers": presence.teachers,
        "learners": presence.learners,
        "is_guess": is_guess,
    }


def category_document(listing: CategoryListing) -> CategoryDocument:
    return {"category": listing.key, "name": listing.name, "skills": list(listing.skills)}


def pending_skill_document(pending: PendingSkill, names: list[str]) -> PendingSkillDocument:
    return {"skill": skill_document(pending.presence), "similar": names}


def decision_document(record: SkillRecord) -> DecisionDocument:
    decision = record.decision
    return {
        "key": decision.key,
        "decision": decision.verdict,
        "names": dict(decision.names),
        "category": decision.category,
        "aliases": list(decision.aliases),
        "into": decision.into,
    }
