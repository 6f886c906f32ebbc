"""Why the database cannot be used. Without the driver: mongod is started before that is imported."""

from __future__ import annotations

LINE_LENGTH = 200  # characters of an error text


class DatabaseProblem(Exception):
    """The database cannot be used. The text is one line for an operator, without credentials."""
