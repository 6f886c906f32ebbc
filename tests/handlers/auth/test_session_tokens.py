"""Session tokens: NextAuth's and ours are interchangeable, and all others are refused."""

from __future__ import annotations

import base64
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwe
from joserfc.jwk import OctKey

from handlers.auth import session_tokens
from handlers.auth.session_tokens import CACHED_TOKENS, MAX_TOKEN_LENGTH, Claims, SessionTokens

SECRET, OLDER = "correct horse battery staple 42 !", "an older secret, about to be retired"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
USER = "65f0c0ffee65f0c0ffee65f0"
HEADER = {"alg": "dir", "enc": "A256GCM"}


def library_key(secret: str) -> OctKey:
    derived = HKDF(hashes.SHA256(), 32, b"", b"NextAuth.js Generated Encryption Key").derive(secret.encode())
    return OctKey.import_key(derived)


def by_library(claims: Any, secret: str = SECRET, header: dict[str, Any] = HEADER) -> str:
    """A token as another implementation makes it."""
    registry = jwe.JWERegistry(algorithms=["dir", "A256GCM", "A128GCM", "A256CBC-HS512", "DEF"])
    text = claims if isinstance(claims, str) else json.dumps(claims)
    return jwe.encrypt_compact(header, text, library_key(secret), registry=registry)


def claims(**changed: Any) -> dict[str, Any]:
    said = {"sub": USER, "name": "Ada", "email": "ada@example.org", "iat": SECONDS, "exp": SECONDS + 60, "jti": "j"}
    return {name: value for name, value in {**said, **changed}.items() if value is not ...}


def issued(by: SessionTokens, now: datetime = NOW, **more: Any) -> str:
    return by.issue(USER, name="Ada ☀", email=None, picture="https://example.org/a.jpg", now=now, **more)


@pytest.fixture
def ours() -> SessionTokens:
    return SessionTokens([SECRET])


def test_issued_token_can_be_read(ours: SessionTokens) -> None:
    read = ours.read(issued(ours, session_version=3), now=NOW)
    assert read is not None
    assert (read.sub, read.name, read.email, read.session_version) == (USER, "Ada ☀", None, 3)
    assert (read.iat, read.exp) == (SECONDS, SECONDS + 30 * 86400)
    assert read.jti != (ours.read(issued(ours), now=NOW) or read).jti


def test_other_implementation_reads_our_tokens(ours: SessionTokens) -> None:
    registry = jwe.JWERegistry(algorithms=["dir", "A256GCM"])
    opened = jwe.decrypt_compact(issued(ours), library_key(SECRET), registry=registry)
    assert opened.protected == HEADER
    said = json.loads(opened.plaintext or b"")
    assert set(said) == {"sub", "name", "email", "picture", "iat", "exp", "jti"}
    assert (said["sub"], said["name"]) == (USER, "Ada ☀")


def test_our_implementation_reads_other_tokens(ours: SessionTokens) -> None:
    token = by_library(claims())
    expected = Claims(USER, SECONDS + 60, SECONDS, "Ada", "ada@example.org", None, "j")
    assert ours.read(token, now=NOW) == ours.read(token, now=NOW) == expected


def test_expired_session_is_refused(ours: SessionTokens) -> None:
    token = by_library(claims())
    for _ in range(2):  # also when it has been read before
        assert ours.read(token, now=NOW + timedelta(seconds=75))
        assert ours.read(token, now=NOW + timedelta(seconds=76)) is None
    assert SessionTokens([SECRET]).read(token, now=NOW + timedelta(seconds=76)) is None
    short = SessionTokens([SECRET], max_age=timedelta(minutes=1))
    assert short.read(issued(short), now=NOW + timedelta(minutes=2)) is None


def test_secret_rotation_keeps_sessions() -> None:
    before, during, after = SessionTokens([OLDER]), SessionTokens([SECRET, OLDER]), SessionTokens([SECRET])
    old, new = issued(before), issued(during)
    assert during.read(old, now=NOW)
    assert after.read(new, now=NOW)
    assert before.read(new, now=NOW) is None
    assert after.read(old, now=NOW) is None


@pytest.mark.parametrize("secrets", [[], [""], [SECRET, ""]])
def test_empty_secret_is_refused(secrets: list[str]) -> None:
    with pytest.raises(ValueError, match="secret"):
        SessionTokens(secrets)


