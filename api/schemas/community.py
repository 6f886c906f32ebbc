"""Schemas of the community."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from api.schemas.values import NOT_GIVEN, Body
from domain.community import (
    JOIN_MODES,
    MAX_ABOUT,
    MAX_COMMUNITY_NAME,
    MAX_CONTACT,
    MAX_LANGUAGES,
    MAX_QUESTION,
    MAX_RULES,
    Community,
    CommunityChanges,
)

JoinMode = Literal[JOIN_MODES]  # type: ignore[valid-type] # one of the domain's


class CommunityDocument(TypedDict):
    """The community that this service is for.

    `is_set_up` is false until an admin has given it a name; it is open to everybody until then. `join` is how people
    come in. `rules_version` counts the changes of the rules. `languages` are codes of ISO 639.
    """

    name: str
    about: str
    photo_url: str | None
    rules: str
    rules_version: int
    languages: list[str]
    contact: str
    join: JoinMode
    question: str
    members_may_invite: bool
    is_set_up: bool
    version: int


def community_document(community: Community) -> CommunityDocument:
    """Return the document for everybody: without the ids of Telegram groups."""
    return {
        "name": community.name,
        "about": community.about,
        "photo_url": community.photo_url,
        "rules": community.rules,
        "rules_version": community.rules_version,
        "languages": list(community.languages),
        "contact": community.contact,
        "join": community.join,
        "question": community.question,
        "members_may_invite": community.members_may_invite,
        "is_set_up": community.is_set_up,
        "version": community.version,
    }


class AgreementBody(Body):
    """The `rules_version` of the rules that you agree to."""

    rules_version: Annotated[int, Field(ge=0, le=10**9)]


class CommunityBody(Body):
    """Changes of the community; fields that are left out stay as they are, "" or null empties one.

    `version` is the one that you have seen, if it has to be that one; `If-Match` does the same.
    """

    name: Annotated[str, Field(max_length=4 * MAX_COMMUNITY_NAME)] = NOT_GIVEN
    about: Annotated[str, Field(max_length=4 * MAX_ABOUT)] = NOT_GIVEN
    photo_url: Annotated[str, Field(max_length=2048)] | None = NOT_GIVEN
    rules: Annotated[str, Field(max_length=4 * MAX_RULES)] = NOT_GIVEN
    languages: Annotated[list[Annotated[str, Field(pattern="^[a-z]{2,3}$")]], Field(max_length=MAX_LANGUAGES)] = (
        NOT_GIVEN
    )
    contact: Annotated[str, Field(max_length=4 * MAX_CONTACT)] = NOT_GIVEN
    join: JoinMode = NOT_GIVEN
    question: Annotated[str, Field(max_length=4 * MAX_QUESTION)] = NOT_GIVEN
    members_may_invite: bool = NOT_GIVEN
    version: Annotated[int, Field(ge=0, le=10**9)] | None = None

    def changes(self) -> CommunityChanges:
        """Return the fields that were given."""
        values = {name: getattr(self, name) for name in self.model_fields_set - {"version"}}
        if "photo_url" in values:
            values["photo_url"] = values["photo_url"] or ""
        if "languages" in values:
            values["languages"] = tuple(values["languages"])
        return CommunityChanges(**values)
