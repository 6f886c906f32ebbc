"""The bodies and queries that come in: strict pydantic models that refuse what they do not know."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from domain.geo import coarse
from domain.messages import MAX_CLIENT_ID_LENGTH, MAX_MESSAGE_LENGTH
from domain.skills import MAX_SKILL_LENGTH, MAX_SKILLS
from domain.swaps import MAX_NOTE_LENGTH
from domain.sync import MAX_PLACES
from domain.users import MAX_AVAILABILITY_LENGTH, MAX_LOCATION_LENGTH, MAX_NAME_LENGTH, ProfileChanges

MAX_SEQ = 2**53 - 1
"""The largest whole number that every JSON reader keeps exactly."""

MAX_LIMIT = 10**9
"""A larger `limit` is no mistake worth an error: it is cut to what a page may hold."""


class Body(BaseModel):
    """A JSON object: no field that is not known, no type turned into another."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class Query(BaseModel):
    """Query parameters: all text, so numbers are read from text; each at most once."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


SkillList = Annotated[list[Annotated[str, Field(max_length=4 * MAX_SKILL_LENGTH)]], Field(max_length=5 * MAX_SKILLS)]


Level = Literal["beginner", "intermediate", "advanced", "expert"]
Levels = Annotated[
    dict[Annotated[str, Field(max_length=4 * MAX_SKILL_LENGTH)], Level], Field(max_length=5 * MAX_SKILLS)
]
"""By skill, in any spelling; what is given replaces all that was there."""


NOT_GIVEN: Any = Field(default=None)
"""A field that may be left out, but may not be null unless its type says so."""


class CoordinatesBody(Body):
    """Degrees, north and east positive. They are kept to a tenth of a degree."""

    latitude: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
    longitude: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]


class ProfileBody(Body):
    """Only what is given is changed. Null, like "", empties a text that may be empty."""

    name: Annotated[str, Field(min_length=1, max_length=4 * MAX_NAME_LENGTH)] = NOT_GIVEN
    location: Annotated[str, Field(max_length=4 * MAX_LOCATION_LENGTH)] | None = NOT_GIVEN
    skills_offered: SkillList = NOT_GIVEN
    skills_wanted: SkillList = NOT_GIVEN
    offered_levels: Levels = NOT_GIVEN
    wanted_levels: Levels = NOT_GIVEN
    availability: Annotated[str, Field(max_length=4 * MAX_AVAILABILITY_LENGTH)] | None = NOT_GIVEN
    is_public: bool = NOT_GIVEN
    locale: Literal["en", "es"] = NOT_GIVEN
    timezone: Annotated[str, Field(pattern="^[A-Za-z0-9_+/-]{0,64}$")] = NOT_GIVEN
    notifications: bool = NOT_GIVEN
    photo_url: Annotated[str, Field(max_length=2048)] | None = NOT_GIVEN
    coordinates: CoordinatesBody | None = NOT_GIVEN

    def changes(self) -> ProfileChanges:
        given: dict[str, Any] = {name: getattr(self, name) for name in self.model_fields_set}
        for name in ("skills_offered", "skills_wanted"):
            if name in given:
                given[name] = tuple(given[name])
        if self.coordinates is not None and "coordinates" in given:
            given["coordinates"] = coarse(self.coordinates.latitude, self.coordinates.longitude)
        filled: dict[str, Any] = {name: "" if value is None else value for name, value in given.items()}
        return ProfileChanges(**filled)


class MergeBody(Body):
    """`code` as the other profile showed it; hyphens, spaces and small letters do not matter."""

    code: Annotated[str, Field(min_length=1, max_length=40)]


class ProposalBody(Body):
    to_user_id: Annotated[str, Field(max_length=100)]
    offered_skill: Annotated[str, Field(max_length=4 * MAX_SKILL_LENGTH)]
    wanted_skill: Annotated[str, Field(max_length=4 * MAX_SKILL_LENGTH)]
    message: Annotated[str, Field(max_length=4 * MAX_NOTE_LENGTH)] = ""


class AnswerBody(Body):
    """`version` is the one that the answer is about; when the swap has moved on, nothing is changed."""

    status: Literal["accepted", "rejected", "cancelled"]
    version: Annotated[int, Field(ge=0, le=MAX_SEQ)] | None = None


class CircleBody(Body):
    """`key` names a circle that is possible for the one who asks."""

    key: Annotated[str, Field(max_length=100)]


class CircleAnswerBody(Body):
    """`version` is the one of the circle that was looked at; a join needs it."""

    answer: Literal["join", "decline", "leave"]
    version: Annotated[int, Field(ge=0, le=MAX_SEQ)] | None = None


class MessageBody(Body):
    """`client_id` is yours to choose: sent again with the same one, it is still one message. `reply_to` is the `seq`
    of the message that this one replies to."""

    swap_id: Annotated[str, Field(max_length=100)]
    message: Annotated[str, Field(max_length=4 * MAX_MESSAGE_LENGTH)] = ""
    client_id: Annotated[str, Field(max_length=4 * MAX_CLIENT_ID_LENGTH)] | None = None
    photo_url: Annotated[str, Field(max_length=2048)] | None = None
    reply_to: Annotated[int, Field(ge=1, le=MAX_SEQ)] | None = None


class EditBody(Body):
    """The words that take the place of the old ones."""

    message: Annotated[str, Field(max_length=4 * MAX_MESSAGE_LENGTH)]


class PlaceBody(Body):
    """A conversation."""

    swap_id: Annotated[str, Field(max_length=100)]


class SeqBody(Body):
    seq: Annotated[int, Field(ge=1, le=MAX_SEQ)]


class ReadBody(PlaceBody, SeqBody):
    """Everything up to this message has been read."""


class ChatPlace(Body):
    """Your place in a conversation: the highest `seq` up to which you have everything, and the `changes` of the last
    sync. Without `after` you have nothing yet, and get the newest messages."""

    swap_id: Annotated[str, Field(max_length=100)]
    after: Annotated[int, Field(ge=0, le=MAX_SEQ)] | None = None
    changes: Annotated[int, Field(ge=0, le=MAX_SEQ)] | None = None


class EditEventBody(EditBody, PlaceBody, SeqBody):
    """Other words for a message."""


class DeleteEventBody(PlaceBody, SeqBody):
    """A message to be taken back."""


class SyncBody(Body):
    """Either one conversation, or many in `chats`; `since` is the `cursor` of the last sync."""

    swap_id: Annotated[str, Field(max_length=100)] | None = None
    after: Annotated[int, Field(ge=0, le=MAX_SEQ)] | None = None
    changes: Annotated[int, Field(ge=0, le=MAX_SEQ)] | None = None
    chats: Annotated[list[ChatPlace], Field(max_length=MAX_PLACES)] = Field(default_factory=list)
    since: Annotated[str, Field(max_length=100)] | None = None


def _whole_number(value: Any) -> Any:
    """Digits only: no spaces, underscores or points, which a laxer reading would let through."""
    if isinstance(value, str):
        if not re.fullmatch(r"-?[0-9]{1,20}", value):
            raise ValueError("Should be a whole number")
        return int(value)
    return value


Limit = Annotated[int, BeforeValidator(_whole_number), Field(ge=1, le=MAX_LIMIT)]
Seq = Annotated[int, BeforeValidator(_whole_number), Field(ge=0, le=MAX_SEQ)]


class SwapsQuery(Query):
    status: Literal["pending", "accepted", "rejected", "cancelled", "expired"] | None = None
    limit: Limit | None = None
    before: Annotated[str, Field(max_length=100)] | None = None


class ChatQuery(Query):
    after: Seq | None = None
    before: Seq | None = None
    limit: Limit | None = None


class MatchesQuery(Query):
    """`kind`: the people with whom a swap is possible, or those who could teach you and want nothing that you teach."""

    kind: Literal["swaps", "could_teach_you"] = "swaps"
    limit: Limit | None = None
    cursor: Annotated[str, Field(max_length=100)] | None = None


class PeopleQuery(Query):
    skill: Annotated[str, Field(min_length=1, max_length=4 * MAX_SKILL_LENGTH)]
    limit: Limit | None = None
    cursor: Annotated[str, Field(max_length=100)] | None = None


class AlertBody(Body):
    skill: Annotated[str, Field(min_length=1, max_length=4 * MAX_SKILL_LENGTH)]


class SkillsQuery(Query):
    q: Annotated[str, Field(min_length=1, max_length=4 * MAX_SKILL_LENGTH)]
    limit: Limit | None = None


class PendingQuery(Query):
    after: Annotated[str, Field(max_length=4 * MAX_SKILL_LENGTH)] | None = None
    limit: Limit | None = None


Spelling = Annotated[str, Field(min_length=1, max_length=4 * MAX_SKILL_LENGTH)]


class Names(Body):
    en: Spelling
    es: Spelling


class DecisionBody(Body):
    """`named` takes `names`, `category` and perhaps `aliases`; `merged` takes `into`, any spelling of the other."""

    key: Spelling
    decision: Literal["named", "merged", "rejected"]
    names: Names = NOT_GIVEN
    category: Annotated[str, Field(max_length=40)] = ""
    aliases: Annotated[list[Spelling], Field(max_length=40)] = []
    into: Annotated[str, Field(max_length=4 * MAX_SKILL_LENGTH)] = ""


class UploadQuery(Query):
    purpose: Literal["profile", "chat"] | None = None


class LinkQuery(Query):
    token: Annotated[str, Field(max_length=200)] = ""
