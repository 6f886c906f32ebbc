"""The web door and its clients are those of the API's own tests."""

from tests.api.conftest import client, connect, database, kept_database, web

__all__ = ["client", "connect", "database", "kept_database", "web"]
