"""Sealed cookies: values that a browser keeps and cannot read or forge; and NextAuth's digests.

Both use NEXTAUTH_SECRET. New values are made with the first secret; those of the others are still accepted.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

if TYPE_CHECKING:
    from joserfc.jwe import JWERegistry

KEY_BYTES: Final = 32
MAX_SEALED_LENGTH: Final = 4096

_HEADER: Final = {"alg": "dir", "enc": "A256GCM"}


class SealedCookies:
    """Seals and unseals cookies, without I/O. A value is NextAuth's JWE under a key derived from the cookie's name, so
    it is valid in that cookie only."""

    def __init__(self, secrets: Sequence[str]) -> None:
        if not secrets or not all(secrets):
            raise ValueError("at least one secret is needed, and none may be empty")
        self._secrets = tuple(secrets)

    def digest(self, text: str) -> str:
        """Return `sha256(text + secret)` in hex, as NextAuth stores tokens and signs its CSRF cookie."""
        return _digest(text, self._secrets[0])

    def digests(self, text: str) -> list[str]:
        """Return the digest with each accepted secret."""
        return [_digest(text, secret) for secret in self._secrets]

    def is_digest(self, text: str, digest: str) -> bool:
        said = digest.encode(errors="surrogatepass")
        return any(hmac.compare_digest(right.encode(), said) for right in self.digests(text))

    def seal(self, name: str, claims: dict[str, Any], *, now: datetime, lives: timedelta) -> str:
        """Return the value of the cookie `name`, valid for `lives`."""
        from joserfc import jwe  # loaded late to keep start-up fast, as below
        from joserfc.jwk import OctKey

        text = json.dumps({**claims, "exp": int((now + lives).timestamp())})
        key = OctKey.import_key(_key(self._secrets[0], name))
        return str(jwe.encrypt_compact(_HEADER, text, key, registry=_registry()))

    def unseal(self, name: str, value: str, *, now: datetime) -> dict[str, Any] | None:
        """Return the claims of a value; None for one that is forged, expired, empty or of another cookie. Never
        raises."""
        if not value.isascii() or len(value) > MAX_SEALED_LENGTH:
            return None
        from joserfc import jwe
        from joserfc.errors import JoseError
        from joserfc.jwk import OctKey

        for secret in self._secrets:
            try:
                key = OctKey.import_key(_key(secret, name))
                said = json.loads(jwe.decrypt_compact(value, key, registry=_registry()).plaintext or b"")
            except (JoseError, ValueError, TypeError, AttributeError, RecursionError):
                continue
            if isinstance(said, dict) and type(said.get("exp")) is int and said["exp"] > now.timestamp():
                return said
        return None


@cache
def _registry() -> JWERegistry:
    from joserfc.jwe import JWERegistry

    return JWERegistry(algorithms=["dir", "A256GCM"])


def _digest(text: str, secret: str) -> str:
    return hashlib.sha256(f"{text}{secret}".encode(errors="surrogatepass")).hexdigest()


def _key(secret: str, name: str) -> bytes:
    info = f"NextAuth.js Generated Encryption Key ({name})".encode()
    return HKDF(hashes.SHA256(), KEY_BYTES, salt=name.encode(), info=info).derive(secret.encode())
