from __future__ import annotations

import pytest
from bson import ObjectId

from tests.api.conftest import Client, Web
from tests.factories import MakeSwap, MakeUser

PRIVATE = (
    "coordinates",
    "email",
    "telegram_id",
    "telegram_linked",
    "role",
    "status",
    "notifications",
    "locale",
    "timezone",
)


async def test_own_profile_has_the_fields_of_the_contract(client: Client, make_user: MakeUser) -> None:
    ada = await make_user("Ada", email="ada@example.org", telegram_id=True, location="Harbour")
    async with client(ada).get("/api/user") as answer:
        body = await answer.json()
    assert answer.status == 200
    assert body["_id"] == ada.id
    assert body["email"] == "ada@example.org"
    assert body["skills_offered"] == list(ada.skills_offered)
    assert body["telegram_linked"] is True
    assert "telegram_id" not in body
    assert body["created_at"].endswith("Z")


async def test_update_changes_only_the_given_fields(client: Client, make_user: MakeUser) -> None:
    ada = await make_user("Ada", location="Harbour")
    changes = {"name": "  Ada  L. ", "skills_offered": ["Chess", "C++"], "is_public": False}
    async with client(ada).put("/api/user", json=changes) as answer:
        assert answer.status == 200
    async with client(ada).get("/api/user") as answer:
        body = await answer.json()
    assert (body["name"], body["skills_offered"], body["is_public"]) == ("Ada L.", ["Chess", "C++"], False)
    assert (body["location"], body["skills_wanted"]) == ("Harbour", list(ada.skills_wanted))


async def test_marks_of_direction_stay_in_a_profile_where_they_are_balanced(
    client: Client, make_user: MakeUser
) -> None:
    ada = await make_user()
    changes = {"name": "\u2067محمد\u2069", "location": "\u202eLima\uf8ff", "availability": "Mon\vTue \u202a9:00\u202c"}
    async with client(ada).put("/api/user", json=changes) as answer:
        body = await answer.json()
    assert answer.status == 200
    assert (body["name"], body["location"]) == (changes["name"], "Lima")
    assert body["availability"] == "Mon Tue \u202a9:00\u202c"


async def test_a_name_that_another_program_wrote_turns_nothing_around_it(
    client: Client, make_user: MakeUser, web: Web
) -> None:
    ada, ben = await make_user(), await make_user()
    users = web.deps.store.database.collection("users")
    await users.update_one({"_id": ObjectId(ben.id)}, {"$set": {"name": "\u202eneB", "location": "\u2067חיפה\u2069"}})
    async with client(ada).get(f"/api/users/{ben.id}") as answer:
        body = await answer.json()
    assert (body["name"], body["location"]) == ("neB", "\u2067חיפה\u2069")


async def test_null_clears_optional_fields(client: Client, make_user: MakeUser) -> None:
    ada = await make_user(location="Harbour")
    async with client(ada).put("/api/user", json={"location": None, "photo_url": None}) as answer:
        body = await answer.json()
    assert (body["location"], body["photo_url"]) == ("", None)


async def test_coordinates_are_stored_rounded_and_shown_as_a_distance(client: Client, make_user: MakeUser) -> None:
    ada = await make_user("Ada", skills_offered=("Chess",), skills_wanted=("Go",))
    ben = await make_user("Ben", skills_offered=("Go",), skills_wanted=("Chess",))
    for person, latitude in ((ada, 40.41683), (ben, 40.97123)):
        coordinates = {"latitude": latitude, "longitude": -3.70379}
        async with client(person).put("/api/user", json={"coordinates": coordinates}) as answer:
            assert (await answer.json())["coordinates"] == {"latitude": round(latitude, 1), "longitude": -3.7}
    async with client(ada).get("/api/matches") as answer:
        (card,) = await answer.json()
    assert (card["user"]["_id"], card["distance_km"]) == (ben.id, 70)
    assert {"key": "far", "params": {"km": 70}} in card["caveats"]
    assert "coordinates" not in card["user"]
    async with client(ada).put("/api/user", json={"coordinates": None}) as answer:
        assert (await answer.json())["coordinates"] is None
    async with client(ada).put("/api/user", json={"coordinates": {"latitude": 91, "longitude": 0}}) as answer:
        assert answer.status == 422


