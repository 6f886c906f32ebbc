"""Every field of every stored dataclass survives a round trip through the database, and each kind of update.

Each test adds a field to the dataclass first: a field added later is stored without another change.
"""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import MISSING, field, make_dataclass, replace
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from bson import ObjectId, decode, encode

import storage
from domain import users
from domain.alerts import Alert
from domain.deliveries import deliveries_for
from domain.dialogs import Dialog
from domain.events import CIRCLE_POSSIBLE
from domain.geo import Coordinates
from domain.messages import WEB, Message
from domain.swaps import Swap, propose
from domain.users import User, joined, with_keys
from handlers.auth.accounts import accept_merge, offer_merge
from handlers.runtime.deps import Deps
from storage import accounts, alerts, circle_news, dialogs, edits, merges, messages, reads, sessions, skills, swaps
from storage import users as users_store
from storage.mongodb import skill_key_backfill
from storage.mongodb.database import new_id
from storage.mongodb.documents import Field, Mapper, difference
from storage.mongodb.skill_key_backfill import backfill_swaps, backfill_users
from tests.factories import MakeUser

NOW = datetime(2026, 11, 28, 12, 0, 0, 123000, tzinfo=UTC)
NEW, OTHER = "new value", "other value"

SAMPLES: dict[str, Any] = {
    "locale": "es", "role": "admin", "status": "paused", "via": "telegram", "is_public": False, "notifications": False,
    "telegram_reachable": False, "onboarded": False, "offered_levels": {"python": "expert"}, "state": "named",
    "wanted_levels": {"guitar": "beginner"}, "verdict": "named", "is_running": False, "telegram_id": 77, "seq": 3,
}  # fmt: skip
"""Values of fields that take certain values only, and not their defaults."""


def all_mappers() -> Iterator[tuple[str, Mapper[Any]]]:
    for found in pkgutil.walk_packages(storage.__path__, "storage."):
        module = importlib.import_module(found.name)
        yield from (
            (f"{found.name}.{name}", value)
            for name, value in vars(module).items()
            if isinstance(value, Mapper) and f"{name} = Mapper(" in _source(module)
        )


def _source(module: ModuleType) -> str:
    with open(module.__file__ or "", encoding="utf-8") as file:
        return file.read()


MAPPERS = dict(all_mappers())


def extended(kind: type[Any]) -> type[Any]:
    """Return the dataclass with one more field."""
    return make_dataclass(f"New{kind.__name__}", [("added", str, field(default="default"))], bases=(kind,), frozen=True)


def sample(kind: type[Any], **given: Any) -> Any:
    """Return a value with another value than the default in every field."""
    hints = get_type_hints(kind)
    values = {each.name: _value(each.name, hints[each.name]) for each in dataclasses.fields(kind)}
    return kind(**{**values, **given})


def _value(name: str, hint: Any) -> Any:
    if name in SAMPLES:
        return SAMPLES[name]
    kinds = [each for each in get_args(hint) if each is not type(None)]
    if get_origin(hint) is tuple:
        return tuple(_value(name, each) for each in kinds if each is not Ellipsis)
    if get_origin(hint) is not None and get_origin(hint) is not dict and kinds and "Mapping" not in str(hint):
        return _value(name, kinds[0])
    if "dict" in str(hint) or "Mapping" in str(hint):
        return {"key": _value(name, kinds[1]) if len(kinds) > 1 else 1}
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return sample(hint)
    plain = {int: 41, float: 41.5, bool: True, datetime: NOW, str: new_id() if _is_id(name) else f"a {name}"}
    return plain.get(hint, f"a {name}")


def _is_id(name: str) -> bool:
    words = {"id", "to", "by", "teacher", "learner", "participants", "also_to", "away", "gone", "done", "turn"}
    words |= {"author", "about", "rated", "confirmed", "people"}
    return (
        name in words
        or name.endswith("_by")
        or (name.endswith("_id") and name not in ("client_id", "file_id", "telegram_file_id"))
    )


def stored(doc: dict[str, Any]) -> dict[str, Any]:
    """Return a document as the driver reads it back."""
    from bson.codec_options import CodecOptions

    return decode(encode(doc), CodecOptions(tz_aware=True, tzinfo=UTC))


@pytest.mark.parametrize("name", [name for name in MAPPERS if name != "storage.skills.RECORD"])
def test_every_field_and_an_added_one_survive_a_round_trip(name: str) -> None:
    kind = extended(MAPPERS[name]._kind)
    mapper = MAPPERS[name].of(kind)
    value = sample(kind)
    for each in dataclasses.fields(kind):
        default = each.default if each.default is not MISSING else None
        assert getattr(value, each.name) != default, f"{each.name} is not told from its default"
    assert mapper.value(stored(mapper.whole_document(value))) == value


