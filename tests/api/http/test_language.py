"""Problems and pages in the language of their reader."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
import socketio

from tests.api.conftest import ALLOWED_ORIGIN, Client, Connect, Web
from tests.factories import MakeUser

NO_SWAP = f"/api/swap/{'0' * 24}"
IN_GERMAN = {"Accept-Language": "de-AT, en;q=0.5"}


async def test_a_problem_is_in_the_language_that_the_header_asks_for(client: Client) -> None:
    async with client().get("/api/user", headers=IN_GERMAN) as answer:
        problem = await answer.json()
    assert (problem["code"], problem["title"]) == ("unauthenticated", "Not signed in")
    assert problem["detail"] == "Du bist nicht angemeldet. Schick dem Bot /web und öffne den Link, den er dir gibt."
    assert (answer.headers["Content-Language"], answer.headers.getall("Vary")) == ("de", ["Accept-Language, Origin"])
    async with client().get("/api/user") as answer:
        assert (await answer.json())["detail"].startswith("You are not signed in.")
        assert answer.headers["Content-Language"] == "en"


async def test_the_language_of_the_profile_wins_over_the_header(client: Client, make_user: MakeUser) -> None:
    for locale, detail in (("fr", "Cet échange n’existe pas."), ("de", "Diesen Tausch gibt es nicht.")):
        session = client(await make_user(locale=locale))
        async with session.put(
            NO_SWAP, json={"status": "accepted"}, headers={"Accept-Language": "es", "Origin": ALLOWED_ORIGIN}
        ) as answer:
            problem = await answer.json()
        assert (problem["code"], problem["detail"]) == ("swap.not_found", detail)
        assert answer.headers["Content-Language"] == locale


async def test_the_message_of_a_field_and_the_status_of_a_swap_are_translated(
    client: Client, make_user: MakeUser
) -> None:
    ada, ben = await make_user(locale="de"), await make_user(locale="de")
    async with client(ada).put("/api/user", json={"timezone": "Mars/Olympus"}) as answer:
        problem = await answer.json()
    assert problem["errors"] == [{"field": "timezone", "message": problem["detail"]}]
    assert problem["detail"].startswith("Diese Zeitzone gibt es nicht")
    wanted = {"to_user_id": ben.id, "offered_skill": ada.skills_offered[0], "wanted_skill": ben.skills_offered[0]}
    async with client(ada).post("/api/swap", json=wanted) as answer:
        swap = await answer.json()
    await client(ada).put(f"/api/swap/{swap['_id']}", json={"status": "cancelled"})
    async with client(ada).post("/api/chat", json={"swap_id": swap["_id"], "message": "Hallo?"}) as answer:
        problem = await answer.json()
    assert problem["detail"] == "In diesem Tausch kann nichts geschrieben werden: Er ist beendet."


async def test_acknowledgements_and_refused_sockets_are_in_the_language_of_the_reader(
    web: Web, connect: Connect, make_user: MakeUser
) -> None:
    socket = await connect(await make_user(locale="es"))
    refused = await socket.call("chat:sync", {"swap_id": "0" * 24, "after": 0})
    assert refused["error"]["detail"] == "No existe ese intercambio."
    stranger = socketio.AsyncClient(reconnection=False)
    refusals: list[dict[str, Any]] = []
    stranger.on("connect_error", refusals.append)
    with pytest.raises(socketio.exceptions.ConnectionError):
        await stranger.connect(web.url, headers=IN_GERMAN, transports=["websocket"])
    assert refusals[0]["message"].startswith("Du bist nicht angemeldet.")
    assert refusals[0]["data"]["detail"] == refusals[0]["message"]


async def test_a_page_is_in_the_language_of_the_header_or_the_profile(client: Client, make_user: MakeUser) -> None:
    async with client().get("/", headers={"Accept-Language": "es-MX"}) as answer:
        page = await answer.text()
    assert '<html lang="es">' in page
    assert "Yo te enseño Python" in page
    assert (answer.headers["Content-Language"], answer.headers["Vary"]) == ("es", "Accept-Language, Origin")
    async with client(await make_user("Ada", locale="fr")).get("/me", headers=IN_GERMAN) as answer:
        page = await answer.text()
    assert '<html lang="fr">' in page
    assert "<h1>Mon profil</h1>" in page


async def test_the_texts_of_the_scripts_come_with_the_page(client: Client, make_user: MakeUser) -> None:
    async with client(await make_user(locale="es")).get("/chats") as answer:
        page = await answer.text()
    shared, own = (json.loads(html.unescape(quoted)) for quoted in re.findall(r'data-texts="([^"]*)"', page))
    assert shared["works_again"] == "Ya puedes pulsarlo otra vez."
    assert shared["count_swaps"] == {"one": "{n} te espera", "other": "{n} te esperan"}
    assert own["to_newest"] == "A lo más reciente"
    assert own["new"] == {"one": "{n} mensaje nuevo", "other": "{n} mensajes nuevos"}


async def test_the_reference_is_in_english(client: Client) -> None:
    async with client().get("/docs", headers=IN_GERMAN) as answer:
        page = await answer.text()
    assert "There is no such swap." in page
    assert "The photo is too large: … MB at most." in page
    assert (answer.headers["Content-Language"], '<html lang="en">' in page) == ("en", True)


async def test_public_page_is_in_the_language_of_the_visitor(client: Client, make_user: MakeUser) -> None:
    for path in ("/api/auth/error?error=Verification", "/api/auth/verify-request", "/api/auth/signout", "/mail/stop"):
        for headers, session, locale in (
            (IN_GERMAN, client(), "de"),
            (IN_GERMAN, client(await make_user(locale="fr")), "fr"),
            ({}, client(), "en"),
        ):
            async with session.get(path, headers=headers) as answer:
                assert f'<html lang="{locale}">' in await answer.text(), (path, locale)
