"""A secret that is generated once and then kept in a file."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path


class SecretFileProblem(Exception):
    """The file cannot be read or created; the text says why and never contains the secret."""


def keep_secret(path: Path, size: int) -> str:
    """Return the text of `path`; create the file first, with `size` random bytes in hex, when it does not exist.

    Blocks on files. The file is linked into place complete: a crash leaves it whole or absent, and several processes
    that start at once get the same secret. Raises SecretFileProblem.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _make(path, secrets.token_hex(size))
        secret = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not text"
        raise SecretFileProblem(f"cannot keep a secret in {path} ({reason})") from None
    if len(secret) < size:
        raise SecretFileProblem(f"{path} is damaged; remove it, and everybody signs in again")
    return secret


def _make(path: Path, secret: str) -> None:
    handle, name = tempfile.mkstemp(prefix=".new-", dir=path.parent)  # 0600 from the start
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secret + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(name, path)
        except FileExistsError:
            return  # another process was first: its secret counts
    finally:
        os.unlink(name)
