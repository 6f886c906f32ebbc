"""Map dataclasses to documents and back, and derive updates from the difference of two documents.

A field that has no entry in a mapper's table is stored under its own name as it is, and read back with its default
where a document has none. So a field that is added to a dataclass is stored by every write, without another change.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import MISSING, dataclass
from functools import cached_property, lru_cache
from typing import Any, Final, Generic, TypeVar

from bson import ObjectId

T = TypeVar("T")
Doc = dict[str, Any]

_NEVER: Final = object()

KNOWN_IDS: Final = 4096
"""Ids that are kept parsed, the latest ones: a swap has the ids of its two people ten times."""

SCALARS: Final = frozenset(
    f"{name}{optional}" for name in ("str", "int", "float", "bool", "datetime") for optional in ("", " | None")
)
"""Types, as annotations write them, whose values BSON stores as they are."""


def _plain(value: Any) -> Any:
    """Return a value as BSON has it: tuples as arrays, mappings as documents."""
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return dict(value) if isinstance(value, Mapping) else value


@dataclass(frozen=True, slots=True)
class Field:
    """Representation of one field of a dataclass in a document.

    `name` is the document's name for it, if not the field's own. `write` and `read` convert a value. `read_doc`
    replaces `read` where the whole document decides, as with documents that other programs have written. `left_out`: a
    value with which the field is left out of the document.
    """

    name: str = ""
    write: Callable[[Any], Any] = _plain
    read: Callable[[Any], Any] | None = None
    read_doc: Callable[[Doc], Any] | None = None
    left_out: Any = _NEVER


class Mapper(Generic[T]):
    """Mapping between one dataclass and documents of one collection, or embedded ones. Built once, at import.

    `document(value)` returns the document without the fields that are written apart, `value(doc)` the value of a
    document; it raises KeyError when a field without a default is missing. Both are compiled from the table, as
    dataclasses compile their methods: every request reads documents, and a loop over the table takes twice as long.
    """

    def __init__(
        self,
        kind: type[T],
        fields: Mapping[str, Field] | None = None,
        *,
        apart: Collection[str] = (),
        alike: Collection[str] = (),
        is_sparse: bool = False,
    ) -> None:
        """Compile the mapper. `apart` names fields that `document` leaves to writers of their own; they are read like
        the others. `alike` names those whose texts many documents have: see `shared`. `is_sparse`: a field that has
        its default is left out, in embedded documents that few of many fields belong to at a time."""
        self._kind = kind
        self._fields = dict(fields or {})
        self._fields |= {name: dataclasses.replace(self._fields.get(name, Field()), read=shared) for name in alike}
        self._apart = frozenset(apart)
        self._is_sparse = is_sparse
        known = {field.name: field for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
        if unknown := (self._fields.keys() | self._apart) - known.keys():
            raise ValueError(f"{kind.__name__} has no field {', '.join(sorted(unknown))}")
        table = [(known[name], self._fields.get(name, Field())) for name in known]
        if is_sparse:
            table = [(field, _left_out_by_default(field, entry)) for field, entry in table]
        self.value: Callable[[Doc], T] = _compile_value(kind, table)
        self.document: Callable[[T], Doc] = _compile_document([row for row in table if row[0].name not in self._apart])
        with_defaults = [
            (field, _left_out_by_default(field, entry) if field.name in self._apart else entry)
            for field, entry in table
        ]
        self.whole_document: Callable[[T], Doc] = _compile_document(with_defaults)
        """Like `document`, with the fields that are written apart, where they differ from their defaults."""
        self._table = table

    @cached_property
    def difference(self) -> Callable[[T, T], Doc]:
        """Function that returns the update that turns the document of one value into that of another, as `difference`
        has it. A field that is the same object in both, as one that was left alone, is not written out."""
        return _compile_difference([row for row in self._table if row[0].name not in self._apart])

    def of(self, kind: type[T]) -> Mapper[T]:
        """Return the mapper of a subclass, with the same table."""
        return Mapper(kind, self._fields, apart=self._apart, is_sparse=self._is_sparse)


Row = tuple["dataclasses.Field[Any]", Field]


def _left_out_by_default(field: dataclasses.Field[Any], entry: Field) -> Field:
    """Return the entry of a field that is left out of the document while it has its default."""
    if field.default_factory is not MISSING:
        return dataclasses.replace(entry, left_out=field.default_factory())
    return entry if field.default is MISSING else dataclasses.replace(entry, left_out=field.default)


def _compile_document(table: Sequence[Row]) -> Callable[[Any], Doc]:
    names: dict[str, Any] = {}
    always, sometimes = [], []
    for number, (field, entry) in enumerate(table):
        item, name = f"value.{field.name}", entry.name or field.name
        if entry.write is not _plain or field.type not in SCALARS:
            names[f"write{number}"] = entry.write
            item = f"write{number}({item})"
        if entry.left_out is _NEVER:
            always.append(f"{name!r}: {item}")
        else:
            names[f"left_out{number}"] = entry.left_out
            sometimes.append(f" if {_differs(field.name, number, entry.left_out)}: doc[{name!r}] = {item}\n")
    source = f"def document(value):\n doc = {{{', '.join(always)}}}\n{''.join(sometimes)} return doc\n"
    exec(source, names)  # noqa: S102 - the source is made of the names of our own fields
    document: Callable[[Any], Doc] = names["document"]
    return document


def _compile_difference(table: Sequence[Row]) -> Callable[[Any, Any], Doc]:
    names: dict[str, Any] = {}
    steps = []
    for number, (field, entry) in enumerate(table):
        names |= {f"write{number}": entry.write, f"left_out{number}": entry.left_out}
        old, new, name = f"before.{field.name}", f"after.{field.name}", entry.name or field.name
        steps.append(f" if {new} is not {old} and {new} != {old}:\n")
        is_set = f"changed[{name!r}] = write{number}({new})\n"
        if entry.left_out is _NEVER:
            steps.append(f"  {is_set}")
        else:
            steps.append(f"  if {new} == left_out{number}: gone[{name!r}] = ''\n  else: {is_set}")
    result = ' return ({"$set": changed} if changed else {}) | ({"$unset": gone} if gone else {})\n'
    source = f"def difference(before, after):\n changed, gone = {{}}, {{}}\n{''.join(steps)}{result}"
    exec(source, names)  # noqa: S102 - as above
    compiled: Callable[[Any, Any], Doc] = names["difference"]
    return compiled


def _differs(name: str, number: int, left_out: Any) -> str:
    """Return the test of whether a value is not the one that is left out; mostly it is that very object."""
    if left_out is None:
        return f"value.{name} is not None"
    return f"value.{name} is not left_out{number} and value.{name} != left_out{number}"


def _compile_value(kind: type[T], table: Sequence[Row]) -> Callable[[Doc], T]:
    names: dict[str, Any] = {"kind": kind}
    arguments: dict[str, str] = {}
    for number, (field, entry) in enumerate(table):
        name = entry.name or field.name
        read = entry.read or (tuple if str(field.type).startswith("tuple[") else None)
        names |= {f"read{number}": entry.read_doc or read, f"default{number}": field.default}
        found = f"read{number}(item)" if read else "item"
        if entry.read_doc is not None:
            arguments[field.name] = f"read{number}(doc)"
        elif field.default_factory is not MISSING:
            names[f"default{number}"] = field.default_factory
            arguments[field.name] = f"default{number}() if (item := doc.get({name!r})) is None else {found}"
        elif field.default is not MISSING:
            arguments[field.name] = f"default{number} if (item := doc.get({name!r})) is None else {found}"
        else:
            arguments[field.name] = f"read{number}(doc[{name!r}])" if read else f"doc[{name!r}]"
    names["blank"] = _thawed(kind)
    if names["blank"] is None:
        source = f"def value(doc):\n return kind({', '.join(arguments.values())})\n"
    else:
        made = "".join(f" made.{name} = {item}\n" for name, item in arguments.items())
        source = f"def value(doc):\n made = blank()\n{made} made.__class__ = kind\n{_last_step(kind)} return made\n"
    exec(source, names)  # noqa: S102 - as above
    value: Callable[[Doc], T] = names["value"]
    return value


def _thawed(kind: type[Any]) -> type[Any] | None:
    """Return a class with the same slots that can be set; its instance becomes one of `kind` by its `__class__`.

    A frozen dataclass assigns each of its fields through `object.__setattr__`, and that takes longer than the rest of
    reading a document. None where it is no dataclass with slots of its own alone: that one is called.
    """
    has_own_slots = kind.__bases__ == (object,) and "__slots__" in vars(kind)
    if not has_own_slots or not all(field.init for field in dataclasses.fields(kind)):
        return None
    return type(kind.__name__, (), {"__slots__": kind.__slots__})


def _last_step(kind: type[Any]) -> str:
    return " made.__post_init__()\n" if hasattr(kind, "__post_init__") else ""


def difference(before: Doc, after: Doc, *, without: Collection[str] = ()) -> Doc:
    """Return the update that turns one document into another: `$set` of what differs, `$unset` of what is gone.

    Fields in `without` are left alone. Empty when there is nothing to change.
    """
    changed = {
        name: value
        for name, value in after.items()
        if name not in without and (name not in before or before[name] != value)
    }
    gone = {name: "" for name in before if name not in after and name not in without}
    return ({"$set": changed} if changed else {}) | ({"$unset": gone} if gone else {})


def nested(mapper: Mapper[Any], **options: Any) -> Field:
    """Return the entry of an embedded document."""
    return Field(write=mapper.document, read=mapper.value, **options)


def nested_list(mapper: Mapper[Any], **options: Any) -> Field:
    """Return the entry of an array of embedded documents, a tuple in the dataclass."""
    document, read = mapper.document, mapper.value
    return Field(
        write=lambda values: [document(value) for value in values],
        read=lambda docs: tuple(map(read, docs)),
        **options,
    )


@lru_cache(maxsize=KNOWN_IDS)
def _parsed(value: str) -> ObjectId:
    return ObjectId(str(value))  # str: without a value, ObjectId makes a new id


def ids(values: Sequence[str]) -> list[ObjectId]:
    return [_parsed(value) for value in values]


_one_object: Callable[[str], str] = str if (3, 12) <= sys.version_info < (3, 12, 7) else sys.intern
"""Return the one object that stands for all equal texts. Python 3.12 kept them for ever at first."""


def shared(value: Any) -> Any:
    """Return a text that many documents have, or a mapping by such texts, with one object for all of them: what is kept
    in memory has it once."""
    if type(value) is str:
        return _one_object(value)
    return {shared(key): item for key, item in value.items()} if isinstance(value, dict) else value


def _id_of(value: Any) -> str:
    return _one_object(str(value))


def ids_of(values: Sequence[Any]) -> tuple[str, ...]:
    return tuple(map(_id_of, values))


OWN_ID: Final = Field("_id", write=_parsed, read=_id_of)
"""Entry of the document's own id."""

ID: Final = Field(write=_parsed, read=_id_of)
IDS: Final = Field(write=ids, read=ids_of)


def id_or_null(name: str) -> Field:
    """Return the entry of an id that is null in the document for ""."""
    return Field(
        name,
        write=lambda value: _parsed(value) if value else None,
        read_doc=lambda doc: _id_of(doc.get(name) or ""),
    )