def test_a_decision_and_its_record_survive_a_round_trip() -> None:
    kind = extended(skills.SkillRecord)
    record = sample(kind)
    record = replace(record, decision=replace(record.decision, key=record.key, verdict=record.state))
    mapper = skills.RECORD.of(kind)
    doc = skills.DECISION.document(record.decision) | mapper.document(record)
    assert mapper.value(stored(doc)) == record


def test_every_stored_dataclass_has_a_mapper() -> None:
    kinds = {mapper._kind.__name__ for mapper in MAPPERS.values()}
    assert kinds >= {
        "Account", "Alert", "Card", "Circle", "CircleNews", "Coordinates", "Copy", "Decision", "Delivery", "Dialog",
        "Event", "Find", "Leg", "Message", "Photo", "ReadMark", "SessionRecord", "SkillRecord", "Swap", "Typing",
        "User",
    }  # fmt: skip


def test_the_difference_of_two_documents_is_an_update() -> None:
    before = {"_id": 1, "same": [1], "changed": 1, "gone": 1, "left": 1}
    after = {"_id": 1, "same": [1], "changed": 2, "added": None, "left": 2}
    assert difference(before, after, without=("left",)) == {
        "$set": {"changed": 2, "added": None},
        "$unset": {"gone": ""},
    }
    assert difference(before, before) == {}


def test_mapper_refuses_a_table_with_an_unknown_field() -> None:
    with pytest.raises(ValueError, match="Dialog has no field seat"):
        Mapper(Dialog, apart=("seat",))


def request_between(deps: Deps, ana: User, ben: User) -> Swap:
    """Return a request of Ana to Ben, not stored."""
    return propose(
        swap_id=new_id(),
        from_id=ana.id,
        to_id=ben.id,
        offered_skill="Python",
        wanted_skill="Guitar",
        message="",
        at=deps.now(),
    )


