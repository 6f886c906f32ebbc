"""Two linters with their recommended rules find nothing in the document."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from api.app import openapi_document
from tests.api.openapi.conftest import run_tool

QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
LINTERS = {
    "redocly": ("lint", "--config", "redocly.yaml"),
    "spectral": ("lint", "--ruleset", "spectral.yaml", "--fail-severity", "hint"),
}
# Keywords of JSON Schema, and those that OpenAPI adds; pydantic prints what it cannot express under names of its own.
KEYWORDS = {*Draft202012Validator.VALIDATORS, "title", "description", "default", "contentMediaType"}


@pytest.mark.parametrize("linter", LINTERS)
async def test_a_linter_with_its_recommended_rules_has_nothing_to_say(
    workshop: Path, served: Path, linter: str
) -> None:
    status, said = await run_tool(
        f"node_modules/.bin/{linter}", *LINTERS[linter], served.name, cwd=workshop, env={**os.environ, **QUIET}
    )
    assert status == 0, said


def test_every_bound_is_printed_in_the_words_of_json_schema() -> None:
    found: set[str] = set()

    def walk(schema: Any) -> None:
        found.update(schema.keys() - KEYWORDS)
        for name in ("properties", "$defs"):
            for part in schema.get(name, {}).values():
                walk(part)
        for name in ("items", "additionalProperties", "propertyNames"):
            if isinstance(schema.get(name), dict):
                walk(schema[name])
        for name in ("anyOf", "oneOf", "allOf"):
            for part in schema.get(name, ()):
                walk(part)

    document = openapi_document()
    for schema in document["components"]["schemas"].values():
        walk(schema)
    for operations in document["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", ()):
                walk(parameter["schema"])
            for content in operation.get("requestBody", {}).get("content", {}).values():
                walk(content["schema"])
    assert found == set()


def test_a_limit_and_a_seq_have_their_bounds() -> None:
    parameters = openapi_document()["paths"]["/api/chat/{swap_id}"]["get"]["parameters"]
    bounds = {p["name"]: (p["schema"]["minimum"], p["schema"]["maximum"]) for p in parameters if p["in"] == "query"}
    assert bounds == {"after": (0, 2**53 - 1), "before": (0, 2**53 - 1), "limit": (1, 10**9)}
