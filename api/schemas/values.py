"""Types and base models shared by the schemas."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache, lru_cache
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from domain.errors import Invalid
from domain.ids import ID_PATTERN
from domain.mail_addresses import kept_form
from domain.messages import MAX_SEQ
from domain.skills import MAX_SKILL_LENGTH

MAX_DAYS = 4096
"""Days whose text is kept, about eleven years: 0.5 MB."""

_MINUTES = tuple(f"{hour:02}:{minute:02}:" for hour in range(24) for minute in range(60))
_SECONDS = tuple(f"{second:02}" for second in range(60))
_MILLISECONDS = tuple(f".{millisecond:03}Z" for millisecond in range(1000))

Id = Annotated[str, Field(pattern=f"^{ID_PATTERN}$")]


@lru_cache(maxsize=MAX_DAYS)
def _day(year: int, month: int, day: int) -> str:
    return f"{year:04}-{month:02}-{day:02}T"


def iso(moment: datetime) -> str:
    """Return a UTC time in the format of JavaScript: 2026-11-22T10:00:00.000Z.

    Put together of parts that are kept: `isoformat` takes three times as long, and to keep whole times costs their
    hashes, which ask the time zone.
    """
    date = _day(moment.year, moment.month, moment.day)
    minute = _MINUTES[60 * moment.hour + moment.minute]
    return date + minute + _SECONDS[moment.second] + _MILLISECONDS[moment.microsecond // 1000]


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

ReadOnlyText = Annotated[str, Field(max_length=2048)] | None


class ContractBody(BaseModel):
    """Base of JSON bodies of the contract's routes, whose front ends edit a document and send it back whole.

    Unknown names are ignored. `document` is the type of the documents that are sent back. `read_only` are fields that
    have to say what is stored, if they say anything; none of them is used.
    """

    model_config = ConfigDict(extra="ignore", strict=True, hide_input_in_errors=True)

    document: ClassVar[Any]
    read_only: ClassVar[tuple[str, ...]]

    @classmethod
    def count_unknown(cls, names: Iterable[str]) -> int:
        """Return how many of these names are neither of this body nor of its document."""
        return len(_known_names(cls).union(names)) - len(_known_names(cls))

    @property
    def names_read_only(self) -> bool:
        """True if a read-only field was sent."""
        return not self.model_fields_set.isdisjoint(_attribute(name) for name in self.read_only)

    def require_same(self, stored: Mapping[str, Any]) -> None:
        """Raise Invalid for the first read-only field that says something else than the stored document.

        Null and "" say nothing, except that they would take a mail address away.
        """
        for name in self.read_only:
            attribute = _attribute(name)
            said, kept = getattr(self, attribute), stored.get(name)
            if attribute in self.model_fields_set and not _is_same(name, said, kept):
                raise Invalid("read_only_field", field=name)


@cache
def _known_names(body: type[ContractBody]) -> frozenset[str]:
    fields = {field.alias or name for name, field in body.model_fields.items()}
    return frozenset(fields.union(body.document.__annotations__))


def _attribute(name: str) -> str:
    return "id_" if name == "_id" else name  # a model has no attributes that begin with an underscore


def _is_same(name: str, said: str | None, stored: str | None) -> bool:
    if name == "email":
        return kept_form(said or "") == kept_form(stored or "")
    return not said or said == stored


class ContractQuery(BaseModel):
    """Base of query parameters of the contract's routes: unknown ones, such as `?t=` against caches, are ignored."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)


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
