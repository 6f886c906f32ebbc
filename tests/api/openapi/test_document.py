from __future__ import annotations

import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError
from openapi_spec_validator import validate

from api.app import api_routes, openapi_document
from api.openapi.examples import EXAMPLES
from tests.api.conftest import Client
from tests.factories import MakeSwap, MakeUser

CONTRACT = {
    "/api/user": {"get", "put"},
    "/api/swap": {"get", "post"},
    "/api/swap/{id}": {"get", "put"},
    "/api/chat/{swap_id}": {"get"},
    "/api/chat": {"post"},
    "/api/upload": {"post"},
    "/api/socket": {"get"},
}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return openapi_document()


def check(document: dict[str, Any], schema: dict[str, Any], value: Any) -> None:
    Draft202012Validator({**schema, "components": document["components"]}).validate(value)


def answer_schema(document: dict[str, Any], path: str, method: str, status: int) -> dict[str, Any]:
    (content,) = document["paths"][path][method]["responses"][str(status)]["content"].values()
    return dict(content["schema"])


def test_document_is_valid_and_covers_the_contract(document: dict[str, Any]) -> None:
    validate(document)
    assert document["openapi"].startswith("3.1")
    for path, methods in CONTRACT.items():
        assert methods <= set(document["paths"][path])


def test_path_parameters_are_ids_except_the_seq_of_a_message(document: dict[str, Any]) -> None:
    for method in ("put", "delete"):
        swap_id, seq = document["paths"]["/api/chat/{swap_id}/{seq}"][method]["parameters"]
        check(document, swap_id["schema"], "65f0c0ffee00000000005a01")
        check(document, seq["schema"], "12")
        with pytest.raises(ValidationError):
            check(document, swap_id["schema"], "12")


def test_every_api_route_is_described_with_a_summary_and_an_example(document: dict[str, Any]) -> None:
    nextauth = "callback/.*|sign(in|out).*|error|verify-request|_log"  # for browsers and NextAuth's client
    pages = re.compile(rf"\w+ /api/auth/({nextauth})|POST /api/auth/session|\w+ /photos/.*")
    for route in api_routes():
        if pages.fullmatch(f"{route.method} {route.path}"):
            continue
        operation = document["paths"][route.path][route.method.lower()]
        assert operation["summary"], route.path
        assert "response" in EXAMPLES[f"{route.method} {route.path}"], route.path
    assert len({o["operationId"] for m in document["paths"].values() for o in m.values()}) == sum(
        map(len, document["paths"].values())
    )


def test_every_example_matches_its_schema(document: dict[str, Any]) -> None:
    for name, example in EXAMPLES.items():
        method, path = name.split(" ")
        operation = document["paths"][path][method.lower()]
        good = next(status for status in operation["responses"] if status.startswith("2"))
        check(document, answer_schema(document, path, method.lower(), int(good)), example["response"])
        if "body" in example:
            (content,) = operation["requestBody"]["content"].values()
            check(document, content["schema"], example["body"])


async def test_real_responses_match_the_document(
    document: dict[str, Any], client: Client, make_user: MakeUser, make_swap: MakeSwap
) -> None:
    ada, ben = await make_user(email="ada@example.org"), await make_user()
    other = await make_user()
    swap = await make_swap(ada, ben, status="accepted")
    session = client(ada)
    cases = [
        ("get", "/api/user", {}, None),
        ("put", "/api/user", {}, {"location": "Harbour"}),
        ("get", "/api/users/{id}", {"id": other.id}, None),
        ("get", "/api/users/{id}", {"id": "zz"}, None),
        ("get", "/api/matches", {}, None),
        ("get", "/api/swap", {}, None),
        ("get", "/api/swap/{id}", {"id": swap.id}, None),
        ("put", "/api/swap/{id}", {"id": swap.id}, {"status": "accepted"}),
        ("put", "/api/swap/{id}", {"id": swap.id}, {"status": "rejected", "version": 1}),
        ("post", "/api/chat", {}, {"swap_id": swap.id, "message": "hi", "client_id": "a"}),
        ("post", "/api/chat", {}, {"swap_id": swap.id, "message": "hi", "client_id": "a"}),
        ("post", "/api/chat", {}, {"swap_id": 5, "nonsense": True}),
        ("get", "/api/chat/{swap_id}", {"swap_id": swap.id}, None),
        ("get", "/api/auth/session", {}, None),
        ("get", "/healthz", {}, None),
        ("get", "/readyz", {}, None),
    ]
    for method, path, parameters, body in cases:
        async with session.request(method, path.format(**parameters), json=body) as answer:
            check(document, answer_schema(document, path, method, answer.status), await answer.json())


async def test_reference_page_shows_every_operation_and_loads_no_foreign_resource(
    document: dict[str, Any], client: Client
) -> None:
    async with client().get("/docs") as answer:
        page = await answer.text()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert f'id="{operation["operationId"]}"' in page, (method, path)
    assert page.count("<script") == 1  # that of the frame
    assert set(re.findall(r'(?:src|href)="(https?:[^"]+)"', page)) == set()
    async with client().get("/openapi.json") as answer:
        assert (await answer.json())["paths"] == document["paths"]
