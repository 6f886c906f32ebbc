"""API reference at `/docs`, rendered from the OpenAPI document: plain HTML without
scripts or external files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from typing import Any

import orjson
from aiohttp import web

from api.http.context import context_of
from api.http.errors import detail_of
from api.openapi.document import Reference
from api.openapi.extensions import problem_codes
from api.pages.layout import render
from domain.languages import DEFAULT_LOCALE
from handlers.runtime.texts import Texts

Json = dict[str, Any]


def docs_route(reference: Reference) -> web.RouteDef:
    """Return the route of the API reference."""

    body = ""

    async def get_docs(request: web.Request) -> web.Response:
        nonlocal body
        texts = context_of(request).deps.texts[DEFAULT_LOCALE]
        body = body or _body(await reference.document(), texts)  # built once: the document never changes
        return render(request, texts, "reference.html", title="API reference", body=body)

    return web.get("/docs", get_docs)


def _body(document: Json, texts: Texts) -> str:
    operations = [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    tags = {tag["name"]: tag["description"] for tag in document["tags"]}
    by_tag = [(tag, [operation for operation in operations if tag in operation[2]["tags"]]) for tag in tags]
    schemas = document["components"]["schemas"]
    sections = "".join(
        f'<h2 id="tag-{escape(tag)}">{escape(tag.capitalize())}</h2>{_prose(tags[tag])}'
        + "".join(_operation(*o) for o in operations)
        for tag, operations in by_tag
    )
    introduction = _prose(document["info"]["description"])
    return (
        f'<main id="main" class="reference" tabindex="-1">{_table_of_contents(by_tag)}<div><h1>API reference</h1>'
        '<p><a href="/openapi.json" data-plain>openapi.json</a></p>'
        f"{introduction}{sections}"
        f'<h2 id="documents">Documents</h2>{"".join(_schema(name, schemas[name]) for name in sorted(schemas))}'
        f'<h2 id="codes">Problem codes</h2>{_codes(texts)}</div></main>'
    )


def _table_of_contents(by_tag: Iterable[tuple[str, list[tuple[str, str, Json]]]]) -> str:
    links = "".join(
        f"<b>{escape(tag)}</b>"
        + "".join(f'<a href="#{o["operationId"]}">{escape(o["summary"])}</a>' for _, _, o in operations)
        for tag, operations in by_tag
    )
    footer = '<b>more</b><a href="#documents">Documents</a><a href="#codes">Problem codes</a>'
    return f'<nav aria-label="Contents">{links}{footer}</nav>'


def _operation(path: str, method: str, operation: Json) -> str:
    public_note = '<p class="quiet">No authentication.</p>' if operation.get("security") == [] else ""
    return (
        f'<article class="card operation" id="{operation["operationId"]}"><h3><span class="method {method}">'
        f'{method.upper()}</span><span class="path">{escape(path)}</span></h3><p><b>{escape(operation["summary"])}</b>'
        f"</p>{_prose(operation.get('description', ''))}{public_note}{_parameters(operation.get('parameters', []))}"
        f"{_request(operation.get('requestBody'))}{_responses(operation['responses'])}</article>"
    )


def _parameters(parameters: list[Json]) -> str:
    rows = [
        (
            f"<code>{escape(p['name'])}</code>",
            f"{p['in']}{', required' if p['required'] else ''}",
            _type_name(p["schema"]),
        )
        for p in parameters
    ]
    return f"<h4>Parameters</h4>{_table(('Name', 'In', 'Type'), rows)}" if rows else ""


def _request(body: Json | None) -> str:
    if body is None:
        return ""
    ((media, content),) = body["content"].items()
    return f"<h4>Body · {escape(media)}</h4><p>{_type_name(content['schema'])}</p>{_example(content)}"


def _responses(responses: Json) -> str:
    example, rows = "", []
    for status, response in responses.items():
        ((media, content),) = response["content"].items()
        rows.append((f"<b>{status}</b>", _inline_markup(response["description"]), _type_name(content["schema"])))
        if media == "application/json" and not example:
            example = _example(content)
    return f"<h4>Responses</h4>{_table(('Status', 'Meaning', 'Body'), rows)}{example}"


def _schema(name: str, schema: Json) -> str:
    required = schema.get("required", ())
    rows = [
        (f"<code>{escape(field)}</code>", _type_name(part), "" if field in required else "optional")
        for field, part in schema.get("properties", {}).items()
    ]
    table = _table(("Field", "Type", ""), rows)
    return f'<section class="card" id="{name}"><h3>{name}</h3>{_prose(schema.get("description", ""))}{table}</section>'


def _type_name(schema: Json) -> str:
    """Return a type as HTML; named schemas are links."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f'<a href="#{name}">{name}</a>'
    if "anyOf" in schema:
        return " or ".join(_type_name(part) for part in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        values = schema.get("enum", [schema.get("const")])
        return " · ".join(f"<code>{escape(str(value))}</code>" for value in values)
    if schema.get("type") == "array":
        return f"list of {_type_name(schema['items'])}"
    if isinstance(values := schema.get("additionalProperties"), dict):
        return f"object of {_type_name(values)}"
    if schema.get("type") == "object" and "properties" in schema:
        return "form with " + ", ".join(f"<code>{escape(name)}</code>" for name in schema.get("properties", {}))
    if "pattern" in schema and "24" in schema["pattern"]:
        return "id"
    return escape(str(schema.get("type", "null")))


def _example(content: Json) -> str:
    if "example" not in content:
        return ""
    text = orjson.dumps(content["example"], option=orjson.OPT_INDENT_2).decode()
    return f'<pre tabindex="0">{escape(text)}</pre>'


def _codes(texts: Texts) -> str:
    rows = "".join(
        f'<tr id="{code}"><td><code>{code}</code></td><td>{escape(detail_of(code, {}, texts))}</td></tr>'
        for code in problem_codes(texts)
    )
    return f'<div class="table"><table><tr><th>Code</th><th>Meaning</th></tr>{rows}</table></div>'


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    head = "".join(f"<th>{name}</th>" if name else "<td></td>" for name in heads)  # an empty header names nothing
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f'<div class="table"><table><tr>{head}</tr>{body}</table></div>'


def _prose(text: str) -> str:
    return "".join(f"<p>{_inline_markup(part)}</p>" for part in text.split("\n\n") if part.strip())


def _inline_markup(text: str) -> str:
    """Render **bold** and `code`, the only markup in docstrings."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", re.sub(r"\*\*([^*]+)\*\*", r"<b>\1</b>", escape(text)))