async def test_unknown_time_zone_is_refused(client: Client, make_user: MakeUser) -> None:
    ada = await make_user("Ada", timezone="Europe/Madrid")
    async with client(ada).put("/api/user", json={"timezone": "Mars/Olympus"}) as answer:
        problem = await answer.json()
    assert (answer.status, problem["code"], problem["errors"][0]["field"]) == (422, "timezone.unknown", "timezone")
    for zone, stored in (("Asia/Tokyo", "Asia/Tokyo"), ("", None)):
        async with client(ada).put("/api/user", json={"timezone": zone}) as answer:
            assert (await answer.json())["timezone"] == stored


async def test_deck_has_pages_skips_and_advice(client: Client, make_user: MakeUser) -> None:
    ada = await make_user("Ada", skills_offered=("Chess",), skills_wanted=("Go",))
    for _ in range(3):
        await make_user(skills_offered=("Go",), skills_wanted=("Chess",))
    await make_user("Teacher", skills_offered=("Go",), skills_wanted=("Piano",))
    async with client(ada).get("/api/matches?limit=2") as answer:
        first, link = await answer.json(), answer.links["next"]["url"].raw_path_qs
    async with client(ada).get(link) as answer:
        rest = await answer.json()
        assert "Link" not in answer.headers
    ids = [card["user"]["_id"] for card in first + rest]
    assert len(set(ids)) == 3
    for user_id in ids:
        async with client(ada).post(f"/api/matches/{user_id}/skip") as answer:
            assert await answer.json() == {"_id": user_id}
    async with client(ada).get("/api/matches") as answer:
        assert await answer.json() == []
    async with client(ada).get("/api/matches/advice") as answer:
        advice = await answer.json()
    (teaching,) = advice["teaching"]
    assert (teaching["people"], teaching["can_ask"], teaching["passed"]) == (4, 1, 3)
    assert advice["teach_too"] == [{"skill": "Piano", "people": 1}]
    assert advice["skipped"] == 3
    async with client(ada).post("/api/matches/reconsider") as answer:
        assert await answer.json() == {"people": 3}
    async with client(ada).post(f"/api/matches/{ids[0]}/pass") as answer:
        assert await answer.json() == {"_id": ids[0]}
    async with client(ada).get("/api/matches") as answer:
        assert sorted(card["user"]["_id"] for card in await answer.json()) == sorted(ids[1:])
    async with client(ada).get("/api/matches?kind=could_teach_you") as answer:
        assert [card["user"]["name"] for card in await answer.json()] == ["Teacher"]
    for bad in ("cursor=nonsense", "kind=else"):
        async with client(ada).get(f"/api/matches?{bad}") as answer:
            assert answer.status in (400, 422)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "x" * 65}, "name"),
        ({"name": "a" + "\u0301" * 30}, "name"),
        ({"name": "\u200b\u200d"}, "name"),
        ({"name": "abc\0def"}, "name"),
        ({"name": None}, "name"),
        ({"name": 7}, "name"),
        ({"skills_offered": ["x"] * 10_000}, "skills_offered"),
        ({"skills_offered": [["nested"]]}, "skills_offered.0"),
        ({"skills_offered": None}, "skills_offered"),
        ({"skills_offered": ["Chess", "chess"]}, "skills_offered"),
        ({"skills_offered": ["x" * 41]}, "skills_offered"),
        ({"skills_offered": ["-"]}, "skills_offered"),
        ({"skills_wanted": ["Nada"]}, "skills_wanted"),
        ({"offered_levels": {"Chess": "best"}}, "offered_levels.Chess"),
        ({"offered_levels": {"Harp": "expert"}}, "offered_levels"),
        ({"wanted_levels": None}, "wanted_levels"),
        ({"is_public": "true"}, "is_public"),
        ({"locale": "xx"}, "locale"),
        ({"photo_url": "https://evil.example/x.jpg"}, "photo_url"),
    ],
)
async def test_invalid_field_is_named(client: Client, make_user: MakeUser, body: dict[str, object], field: str) -> None:
    async with client(await make_user()).put("/api/user", json=body) as answer:
        problem = await answer.json()
    assert answer.status == 422
    assert [error["field"] for error in problem["errors"]] == [field]


