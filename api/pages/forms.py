"""Forms of pages: read with bounds, refused from other sites, answered by going on to a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from aiohttp import web

from api.http.bodies import read_bytes
from api.http.errors import Malformed, Unsupported

FORM_TYPE: Final = "application/x-www-form-urlencoded"
MAX_FIELDS: Final = 100


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form, in order; a field may come several times."""

    fields: Sequence[tuple[str, str]]

    def text(self, name: str) -> str:
        """Return the first value of a field, "" when it is absent."""
        return next((value for field, value in self.fields if field == name), "")

    def all_of(self, name: str) -> tuple[str, ...]:
        """Return all values of a field that are not empty."""
        return tuple(value for field, value in self.fields if field == name and value)

    def number(self, name: str) -> int | None:
        """Return a field as a whole number, None when it is none."""
        text = self.text(name)
        return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None

    def numbers(self, name: str) -> tuple[int, ...]:
        """Return the values of a field that are whole numbers."""
        return tuple(int(text) for text in self.all_of(name) if text.isascii() and text.isdigit() and len(text) <= 9)


async def read_form(request: web.Request) -> Form:
    """Return the fields of a form. Raises Unsupported, Malformed, TooLarge, TooLate."""
    if request.content_type != FORM_TYPE:
        raise Unsupported("unsupported_media_type", expected=FORM_TYPE)
    body = await read_bytes(request)
    try:
        fields = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except ValueError:  # UnicodeDecodeError too: a form is sent percent-encoded
        raise Malformed("request.malformed") from None
    return Form([(name, value.replace("\r\n", "\n")) for name, value in fields])


def on_to(path: str) -> web.Response:
    """Return the answer to a form that was done: the browser goes on to a page, so that a reload repeats nothing."""
    return web.Response(status=303, headers={"Location": path, "Cache-Control": "no-store"})