@pytest.mark.parametrize(
    "said",
    [
        claims(exp=...), claims(exp=None), claims(exp="9999999999"), claims(exp=SECONDS - 15.5), claims(exp=True),
        claims(exp=10**30), claims(exp=-1), claims(exp=SECONDS - 16), claims(sub=...), claims(sub=""), claims(sub=7),
        claims(sub={"$ne": 1}), claims(sub="x" * 65), claims(nbf=SECONDS + 60), claims(nbf="now"),
        claims(session_version="1"), [], [claims()], "null", "12", '"text"', "", "{", "[" * 4000, '{"exp":NaN}',
    ],
)  # fmt: skip
def test_encrypted_token_with_invalid_claims_is_refused(ours: SessionTokens, said: Any) -> None:
    assert ours.read(by_library(said), now=NOW) is None


def test_times_may_have_fractions_of_a_second(ours: SessionTokens) -> None:
    read = ours.read(by_library(claims(exp=SECONDS + 60.5, iat=SECONDS - 0.25, nbf=SECONDS - 0.25)), now=NOW)
    assert read is not None
    assert (read.sub, read.exp) == (USER, SECONDS + 60.5)


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "dir", "enc": "A256GCM", "zip": "DEF"},
        {"alg": "dir", "enc": "A256GCM", "kid": "1"},
        {"enc": "A256GCM", "alg": "dir"},
    ],
)
def test_only_the_expected_header_is_accepted(ours: SessionTokens, header: dict[str, Any]) -> None:
    assert ours.read(by_library(claims(), header=header), now=NOW) is None


def test_every_altered_byte_is_refused(ours: SessionTokens) -> None:
    token = issued(ours)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for place, letter in enumerate(token):
        other = "A" if letter == "." else alphabet[alphabet.index(letter) ^ 1]  # the least a letter can change
        assert ours.read(token[:place] + other + token[place + 1 :], now=NOW) is None
    assert ours.read(token, now=NOW)


def test_rearranged_parts_are_refused(ours: SessionTokens) -> None:
    head, key, iv, text, tag = issued(ours).split(".")
    _, _, iv2, text2, tag2 = issued(ours).split(".")
    plain = base64.urlsafe_b64encode(json.dumps(claims()).encode()).decode().rstrip("=")
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    for parts in (
        (head, key, iv, text, tag2), (head, key, iv2, text, tag), (head, key, iv, text2, tag),
        (head, key, iv, tag, text),
        (head, iv, key, text, tag), (head, iv, text, tag), (head, key, iv, text), (head, key, iv, text, tag, ""),
        (none, plain, ""), (none, key, iv, plain, tag), (head, key, iv, "", tag), (head, key, iv, text, ""),
        (head, key, "", text, tag), (head, "AA", iv, text, tag), (head, key, iv, text, tag + "=="),
        (head, key, iv, text + "\n", tag), (head, key, iv, text, tag + "\n"), (" " + head, key, iv, text, tag),
    ):  # fmt: skip
        assert ours.read(".".join(parts), now=NOW) is None


READER = SessionTokens([SECRET])  # one for all: deriving its key would take most of the time


@given(
    st.one_of(
        st.text(max_size=200), st.text("eyJ.-_aA0=", max_size=80).map(lambda s: session_tokens._HEADER + ".." + s)
    )
)
def test_malformed_token_identifies_no_user(token: str) -> None:
    assert READER.read(token, now=NOW) is None


def test_token_of_any_length_is_checked_at_once(ours: SessionTokens) -> None:
    started = time.thread_time()
    for letter in ("A", ".", "é", "\ud800", "\0"):
        assert ours.read(session_tokens._HEADER + ".." + letter * 20_000_000, now=NOW) is None
    assert time.thread_time() - started < 1
    long = ours.issue(USER, name=None, email=None, picture="https://example.org/" + "p" * 10_000, now=NOW)
    assert len(long) < MAX_TOKEN_LENGTH
    read = ours.read(long, now=NOW)
    assert read is not None
    assert read.picture is None


def test_token_cache_is_bounded_and_stores_no_token(ours: SessionTokens) -> None:
    first = issued(ours)
    for token in (first, *(issued(ours) for _ in range(CACHED_TOKENS + 10))):
        assert ours.read(token, now=NOW)
    assert len(ours._known) == CACHED_TOKENS
    assert all(len(key) == 32 for key in ours._known)
    assert ours.read(first, now=NOW)


def test_reading_is_fast_enough_for_every_request(ours: SessionTokens) -> None:
    """20,000 a second of one core; a quarter of that is asked for here."""
    tokens = [issued(ours) for _ in range(2000)]
    started = time.thread_time()
    for token in tokens:
        ours.read(token, now=NOW)
    assert len(tokens) / (time.thread_time() - started) > 5000