@pytest.mark.parametrize("field", ["role", "_id", "email"])
async def test_read_only_field_is_refused(client: Client, make_user: MakeUser, field: str) -> None:
    async with client(await make_user()).put("/api/user", json={field: "admin"}) as answer:
        problem = await answer.json()
    assert (answer.status, problem["code"]) == (422, "read_only_field")
    assert [error["field"] for error in problem["errors"]] == [field]


async def test_other_users_see_the_public_card_only(client: Client, make_user: MakeUser) -> None:
    ada, ben = await make_user(), await make_user("Ben", email="secret@example.org", telegram_id=True)
    async with client(ada).get(f"/api/users/{ben.id}") as answer:
        body, text = await answer.json(), await answer.text()
    assert body["name"] == "Ben"
    assert not set(PRIVATE) & set(body)
    assert "secret@" not in text
    assert str(ben.telegram_id) not in text


async def test_private_paused_and_absent_users_are_answered_alike(client: Client, make_user: MakeUser) -> None:
    ada = await make_user()
    hidden = [await make_user(is_public=False), await make_user(status="paused"), await make_user(status="deleted")]
    seen = set()
    for user_id in [*(person.id for person in hidden), "0" * 24, "zz", "%00", "a" * 12]:
        async with client(ada).get(f"/api/users/{user_id}") as answer:
            body = await answer.json()
        assert answer.status == 404
        body.pop("request_id")
        seen.add(str(body))
    assert len(seen) == 1


async def test_deck_contains_each_match_once(client: Client, make_user: MakeUser, make_swap: MakeSwap) -> None:
    ada, ben, carl = await make_user("Ada"), await make_user("Ben"), await make_user("Carl")
    async with client(ada).get("/api/matches", params={"limit": 5}) as answer:
        cards = await answer.json()
    assert [card["user"]["_id"] for card in cards] == [ben.id]
    assert cards[0]["teaches_you"] == list(ben.skills_offered)
    assert carl.id not in str(cards)
    await make_swap(ada, ben)
    async with client(ada).get("/api/matches") as answer:
        assert await answer.json() == []


async def test_users_are_found_by_an_offered_skill(client: Client, make_user: MakeUser) -> None:
    ada = await make_user()
    potter = await make_user(skills_offered=("Pottery",))
    await make_user(skills_offered=("Pottery",), is_public=False)
    async with client(ada).get("/api/users", params={"skill": " POTTERY "}) as answer:
        found = await answer.json()
    assert [card["user"]["_id"] for card in found] == [potter.id]
    async with client(ada).get("/api/users") as answer:
        assert answer.status == 422


async def test_level_is_validated_stored_and_shown(client: Client, make_user: MakeUser) -> None:
    ada, ben = await make_user("Ada", skills_offered=("Node.js", "Chess")), await make_user("Ben")
    body = {"offered_levels": {"nodejs": "advanced"}}
    async with client(ada).put("/api/user", json=body) as answer:
        assert (await answer.json())["offered_levels"] == {"Node.js": "advanced"}
    async with client(ben).get(f"/api/users/{ada.id}") as answer:
        seen = await answer.json()
    assert (seen["offered_levels"], seen["wanted_levels"]) == ({"Node.js": "advanced"}, {})
    for wrong in ({"offered_levels": {"Harp": "expert"}}, {"offered_levels": {"Chess": "best"}}):
        async with client(ada).put("/api/user", json=wrong) as answer:
            assert answer.status == 422


