"""The hand-written vocabulary, from the file that comes with the program."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from domain.vocabulary import Vocabulary, read_vocabulary

FILE = Path(__file__).parent / "locales" / "skills.txt"


@cache
def load_vocabulary() -> Vocabulary:
    """Read once for each process. Blocking: some milliseconds."""
    return read_vocabulary(FILE.read_text(encoding="utf-8"))


@cache
def vocabulary_digest() -> str:
    """Another one for every other content of the file. Blocking, as above."""
    return hashlib.sha256(FILE.read_bytes()).hexdigest()
