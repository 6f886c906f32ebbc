"""Telegram's own proofs: signed with our bot's token, fresh, and valid once; every alteration is refused."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox import Sandbox
from domain.errors import Invalid
from handlers.auth.identities import Identity, sign_in
from handlers.auth.telegram_sign_in import identity_from_init_data, identity_from_widget, prove_init_data, prove_widget
from handlers.runtime.deps import Deps
from tests.factories import MakeUser

TOKEN, OTHER_TOKEN = "424242:the-token-of-our-bot", "434343:the-token-of-another-bot"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ADA = {"id": 7001, "first_name": "Ada", "last_name": "Ñ", "language_code": "es"}


def sign(fields: dict[str, str], key: bytes) -> str:
    lines = "\n".join(f"{name}={fields[name]}" for name in sorted(fields))
    return hmac.new(key, lines.encode(), hashlib.sha256).hexdigest()


def init_data(token: str = TOKEN, *, at: datetime = NOW, user: object = ADA, **more: str) -> str:
    """As Telegram gives it to a Mini App: `signature` is for third parties, and signed like any other field."""
    fields = {
        "query_id": "AAE",
        "user": orjson.dumps(user).decode(),
        "auth_date": str(int(at.timestamp())),
        "signature": "x",
        **more,
    }
    key = hmac.new(b"WebAppData", token.encode(), hashlib.sha256).digest()
    return urlencode(fields | {"hash": sign(fields, key)})


def widget(token: str = TOKEN, *, at: datetime = NOW, **more: str) -> dict[str, str]:
    fields = {"id": "7001", "first_name": "Ada", "auth_date": str(int(at.timestamp())), **more}
    return fields | {"hash": sign(fields, hashlib.sha256(token.encode()).digest())}


def test_init_data_of_the_sandbox_has_telegrams_signature() -> None:
    sandbox = Sandbox(token=TOKEN)
    signed = sandbox.init_data(sandbox.add_person("Ada", language_code="es", person_id=7001).id)
    identity = identity_from_init_data(signed, TOKEN, datetime.now(UTC))
    assert (identity.telegram_id, identity.name, identity.locale) == (7001, "Ada", "es")
    with pytest.raises(Invalid, match=r"auth\.provider_failed"):
        identity_from_init_data(signed, OTHER_TOKEN, datetime.now(UTC))


def test_both_proofs_identify_the_user() -> None:
    assert identity_from_init_data(init_data(), TOKEN, NOW) == Identity(
        "telegram", "7001", name="Ada Ñ", telegram_id=7001, locale="es"
    )
    assert identity_from_widget(widget(photo_url="https://t.me/i/a.jpg"), TOKEN, NOW).telegram_id == 7001


@pytest.mark.parametrize(
    ("proof", "lives"), [(init_data, timedelta(hours=1)), (widget, timedelta(minutes=10))], ids=["app", "widget"]
)
def test_expired_proof_is_refused(proof: object, lives: timedelta) -> None:
    def read(at: datetime) -> Identity:
        if proof is init_data:
            return identity_from_init_data(init_data(at=at), TOKEN, NOW)
        return identity_from_widget(widget(at=at), TOKEN, NOW)

    assert read(NOW - lives + timedelta(seconds=1)).telegram_id == 7001
    for at in (NOW - lives - timedelta(seconds=1), NOW + timedelta(minutes=2), NOW - timedelta(days=4000)):
        with pytest.raises(Invalid):
            read(at)


def test_another_bots_proof_and_the_other_kind_of_proof_are_refused() -> None:
    with pytest.raises(Invalid):
        identity_from_init_data(init_data(OTHER_TOKEN), TOKEN, NOW)
    with pytest.raises(Invalid):
        identity_from_widget(widget(OTHER_TOKEN), TOKEN, NOW)
    with pytest.raises(Invalid):
        identity_from_widget(dict(parse_qsl(init_data())), TOKEN, NOW)
    with pytest.raises(Invalid):
        identity_from_init_data(urlencode(widget()), TOKEN, NOW)


def test_no_field_can_be_changed_added_or_taken_away() -> None:
    for read, fields in ((_app, dict(parse_qsl(init_data()))), (identity_from_widget, widget(username="ada"))):
        assert read(fields, TOKEN, NOW).telegram_id == 7001
        for name in fields:
            for forged in (
                {**fields, name: fields[name] + "1"},
                {key: value for key, value in fields.items() if key != name},
                {**fields, "extra": "1"},
                {**fields, name: ""},
                {**fields, name: "\ud800"},
            ):
                with pytest.raises(Invalid):
                    read(forged, TOKEN, NOW)


def _app(fields: dict[str, str], token: str, now: datetime) -> Identity:
    return identity_from_init_data(urlencode(fields, errors="surrogatepass"), token, now)


@given(st.text(max_size=300) | st.binary(max_size=200).map(lambda data: data.decode("latin-1")))
def test_arbitrary_text_is_refused_without_an_error(text: str) -> None:
    with pytest.raises(Invalid):
        identity_from_init_data(text, TOKEN, NOW)


@pytest.mark.parametrize("user", [None, 5, [], "", {}, {"id": "7"}, {"id": 0}, {"id": -1}, {"id": True}, {"id": 2**60}])
def test_signed_but_invalid_user_is_refused(user: object) -> None:
    with pytest.raises(Invalid):
        identity_from_init_data(init_data(user=user), TOKEN, NOW)


def test_repeated_or_oversized_field_is_refused() -> None:
    text = init_data()
    for forged in (f"{text}&user=%7B%22id%22%3A1%7D", f"user=%7B%22id%22%3A1%7D&{text}", text + "&a=" + "x" * 9000):
        with pytest.raises(Invalid):
            identity_from_init_data(forged, TOKEN, NOW)
    with pytest.raises(Invalid):
        identity_from_widget(widget(id="7" * 30), TOKEN, NOW)


async def test_proof_signs_in_once_despite_concurrent_or_reordered_repeats(deps: Deps) -> None:
    text = init_data(at=deps.now())
    shuffled = urlencode(list(reversed(parse_qsl(text))))
    proofs = [prove_init_data(deps, each, TOKEN) for each in (text, text, shuffled)]
    ended = await asyncio.gather(*proofs, return_exceptions=True)
    assert sum(isinstance(end, Identity) for end in ended) == 1
    fields = widget(at=deps.now())
    assert (await prove_widget(deps, fields, TOKEN)).telegram_id == 7001
    with pytest.raises(Invalid):
        await prove_widget(deps, fields, TOKEN)


async def test_refused_proof_is_not_recorded_as_used(deps: Deps) -> None:
    text = init_data(at=deps.now())
    with pytest.raises(Invalid):
        await prove_init_data(deps, text, OTHER_TOKEN)
    assert (await prove_init_data(deps, text, TOKEN)).telegram_id == 7001


async def test_bot_and_mini_app_share_one_user(deps: Deps, make_user: MakeUser) -> None:
    ada = await make_user(telegram_id=7001)
    assert (await sign_in(deps, await prove_init_data(deps, init_data(at=deps.now()), TOKEN))).id == ada.id
