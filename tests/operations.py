"""The operations of the service and the doors that lead to each, read from the code.

An operation is a public function of `handlers` whose first parameters are `deps` and the person who acts. A door
leads to it if the callback that is registered there refers to it, directly or through other functions of ours.
"""

from __future__ import annotations

import ast
import functools
import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api import edits as event_edits
from api import reads
from api.app import api_routes, page_routes
from api.calendars import feed_routes
from api.realtime.events import FROM_CLIENTS
from api.sync import on_sync
from api.unsubscribe import routes as mail_routes
from bot import edits, inline_cards
from bot.updates import routes as bot_routes
from bot.updates.contents import Contents
from tests.conftest import ROOT

DOORS = ("bot", "web", "rest")
OURS = ("handlers", "bot", "api")
ACTORS = ("actor", "user")
PAGES = ROOT / "api" / "pages"
REQUEST = re.compile(r"""["'](GET|POST|PUT|DELETE)["'],\s*[`"'](/api/[^`"'?]*)""")
HOLE = re.compile(r"\$?{+[^}]*}+")


@dataclass(frozen=True)
class Operation:
    """An operation and the doors that lead to it: `bot` commands and buttons, `web` pages, `rest` routes and events."""

    name: str
    doors: Mapping[str, tuple[str, ...]]

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(door for door in DOORS if not self.doors[door])


class Code:
    """The top-level names of our modules, and which of them each refers to."""

    def __init__(self, files: Iterable[Path]) -> None:
        self.nodes: dict[str, ast.stmt] = {}
        self._imports: dict[str, dict[str, str]] = {}
        for file in files:
            module = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            self._read(module, ast.parse(file.read_text("utf-8")))

    def _read(self, module: str, tree: ast.Module) -> None:
        imported = self._imports[module] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                imported |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        for statement in tree.body:
            for name in _names_of(statement):
                self.nodes[f"{module}.{name}"] = statement

    @functools.cache  # noqa: B019 - one instance for the run
    def uses(self, name: str) -> frozenset[str]:
        """Return the names that this one refers to."""
        module = name.rpartition(".")[0]
        imported = self._imports[module]
        found = set()
        for node in ast.walk(self.nodes[name]):
            if isinstance(node, ast.Name):
                found |= {imported.get(node.id, ""), f"{module}.{node.id}"}
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                found.add(f"{imported.get(node.value.id, '')}.{node.attr}")
        return frozenset(found & self.nodes.keys() - {name})

    @functools.cache  # noqa: B019
    def reached(self, name: str) -> frozenset[str]:
        """Return all names that this one leads to, itself included."""
        seen: set[str] = set()
        left = [name] if name in self.nodes else []
        while left:
            if (one := left.pop()) not in seen:
                seen.add(one)
                left += self.uses(one)
        return frozenset(seen)

    def operations(self) -> list[str]:
        """Return the names of all operations."""
        return [name for name, node in self.nodes.items() if name.startswith("handlers.") and _is_operation(node)]


def _names_of(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield statement.name
    elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        yield statement.target.id
    elif isinstance(statement, ast.Assign):
        yield from (target.id for target in statement.targets if isinstance(target, ast.Name))


def _is_operation(node: ast.stmt) -> bool:
    if not isinstance(node, ast.AsyncFunctionDef) or node.name.startswith("_"):
        return False
    parameters = [parameter.arg for parameter in node.args.args]
    return parameters[:1] == ["deps"] and parameters[1:2] != [] and parameters[1] in ACTORS


def name_of(callback: Callable[..., Any]) -> str:
    """Return the top-level name that a registered callback belongs to."""
    while isinstance(callback, functools.partial):
        callback = callback.func
    callback = inspect.unwrap(callback)
    return f"{callback.__module__}.{callback.__qualname__.partition('.')[0]}"


def registered() -> dict[str, dict[str, str]]:
    """Return the name of each registered callback, by door and by what is registered there."""
    bot = {f"/{name}": name_of(callback) for name, callback in bot_routes._merge_tables("COMMANDS").items()}
    bot |= {f"[{name}]": name_of(callback) for name, callback in bot_routes._merge_tables("BUTTONS").items()}
    for table in ("ON_TEXT", "ON_PHOTO", "ON_LOCATION"):
        bot |= {f"answer of {flow}": name_of(callback) for flow, callback in bot_routes._merge_tables(table).items()}
    bot |= {"a message": name_of(Contents.on_message), "an edit": name_of(edits.on_edit)}
    bot |= {"inline": name_of(inline_cards.on_inline_query)}
    routes = [*page_routes(), *mail_routes(), *feed_routes()]  # and those that mails and calendars open
    web = {f"{route.method} {route.path}": name_of(route.handler) for route in routes}
    rest = {f"{route.method} {route.path}": name_of(route.handler) for route in api_routes()}
    events = _events()
    for asked in sorted(_asked_by_scripts(rest.keys(), events)):
        web[f"→ {asked}"] = (rest | events)[asked]
    return {"bot": bot, "web": web, "rest": rest | events}


def _events() -> dict[str, str]:
    handlers = {"chat:new": "api.messages.send", "chat:sync": name_of(on_sync)}
    handlers |= {event: name_of(handler) for event, handler in (reads.EVENTS | event_edits.EVENTS).items()}
    assert handlers.keys() == FROM_CLIENTS.keys()
    return handlers


def _asked_by_scripts(rest: Iterable[str], events: Iterable[str]) -> set[str]:
    """Return the routes and events that scripts and links of the pages use."""
    text = "\n".join(path.read_text("utf-8") for kind in ("*.js", "*.html") for path in sorted(PAGES.rglob(kind)))
    asked = {f"{method} {HOLE.sub('{}', path)}" for method, path in REQUEST.findall(text)}
    asked |= {f"GET {HOLE.sub('{}', path)}" for path in re.findall(r"""[`"'](/api/[^`"'?]*)""", text)}
    return {route for route in rest if HOLE.sub("{}", route) in asked} | {
        event for event in events if re.search(rf"""["']{event}["'],\s""", text)
    }


@functools.cache
def read_code() -> Code:
    """Return the code of all doors and of what they lead to."""
    return Code(path for folder in OURS for path in sorted((ROOT / folder).rglob("*.py")))


def operations_of(code: Code, entries: Mapping[str, Mapping[str, str]]) -> dict[str, Operation]:
    """Return all operations that some door leads to, by name."""
    leading: dict[str, dict[str, list[str]]] = {name: {door: [] for door in DOORS} for name in code.operations()}
    for door, callbacks in entries.items():
        for entry, callback in callbacks.items():
            for name in code.reached(callback) & leading.keys():
                leading[name][door].append(entry)
    return {
        (short := name.removeprefix("handlers.")): Operation(short, {door: tuple(doors[door]) for door in DOORS})
        for name, doors in sorted(leading.items())
        if any(doors.values())
    }
