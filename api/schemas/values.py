"""Types and base models shared by the schemas."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from domain.ids import ID_PATTERN
from domain.messages import MAX_SEQ
from domain.skills import MAX_SKILL_LENGTH

Id = Annotated[str, Field(pattern=f"^{ID_PATTERN}$")]


def iso(moment: datetime) -> str:
    """Return a UTC time in the format of JavaScript: 2026-11-22T10:00:00.000Z."""
    return moment.isoformat(timespec="milliseconds")[:-6] + "Z"  # without "+00:00"


MAX_LIMIT = 10**9
"""Upper bound of `limit`; each route reduces it to the size of its pages."""


class Body(BaseModel):
    """Base of JSON bodies: unknown fields and other types are errors."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class Query(BaseModel):
    """Base of query parameters: text is converted to numbers, unknown parameters are errors."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


NOT_GIVEN: Any = Field(default=None)
"""Default of a field that may be left out, but is not null unless its type allows it."""


class ConversationBody(Body):
    """The conversation, by the id of its swap."""

    swap_id: Annotated[str, Field(max_length=100)]


class SeqBody(Body):
    """The `seq` of a message."""

    seq: Annotated[int, Field(ge=1, le=MAX_SEQ)]


def _whole_number(value: Any) -> Any:
    """Convert text of digits only; int() would accept spaces and underscores, too."""
    if isinstance(value, str):
        if not re.fullmatch(r"-?[0-9]{1,20}", value):
            raise ValueError("Should be a whole number")
        return int(value)
    return value


# Bounds stand before the validator: around it, pydantic would print them as `ge` and `le` in the schema.
Limit = Annotated[int, Field(ge=1, le=MAX_LIMIT), BeforeValidator(_whole_number)]


Seq = Annotated[int, Field(ge=0, le=MAX_SEQ), BeforeValidator(_whole_number)]


Spelling = Annotated[str, Field(min_length=1, max_length=4 * MAX_SKILL_LENGTH)]
