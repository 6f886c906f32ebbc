"""Folder of an embedded database: its owner, its secrets, and the address for other processes."""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import secrets
import shutil
from pathlib import Path
from typing import Any

from storage.mongodb.problems import DatabaseProblem


class DataFolder:
    """Files of one embedded database, readable by this user only. Every method blocks."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.data = path / "mongodb"
        self.log = path / "mongodb.log"
        self.key_file = path / "mongodb.key"
        self._state_file = path / "mongodb.json"
        self._lock: int | None = None

    def prepare(self, min_free_bytes: int) -> None:
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.data.mkdir(exist_ok=True, mode=0o700)
            free = shutil.disk_usage(self.data).free
        except OSError as problem:
            raise DatabaseProblem(f"the data folder {self.path} cannot be used: {problem.strerror}") from None
        if not os.access(self.path, os.W_OK) or not os.access(self.data, os.W_OK):
            raise DatabaseProblem(f"the data folder {self.path} is not writable")
        if free < min_free_bytes:
            raise DatabaseProblem(
                f"only {free // 1_000_000} MB are free on the disk of {self.path}; "
                f"the embedded MongoDB needs {min_free_bytes // 1_000_000} MB"
            )

    def take_lock(self) -> bool:
        """Become the owner, unless a living process is. The kernel releases the lock when its holder dies."""
        try:
            descriptor = os.open(self.path / "mongodb.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as problem:
            raise DatabaseProblem(f"the data folder {self.path} cannot be used: {problem.strerror}") from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._lock = descriptor
        return True

    def free_lock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def secret(self, name: str) -> str:
        """Return the secret in this file, created at first use."""
        path = self.path / name
        with contextlib.suppress(FileNotFoundError):
            if found := path.read_text().strip():
                return found
        made = base64.b64encode(secrets.token_bytes(48), altchars=b"ab").decode()
        _write_private(path, made)
        return made

    def read_state(self) -> dict[str, Any]:
        with contextlib.suppress(OSError, ValueError):
            state = json.loads(self._state_file.read_text())
            if isinstance(state, dict):
                return state
        return {}

    def write_state(self, **state: Any) -> None:
        _write_private(self._state_file, json.dumps(state))


def _write_private(path: Path, text: str) -> None:
    """Write atomically, readable by this user only."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
