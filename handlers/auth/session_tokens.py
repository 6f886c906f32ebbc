"""Session tokens in NextAuth v4's format: each side accepts the tokens of the other.

A token is a JWE in compact form, `header..iv.ciphertext.tag`: AES-256-GCM under a key derived from the secret
(algorithm "dir": no key is transmitted, so the second part is empty). One exact header is accepted, so that the sender
has no choice of algorithms.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import os
import re
import uuid
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeGuard

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAX_AGE: Final = timedelta(days=30)
TOLERANCE_SECONDS: Final = 15  # NextAuth's own tolerance for clocks that differ
MAX_TOKEN_LENGTH: Final = 8192  # the size of two cookies
MAX_USER_ID_LENGTH: Final = 64
MAX_PICTURE_LENGTH: Final = 2048  # a longer address is left out, or the token would not fit a cookie
CACHED_TOKENS: Final = 4096
KEY_BYTES: Final = 32
IV_BYTES: Final = 12
TAG_BYTES: Final = 16
LAST_SECOND: Final = 253_402_300_799  # the year 9999, the last that dates support

_INFO: Final = b"NextAuth.js Generated Encryption Key"
_HEADER: Final = base64.urlsafe_b64encode(b'{"alg":"dir","enc":"A256GCM"}').rstrip(b"=").decode()
_TOKEN: Final = re.compile(rf"{_HEADER}\.\.([\w-]{{16}})\.([\w-]+)\.([\w-]{{22}})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of a token, under their names in it; times in seconds since 1970.

    `sub` is the id of a user. `session_version` is 0 for a token of another program. `session_id` (in the token: `sid`)
    names the session's record; NextAuth keeps it when it renews a token, which it does not do with `jti`.
    """

    sub: str
    exp: float
    iat: float | None = None
    name: str | None = None
    email: str | None = None
    picture: str | None = None
    jti: str | None = None
    session_version: int = 0
    session_id: str | None = None


class SessionTokens:
    """Issues and reads session tokens, without I/O. Use it in one thread: it caches the tokens read last."""

    def __init__(self, secrets: Sequence[str], *, max_age: timedelta = MAX_AGE) -> None:
        """Create it with secrets: the first one issues tokens, the others are accepted, so that a secret can be
        rotated."""
        if not secrets or not all(secrets):
            raise ValueError("at least one secret is needed, and none may be empty")
        self.max_age = max_age
        self._keys = [_derive_key(secret) for secret in secrets]
        self._ciphers = [AESGCM(key) for key in self._keys]
        self._alias_key = hashlib.sha256(b"aliases" + self._keys[0]).digest()
        self._known: OrderedDict[bytes, Claims] = OrderedDict()

    def alias(self, text: str) -> str:
        """Return 16 hex characters that stand for a text and cannot be computed without the secret."""
        return hashlib.blake2b(text.encode(), key=self._alias_key, digest_size=8).hexdigest()

    def digests(self, text: str) -> list[str]:
        """Return digests of a text that nobody can compute without a secret: one for each accepted one, the present
        one first."""
        keys = (hashlib.sha256(b"bars" + key).digest() for key in self._keys)
        return [hmac.new(key, text.encode(), hashlib.sha256).hexdigest() for key in keys]

    def issue(
        self,
        user_id: str,
        *,
        name: str | None,
        email: str | None,
        picture: str | None,
        now: datetime,
        session_version: int = 0,
        session_id: str | None = None,
    ) -> str:
        issued = int(now.timestamp())
        claims: dict[str, Any] = {
            "sub": user_id,
            "name": name,
            "email": email,
            "picture": picture if picture is None or len(picture) <= MAX_PICTURE_LENGTH else None,
            "iat": issued,
            "exp": issued + int(self.max_age.total_seconds()),
            "jti": str(uuid.uuid4()),
        }
        if session_version:
            claims["session_version"] = session_version
        if session_id is not None:
            claims["sid"] = session_id
        iv = os.urandom(IV_BYTES)
        text = json.dumps(claims, separators=(",", ":"), ensure_ascii=False).encode()
        sealed = self._ciphers[0].encrypt(iv, text, _HEADER.encode())
        return ".".join((_HEADER, "", _b64(iv), _b64(sealed[:-TAG_BYTES]), _b64(sealed[-TAG_BYTES:])))

    def read(self, token: str, *, now: datetime) -> Claims | None:
        """Return the claims of a token; None when it is forged, altered, expired, too long or malformed. Never
        raises."""
        if len(token) > MAX_TOKEN_LENGTH or not token.isascii():
            return None
        seconds = now.timestamp()
        digest = hashlib.sha256(token.encode()).digest()  # the digest: tokens themselves are not kept in memory
        claims = self._known.get(digest)
        if claims is None:
            claims = self._open(token, seconds)
            if claims is None:
                return None
            self._known[digest] = claims
            if len(self._known) > CACHED_TOKENS:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(digest)
        return claims if seconds <= claims.exp + TOLERANCE_SECONDS else None

    def _open(self, token: str, seconds: float) -> Claims | None:
        parts = _TOKEN.fullmatch(token)
        if parts is None:
            return None
        iv, text, tag = (_unb64(part) for part in parts.groups())
        if iv is None or text is None or tag is None:
            return None
        for cipher in self._ciphers:
            try:
                plain = cipher.decrypt(iv, text + tag, _HEADER.encode())
            except InvalidTag:
                continue
            return _claims(plain, seconds)
        return None


def _derive_key(secret: str) -> bytes:
    return HKDF(hashes.SHA256(), KEY_BYTES, salt=b"", info=_INFO).derive(secret.encode())


def _claims(plain: bytes, seconds: float) -> Claims | None:
    try:
        said = json.loads(plain)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict):
        return None
    user_id, expires, version = said.get("sub"), said.get("exp"), said.get("session_version", 0)
    if not isinstance(user_id, str) or not 0 < len(user_id) <= MAX_USER_ID_LENGTH:
        return None
    if not _is_time(expires) or type(version) is not int:
        return None
    if "nbf" in said and not (_is_time(said["nbf"]) and said["nbf"] <= seconds + TOLERANCE_SECONDS):
        return None
    issued = said.get("iat")
    return Claims(
        sub=user_id,
        exp=expires,
        iat=issued if _is_time(issued) else None,
        name=_text(said.get("name")),
        email=_text(said.get("email")),
        picture=_text(said.get("picture")),
        jti=_text(said.get("jti")),
        session_version=version,
        session_id=_text(said.get("sid")),
    )


def _is_time(value: Any) -> TypeGuard[int | float]:
    """Return whether this is a JSON number that can be a time; RFC 7519 allows fractions of a second."""
    return type(value) in (int, float) and 0 <= value <= LAST_SECOND  # a bool is an int, but not a time


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _unb64(text: str) -> bytes | None:
    """Return the bytes; None unless the text is their canonical encoding (otherwise spare bits would give a second
    token)."""
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        return None
    return data if _b64(data) == text else None
