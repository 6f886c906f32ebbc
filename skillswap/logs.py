"""Logs: one line per event on standard error, for people (`text`) or for machines (`json`).

Secrets are redacted in the finished line, tracebacks included, whichever logger wrote it. Loggers of libraries that
print whole requests stay at WARNING even when LOG_LEVEL is DEBUG: their lines contain tokens and message texts.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final, Literal, TextIO

from handlers.runtime.request_id import request_id

HIDDEN: Final = "[hidden]"
MIN_HIDDEN_LENGTH: Final = 8  # redacting a shorter "secret" would remove ordinary words
QUIET: Final = ("httpx", "httpcore", "telegram", "pymongo", "socketio", "engineio", "PIL")

_PATTERNS: Final = (
    (re.compile(r"\d{6,20}:[\w-]{30,}"), HIDDEN),  # a bot token, also inside /bot<token>/
    (re.compile(r"([a-z][a-z0-9+.-]{0,20}://)[^\s/]*@", re.IGNORECASE), rf"\1{HIDDEN}@"),  # user:password@
    (re.compile(r"Bearer\s+[\w.~+/=-]+", re.IGNORECASE), f"Bearer {HIDDEN}"),
    (re.compile(r"((?:__Secure-|__Host-)?next-auth\.[\w.-]{1,60}=)[^;\s]+"), rf"\1{HIDDEN}"),
    (re.compile(r"eyJ[\w-]{8,}(?:\.[\w-]*){2,4}"), HIDDEN),  # a JWT or JWE
)
_COLOURS: Final = {"DEBUG": "2", "INFO": "36", "WARNING": "33", "ERROR": "31", "CRITICAL": "1;31"}
_CONTROL: Final = {code: f"\\x{code:02x}" for code in (*range(32), 127) if chr(code) not in "\t\n"}


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """Return `text` with the given secrets, and everything that looks like one, replaced."""
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


class _Lines(logging.Formatter):
    """Base of both formats: the message on one line, and the traceback, with secrets redacted."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__()
        # Longest first: one secret may be part of another.
        self._secrets = sorted((s for s in secrets if len(s) >= MIN_HIDDEN_LENGTH), key=len, reverse=True)

    def message(self, record: logging.LogRecord) -> str:
        # An event is one line and moves no cursor, whatever an error text from outside contains.
        return redact(record.getMessage(), self._secrets).replace("\n", "\\n").translate(_CONTROL)

    def traceback(self, record: logging.LogRecord) -> str:
        if record.exc_info and not record.exc_text:
            record.exc_text = self.formatException(record.exc_info)
        parts = (record.exc_text, self.formatStack(record.stack_info) if record.stack_info else None)
        return redact("\n".join(part for part in parts if part), self._secrets).translate(_CONTROL)


class TextLines(_Lines):
    """`12:34:56 INFO    handlers.swaps  swap 65… accepted  (request 4f2a)`; the time is local."""

    def __init__(self, *, coloured: bool, secrets: Iterable[str] = ()) -> None:
        super().__init__(secrets)
        self._coloured = coloured

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).astimezone().strftime("%H:%M:%S")
        level = self._paint(f"{record.levelname:<7}", _COLOURS.get(record.levelname, "0"))
        line = f"{self._paint(at, '2')} {level} {self._paint(record.name, '2')}  {self.message(record)}"
        current = request_id.get()
        if current:
            line += self._paint(f"  (request {current.translate(_CONTROL)})", "2")
        trace = self.traceback(record)
        return f"{line}\n{trace}" if trace else line

    def _paint(self, text: str, colour: str) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if self._coloured else text


class JsonLines(_Lines):
    """One JSON object per line: at (ISO 8601 UTC), level, logger, message, and request_id and traceback if present."""

    def format(self, record: logging.LogRecord) -> str:
        fields = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self.message(record),
            "request_id": request_id.get(),
            "traceback": self.traceback(record) or None,
        }
        return json.dumps({name: value for name, value in fields.items() if value is not None}, ensure_ascii=False)


def configure_logs(
    level: str = "INFO",
    style: Literal["text", "json"] = "text",
    *,
    secrets: Iterable[str] = (),
    stream: TextIO | None = None,
) -> None:
    """Send the logs of the whole process to `stream` (standard error). A second call replaces the first.

    `secrets` are redacted wherever they appear: pass `Settings.secret_values()`.
    """
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    formatter = JsonLines(secrets) if style == "json" else TextLines(coloured=stream.isatty(), secrets=secrets)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    for old in [kept for kept in root.handlers if isinstance(kept.formatter, _Lines)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    logging.captureWarnings(True)
