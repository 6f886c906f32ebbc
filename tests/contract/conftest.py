"""The web door and its clients are those of the API's own tests."""

from tests.api.conftest import client, connect, web

__all__ = ["client", "connect", "web"]
