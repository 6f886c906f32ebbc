"""Skills and their moderation: the bodies and queries that are read, the documents that are sent."""

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
    q: Annotated[str, Field(min_length=1, max_length=4 * MAX_SKILL_LENGTH)]
    limit: Limit | None = None


class PendingQuery(Query):
    after: Annotated[str, Field(max_length=4 * MAX_SKILL_LENGTH)] | None = None
    limit: Limit | None = None


Names = dict[Locale, Spelling]
"""The skill's name by language; the default language is required."""


class DecisionBody(Body):
    """`named` takes `names`, `category` and perhaps `aliases`; `merged` takes `into`, any spelling of the other."""

    key: Spelling
    decision: Literal["named", "merged", "rejected"]
    names: Names = NOT_GIVEN
    category: Annotated[str, Field(max_length=40)] = ""
    aliases: Annotated[list[Spelling], Field(max_length=40)] = []
    into: Annotated[str, Field(max_length=4 * MAX_SKILL_LENGTH)] = ""


class SkillDocument(TypedDict):
    """A skill by its name in your language, or as somebody here writes it, and how many teach or want it.

    `key` is the same for all spellings of a skill. At most 100 people are counted. `is_guess`: a close spelling.
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
    """A skill that nobody has named yet, as it was first written; `similar` are names of skills that it might be."""

    skill: SkillDocument
    similar: list[str]


class DecisionDocument(TypedDict):
    """What has been decided about a skill; `into` is the key of the skill it was merged into, or ""."""

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