async def test_a_field_added_to_a_swap_survives_its_transitions(
    deps: Deps, make_user: MakeUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = extended(Swap)
    monkeypatch.setattr(swaps, "SWAP", swaps.SWAP.of(kind))
    ana, ben = await make_user(), await make_user()
    asked = request_between(deps, ana, ben)
    swap = kind(**{each.name: getattr(asked, each.name) for each in dataclasses.fields(Swap)}, added=NEW)
    assert await deps.store.swaps.insert(swap, [])
    found = await deps.store.swaps.find(swap.id)
    assert found == swap
    accepted = replace(swap.accept(by=ben.id, at=deps.now()), added=OTHER)
    assert await deps.store.swaps.replace(swap, accepted, [])
    found = await deps.store.swaps.find(swap.id)
    assert found == accepted


async def test_a_transition_leaves_foreign_fields_and_writes_only_what_differs(deps: Deps, make_user: MakeUser) -> None:
    ana, ben = await make_user(), await make_user()
    swap = request_between(deps, ana, ben)
    await deps.store.swaps.insert(swap, [])
    raw = deps.store.database.collection("swaps")
    await raw.update_one({"_id": ObjectId(swap.id)}, {"$set": {"theirs": 1, "offered_skill": "Rust"}})
    await deps.store.swaps.replace(swap, swap.accept(by=ben.id, at=deps.now()), [])
    doc = await raw.find_one({"_id": ObjectId(swap.id)})
    assert (doc["theirs"], doc["offered_skill"], doc["status"], "due_at" in doc) == (1, "Rust", "accepted", False)


async def test_a_transition_read_before_a_backfill_leaves_legs_and_open_key_in_agreement(
    deps: Deps, make_user: MakeUser
) -> None:
    ana, ben = await make_user(), await make_user()
    swap = propose(
        swap_id=new_id(),
        from_id=ana.id,
        to_id=ben.id,
        offered_skill="Python",
        wanted_skill="Guitar",
        message="",
        at=deps.now(),
        key_of=lambda skill: f"old {skill}",
    )
    await deps.store.swaps.insert(swap, [])
    assert sum([count async for count in backfill_swaps(deps.store.database, deps.vocabulary)]) == 1
    assert await deps.store.swaps.replace(swap, swap.accept(by=ben.id, at=deps.now()), [])
    assert sum([count async for count in backfill_swaps(deps.store.database, deps.vocabulary)]) == 1
    doc = await deps.store.database.collection("swaps").find_one({"_id": ObjectId(swap.id)})
    assert doc["open_key"] == swaps.swap_from(doc).open_key
    assert [leg["key"] for leg in doc["legs"]] == ["python", "guitar"]


@pytest.fixture
def new_user(monkeypatch: pytest.MonkeyPatch) -> type[Any]:
    kind = extended(User)
    mapper = users_store.USER.of(kind)
    for module in (users_store, merges, skill_key_backfill):
        monkeypatch.setattr(module, "USER", mapper)
    return kind


async def insert_new(deps: Deps, kind: type[Any], **fields: Any) -> Any:
    skills = {"skills_offered": ("Python",), "skills_wanted": ("Guitar",)}
    user = with_keys(kind(id=new_id(), name="Ana", created_at=deps.now(), **skills, **fields), deps.vocabulary.key_of)
    assert await deps.store.users.insert(user)
    found = await deps.store.users.find(user.id)
    assert found == user
    return found


async def test_a_field_added_to_a_user_survives_insert_profile_update_and_backfill(
    deps: Deps, new_user: type[Any]
) -> None:
    user = await insert_new(deps, new_user, added=NEW)
    assert user.added == NEW
    assert await deps.store.users.replace_profile(
        user, replace(user, added=OTHER, location="Lavapiés", profile_version=1)
    )
    assert (await deps.store.users.find(user.id)).added == OTHER
    await deps.store.database.collection("users").update_one(
        {"_id": ObjectId(user.id)}, {"$set": {"offered_keys": ["x"]}}
    )
    assert sum([count async for count in backfill_users(deps.store.database, deps.vocabulary)]) > 0
    after = await deps.store.users.find(user.id)
    assert (after.added, after.offered_keys) == (OTHER, user.offered_keys)


async def test_a_profile_field_that_is_left_out_when_empty_can_be_emptied(
    deps: Deps, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = extended(User)
    table = users_store.USER._fields | {"added": Field(left_out="default")}
    monkeypatch.setattr(users_store, "USER", Mapper(kind, table, apart=users_store.OWN_WRITERS))
    user = await insert_new(deps, kind, added=NEW)
    assert await deps.store.users.replace_profile(user, replace(user, added="default", profile_version=1))
    assert (await deps.store.users.find(user.id)).added == "default"


async def test_a_field_added_to_a_user_and_counts_survive_a_merge(deps: Deps, new_user: type[Any]) -> None:
    survivor = await insert_new(deps, new_user, added=NEW, answered=2, telegram_id=501)
    loser = await insert_new(deps, new_user, added=OTHER, answered=3, ignored=1, email="ana@example.org")
    code, _ = await offer_merge(deps, survivor)
    await accept_merge(deps, loser, code)
    one = await deps.store.users.find(survivor.id)
    assert (one.added, one.answered, one.ignored, one.email) == (NEW, 5, 1, "ana@example.org")
    assert one == replace(joined(survivor, loser), profile_version=one.profile_version)


def test_every_field_of_a_user_has_one_merge_rule() -> None:
    rules = (users.KEPT, users.FILLED, users.ADDED, users.UNITED, users.CHOSEN)
    assert sorted(name for rule in rules for name in rule) == sorted(each.name for each in dataclasses.fields(User))


async def test_a_field_added_to_a_message_survives_sending_and_editing(
    deps: Deps, make_user: MakeUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = extended(Message)
    mapper = messages.MESSAGE.of(kind)
    monkeypatch.setattr(messages, "MESSAGE", mapper)
    monkeypatch.setattr(edits, "MESSAGE", mapper)
    ana, ben = await make_user(), await make_user()
    draft = kind(
        id=new_id(), swap_id=new_id(), seq=0, from_user_id=ana.id, to_user_id=ben.id, message="hello", client_id="c1",
        via=WEB, created_at=deps.now(), photo_url="https://photos.example.org/1.jpg", reply_to=1, added=NEW,
    )  # fmt: skip
    sent = await deps.store.messages.append(draft, [])
    assert await deps.store.messages.find(sent.id) == sent
    changed = replace(sent, message="$hello", photo_url=None, edited_at=deps.now(), added=OTHER)
    after = await deps.store.edits.change(sent, changed, [])
    assert after == replace(changed, changed=1)
    assert await deps.store.messages.find(sent.id) == after


async def test_a_field_added_to_an_alert_survives_adding_and_renewing(
    deps: Deps, make_user: MakeUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = extended(Alert)
    monkeypatch.setattr(alerts, "ALERT", alerts.ALERT.of(kind))
    ana = await make_user()
    alert = kind(id=new_id(), user_id=ana.id, key="guitar", skill="Guitar", created_at=NOW, expires_at=NOW, added=NEW)
    put = await deps.store.alerts.upsert(alert, at_most=2)
    assert put == replace(alert, is_running=True, version=put.version)
    renewed = await deps.store.alerts.renew(ana.id, alert.id, expires_at=NOW + timedelta(days=1))
    assert (renewed.added, renewed.expires_at) == (NEW, NOW + timedelta(days=1))


async def test_a_field_added_to_a_dialog_survives_saving(deps: Deps, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = extended(Dialog)
    monkeypatch.setattr(dialogs, "DIALOG", dialogs.DIALOG.of(kind))
    dialog = kind(
        telegram_id=9, flow="profile", step="name", data={"a": 1}, active_swap_id="x", last_update=3, added=NEW
    )
    await deps.store.dialogs.save(dialog, with_conversation=True)
    assert await deps.store.dialogs.get(9) == dialog


async def test_fields_added_to_accounts_and_sessions_survive_an_insert(
    deps: Deps, make_user: MakeUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await make_user()
    for module, name, kind in ((accounts, "ACCOUNT", accounts.Account), (sessions, "RECORD", sessions.SessionRecord)):
        grown = extended(kind)
        monkeypatch.setattr(module, name, getattr(module, name).of(grown))
        monkeypatch.setattr(module, kind.__name__, grown)
    assert await deps.store.accounts.insert(ana.id, "google", "g-1", at=NOW)
    assert (await deps.store.accounts.find("google", "g-1")).added == "default"
    session_id = await deps.store.sessions.insert(
        ana.id, provider="google", agent="x", at=deps.now(), lives=timedelta(1)
    )
    (record,) = await deps.store.sessions.list_of(ana.id, at=deps.now())
    assert (record.id, record.added) == (session_id, "default")


async def test_a_field_added_to_an_account_is_stored_for_the_second_address_of_a_merge(
    deps: Deps, make_user: MakeUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = extended(accounts.Account)
    mapper = accounts.ACCOUNT.of(kind)
    for module in (accounts, merges):
        monkeypatch.setattr(module, "ACCOUNT", mapper)
        monkeypatch.setattr(module, "Account", kind)
    survivor = await make_user(email="ana@example.org", telegram_id=True)
    loser = await make_user(email="ana@example.net")
    code, _ = await offer_merge(deps, survivor)
    await accept_merge(deps, loser, code)
    row = await deps.store.database.collection("accounts").find_one({"subject": "ana@example.net"})
    assert (row["added"], mapper.value(row).user_id) == ("default", survivor.id)


async def test_fields_added_to_circle_news_and_read_marks_are_stored(
    deps: Deps, make_user: MakeUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    news_kind, mark_kind = extended(circle_news.CircleNews), extended(reads.ReadMark)
    monkeypatch.setattr(circle_news, "NEWS", circle_news.NEWS.of(news_kind))
    monkeypatch.setattr(reads, "READ_MARK", reads.READ_MARK.of(mark_kind))
    monkeypatch.setattr(reads, "ReadMark", mark_kind)
    ana, swap_id = await make_user(telegram_id=True), new_id()
    for number, value in enumerate((NEW, OTHER)):
        known = await deps.store.circle_news.of(ana.id)
        news = news_kind(known.user_id, known.circles, known.told_at, added=value)
        told = deliveries_for([ana], CIRCLE_POSSIBLE, NOW + timedelta(days=number))
        assert await deps.store.circle_news.add(news, [f"circle {number}"], told, at=NOW + timedelta(days=number))
    assert await deps.store.circle_news.of(ana.id) == news_kind(
        ana.id, ("circle 0", "circle 1"), NOW + timedelta(days=1), added=OTHER
    )
    assert await deps.store.reads.mark(swap_id, ana.id, 2) == 2
    row = await deps.store.database.collection("read_marks").find_one({"user_id": ObjectId(ana.id)})
    assert (row["seq"], row["added"]) == (2, "default")


def test_the_difference_of_two_values_is_that_of_their_documents() -> None:
    table = users_store.USER._fields | {"location": Field(left_out=""), "hours": Field("free_hours")}
    mapper = Mapper(User, table, apart=users_store.OWN_WRITERS)
    ana = User(id=new_id(), name="Ana", created_at=datetime.now(UTC), location="Lima", offered_levels={"c": "expert"})
    changes: list[dict[str, Any]] = [
        {},
        {"name": "Ana María", "answered": 3},
        {"location": ""},
        {"location": "Quito", "coordinates": Coordinates(0.1, -78.5), "hours": (1, 2)},
        {"skills_offered": ("C", "Go"), "offered_levels": {"go": "expert", "c": "beginner"}},
        {"offered_levels": {"c": "expert"}},  # another object, but no other levels
    ]
    for before in changes:
        for after in changes:
            one, other = replace(ana, **before), replace(ana, **after)
            assert mapper.difference(one, other) == difference(mapper.document(one), mapper.document(other))