async def test_levels_order_the_deck_and_appear_on_its_cards(client: Client, make_user: MakeUser) -> None:
    ada = await make_user("Ada", skills_offered=("Guitar",), skills_wanted=("JavaScript",))
    for name, level in (("Ben", "beginner"), ("Eve", "expert")):
        teacher = await make_user(name, skills_offered=("js",), skills_wanted=("Guitar",))
        async with client(teacher).put("/api/user", json={"offered_levels": {"JavaScript": level}}) as answer:
            assert answer.status == 200
    async with client(ada).put("/api/user", json={"wanted_levels": {"js": "intermediate"}}) as answer:
        assert (await answer.json())["wanted_levels"] == {"JavaScript": "intermediate"}
    async with client(ada).get("/api/matches") as answer:
        [eve, ben] = await answer.json()
    assert (eve["user"]["name"], eve["user"]["offered_levels"]) == ("Eve", {"js": "expert"})
    assert {"key": "level", "params": {"skill": "js", "level": "expert"}} in eve["reasons"]
    assert {"key": "low_level", "params": {"skill": "js", "level": "beginner"}} in ben["caveats"]


async def test_spellings_of_a_skill_match_and_similar_skills_do_not(client: Client, make_user: MakeUser) -> None:
    for skill in ("C", "C++", "C#", "js", "guitarra"):
        await make_user(f"Teaches {skill}", skills_offered=(skill,))
    ada = client(await make_user("Ada", skills_offered=("Chess",)))
    for wanted, taught in (("c", "C"), ("c++", "C++"), ("c#", "C#"), ("JavaScript", "js"), ("Guitar", "guitarra")):
        async with ada.get("/api/users", params={"skill": wanted}) as answer:
            assert [match["user"]["name"] for match in await answer.json()] == [f"Teaches {taught}"]


async def test_users_are_found_by_name_in_pages_unless_private_or_blocked(client: Client, make_user: MakeUser) -> None:
    ada = await make_user("Ada")
    made = [await make_user(f"José Ruíz {number}") for number in range(5)]
    await make_user("José Private", is_public=False)
    blocked = await make_user("José Blocked")
    async with client(blocked).post(f"/api/blocks/{ada.id}") as answer:
        assert answer.status == 200
    found: list[str] = []
    path = "/api/users?name=jose&limit=2"
    while path:
        async with client(ada).get(path) as answer:
            assert (answer.status, answer.headers["X-Total-Count"]) == (200, "5")
            found += [card["user"]["_id"] for card in await answer.json()]
            path = answer.headers.get("Link", "").partition(">")[0].removeprefix("<")
    assert sorted(found) == sorted(user.id for user in made)
    async with client(ada).get("/api/users?name=ruiz 3") as answer:
        assert [card["user"]["name"] for card in await answer.json()] == ["José Ruíz 3"]
    for query in ("name=j", "name=jose&skill=Go", "", "name=jose&cursor=x", "name=%24ne"):
        async with client(ada).get(f"/api/users?{query}") as answer:
            assert answer.status in (400, 422) or await answer.json() == []


async def test_a_search_by_skill_has_the_count_of_all_pages(client: Client, make_user: MakeUser) -> None:
    ada = await make_user("Ada", skills_offered=("Go",), skills_wanted=("Chess",))
    for _ in range(3):
        await make_user(skills_offered=("Go",), skills_wanted=("Chess",))
    async with client(ada).get("/api/users?skill=go&limit=1") as answer:
        assert (len(await answer.json()), answer.headers["X-Total-Count"]) == (1, "3")
