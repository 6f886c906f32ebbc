"""What must appear in no log and in no error body: secrets and words of this whole run, searched for when it ends.

Recorded are every session token, every random token (sign-in links, state, code verifiers), the secrets that tests
configure, what people said, and their mail addresses. Searched are the lines that the product's own formatter makes of
what this process logs, the log files of services that were started, and the bodies of problem documents.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from pathlib import Path
from typing import Any

import pytest

import api.http.errors
from bot.sandbox.server import TOKEN
from handlers.auth.session_tokens import Sessions
from skillswap.logs import QUIET, TextLines
from storage.messages import Messages
from tests.service import LOGS

MIN_LENGTH = 12
"""Shorter words of a conversation are words of the language, too."""

ADDRESS = re.compile(r"[\w.+-]+@[\w.-]*example\.(?:org|com|net)")
SERVERS_OF_TESTS = ("werkzeug", "oidc_provider_mock", "mail")
"""The provider and the mail server that the tests talk to are not ours, and log what they like."""

LINKS_WITHOUT_MAIL = "no EMAIL_SERVER is set"
"""The one line that holds a secret on purpose: without a mail server the operator hands the link on."""


class Canaries:
    """What was secret, and what was written, in this process."""

    def __init__(self) -> None:
        self.secrets: set[str] = {TOKEN, TOKEN.partition(":")[2]}
        self.words: set[str] = set()
        self.lines: list[str] = []
        self.bodies: list[str] = []
        self.files: list[Path] = []

    def found(self) -> list[str]:
        """Every line or body that gives something away, with what it gives away."""
        written = self.lines + [line for file in self.files for line in _lines_of(file)]
        lines = [line for line in dict.fromkeys(written) if LINKS_WITHOUT_MAIL not in line]
        leaks = [f"{word!r} in the log line {line!r}" for line, word in _holding(lines, self.secrets | self.words)]
        leaks += [f"an address in the log line {line!r}" for line in lines if ADDRESS.search(line)]
        leaks += [f"{word!r} in the body {body}" for body, word in _holding(dict.fromkeys(self.bodies), self.secrets)]
        return leaks


def _lines_of(file: Path) -> list[str]:
    return file.read_text(errors="replace").splitlines() if file.exists() else []


def _holding(texts: Iterable[str], words: set[str]) -> Iterator[tuple[str, str]]:
    long = [word for word in words if len(word) >= MIN_LENGTH]
    for text in texts:
        for word in long:
            if word in text:
                yield text, word


CANARIES = Canaries()


class _Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(TextLines(coloured=False))

    def emit(self, record: logging.LogRecord) -> None:
        name = record.name.partition(".")[0]
        if name not in SERVERS_OF_TESTS and (name not in QUIET or record.levelno >= logging.WARNING):
            CANARIES.lines.append(self.format(record))


@pytest.fixture(scope="session", autouse=True)
def nothing_secret_is_written() -> Iterator[None]:
    """Fail the run when a secret, a word of somebody's or an address stands in a log or in an error."""
    handler = _Lines()
    root = logging.getLogger()
    root.addHandler(handler)
    with pytest.MonkeyPatch.context() as patch:
        _record(patch, Sessions, "issue", lambda token, *_, **__: CANARIES.secrets.add(token))
        _record(patch, secrets, "token_urlsafe", lambda token, *_: CANARIES.secrets.add(token))
        _record(patch, Messages, "append", lambda _, __, message, *___: CANARIES.words.add(message.message))
        _record(patch, api.http.errors, "body_of", lambda body, *_: CANARIES.bodies.append(str(body)))
        yield
    root.removeHandler(handler)
    CANARIES.files += LOGS
    leaks = CANARIES.found()
    assert not leaks, "\n".join(leaks[:20])


def _record(patch: pytest.MonkeyPatch, owner: Any, name: str, note: Callable[..., object]) -> None:
    """Let `note` see what a function was given and what it answers."""
    function = getattr(owner, name)

    @wraps(function)
    def noted(*given: Any, **named: Any) -> Any:
        result = function(*given, **named)
        note(result, *given, **named)
        return result

    patch.setattr(owner, name, noted)
