"""Scan of logs and error bodies for secrets and personal data, at the end of the run.

Recorded are session tokens, random tokens (login links, state, code verifiers), secrets that tests configure, message
texts and mail addresses. Scanned are the formatted log lines of this process, the log files of services that tests
started, and the bodies of problem documents.
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
from handlers.auth.session_tokens import SessionTokens
from skillswap.logs import QUIET, TextLines
from storage.messages import Messages
from tests.service import LOGS

MIN_LENGTH = 12
"""Shorter texts may appear in a log line by chance."""

ADDRESS = re.compile(r"[\w.+-]+@[\w.-]*example\.(?:org|com|net)")
SERVERS_OF_TESTS = ("werkzeug", "oidc_provider_mock", "mail")
"""Loggers of the test servers (OpenID provider, SMTP), which are not scanned."""

LINKS_WITHOUT_MAIL = "no EMAIL_SERVER is set"
"""The one line with a secret on purpose: without a mail server the operator passes on the link."""


class LeakScan:
    """Secrets, texts, log lines, log files and error bodies recorded in this process."""

    def __init__(self) -> None:
        self.secrets: set[str] = {TOKEN, TOKEN.partition(":")[2]}
        self.texts: set[str] = set()
        self.lines: list[str] = []
        self.bodies: list[str] = []
        self.files: list[Path] = []

    def found(self) -> list[str]:
        """Return a description of each line or body that contains a recorded secret, text or address."""
        written = self.lines + [line for file in self.files for line in _lines_of(file)]
        lines = [line for line in dict.fromkeys(written) if LINKS_WITHOUT_MAIL not in line]
        leaks = [
            f"{value!r} in the log line {line!r}" for line, value in _occurrences(lines, self.secrets | self.texts)
        ]
        leaks += [f"an address in the log line {line!r}" for line in lines if ADDRESS.search(line)]
        leaks += [
            f"{value!r} in the body {body}" for body, value in _occurrences(dict.fromkeys(self.bodies), self.secrets)
        ]
        return leaks


def _lines_of(file: Path) -> list[str]:
    return file.read_text(errors="replace").splitlines() if file.exists() else []


def _occurrences(texts: Iterable[str], values: set[str]) -> Iterator[tuple[str, str]]:
    long = [value for value in values if len(value) >= MIN_LENGTH]
    for text in texts:
        for value in long:
            if value in text:
                yield text, value


SCAN = LeakScan()


class _Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(TextLines(coloured=False))

    def emit(self, record: logging.LogRecord) -> None:
        name = record.name.partition(".")[0]
        if name not in SERVERS_OF_TESTS and (name not in QUIET or record.levelno >= logging.WARNING):
            SCAN.lines.append(self.format(record))


@pytest.fixture(scope="session", autouse=True)
def no_secret_is_logged() -> Iterator[None]:
    """Fail the run when a secret, a message text or a mail address appears in a log or an error body."""
    handler = _Lines()
    root = logging.getLogger()
    root.addHandler(handler)
    with pytest.MonkeyPatch.context() as patch:
        _record(patch, SessionTokens, "issue", lambda token, *_, **__: SCAN.secrets.add(token))
        _record(patch, secrets, "token_urlsafe", lambda token, *_: SCAN.secrets.add(token))
        _record(patch, Messages, "append", lambda _, __, message, *___, **____: SCAN.texts.add(message.message))
        _record(patch, api.http.errors, "body_of", lambda body, *_: SCAN.bodies.append(str(body)))
        yield
    root.removeHandler(handler)
    SCAN.files += LOGS
    leaks = SCAN.found()
    assert not leaks, "\n".join(leaks[:20])


def _record(patch: pytest.MonkeyPatch, owner: Any, name: str, note: Callable[..., object]) -> None:
    """Call `note` with the result and the arguments of each call of a function."""
    function = getattr(owner, name)

    @wraps(function)
    def recorded(*arguments: Any, **named: Any) -> Any:
        result = function(*arguments, **named)
        note(result, *arguments, **named)
        return result

    patch.setattr(owner, name, recorded)
