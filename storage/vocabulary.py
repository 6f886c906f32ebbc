"""Vocabulary of skills, read from `locales/<locale>/skills.txt`."""

from __future__ import annotations

import hashlib
from functools import cache

from domain.languages import LOCALES
from domain.vocabulary import Vocabulary, read_vocabulary
from storage.locales.reader import FOLDER


@cache
def load_vocabulary() -> Vocabulary:
    """Return the vocabulary, read once for each process. Blocking: some milliseconds."""
    return read_vocabulary({locale: _text(locale) for locale in LOCALES})


@cache
def vocabulary_digest() -> str:
    """Return a digest of the content of the files. Blocking, as above."""
    return hashlib.sha256("\0".join(_text(locale) for locale in LOCALES).encode()).hexdigest()


def _text(locale: str) -> str:
    return (FOLDER / locale / "skills.txt").read_text(encoding="utf-8")
