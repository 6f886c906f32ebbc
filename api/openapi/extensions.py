"""Parts of the document that OpenAPI has no words for: socket events and problem codes, under `x-` names.

Generators of clients leave them alone; `clients/typescript` takes its types of events and codes from them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from api.realtime.events import FROM_CLIENTS, TO_CLIENTS
from handlers.runtime.texts import Texts

CODES: Final = "detail."
"""Beginning of the texts that word a problem code over the web."""

Schema = dict[str, Any]
Events = dict[str, dict[str, dict[str, Schema]]]


def problem_codes(texts: Texts) -> list[str]:
    """Return the codes that a problem document may have, sorted."""
    return sorted(texts.templates(CODES))


def socket_events(schema: Callable[..., Schema]) -> Events:
    """Return the events of both sides: `body` and `answer` of a client's, the `body` of the server's."""
    return {
        "client": {
            name: {"body": schema(body, is_input=True), "answer": schema(answer)}
            for name, (body, answer) in FROM_CLIENTS.items()
        },
        "server": {name: {"body": schema(body)} for name, body in TO_CLIENTS.items()},
    }


def in_place(events: Events, components: Mapping[str, Schema]) -> Events:
    """Return the events with these components themselves where they refer to one."""

    def resolve(schema: Schema) -> Schema:
        return components.get(schema.get("$ref", "").rpartition("/")[2], schema)

    return {
        side: {name: {part: resolve(schema) for part, schema in event.items()} for name, event in named.items()}
        for side, named in events.items()
    }
