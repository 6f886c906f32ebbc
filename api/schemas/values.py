"""Types and base models that several schemas share."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from domain.skills import MAX_SKILL_LENGTH

Id = Annotated[str, Field(pattern="^[0-9a-f]{24}$")]


def iso(moment: datetime) -> str:
    """A time in UTC with milliseconds, as JavaScript writes it: 2026-11-22T10:00:00.000Z."""
    return moment.isoformat(timespec="milliseconds")[:-6] + "Z"  # off goes "+00:00"


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


NOT_GIVEN: Any = Field(default=None)
"""A field that may be left out, but may not be null unless its type says so."""


class ConversationBody(Body):
    """A conversation."""

    swap_id: Annotated[str, Field(max_length=100)]


class SeqBody(Body):
    seq: Annotated[int, Field(ge=1, le=MAX_SEQ)]


def _whole_number(value: Any) -> Any:
    """Digits only: no spaces, underscores or points, which a laxer reading would let through."""
    if isinstance(value, str):
        if not re.fullmatch(r"-?[0-9]{1,20}", value):
            raise ValueError("Should be a whole number")
        return int(value)
    return value


Limit = Annotated[int, BeforeValidator(_whole_number), Field(ge=1, le=MAX_LIMIT)]


Seq = Annotated[int, BeforeValidator(_whole_number), Field(ge=0, le=MAX_SEQ)]


Spelling = Annotated[str, Field(min_length=1, max_length=4 * MAX_SKILL_LENGTH)]
