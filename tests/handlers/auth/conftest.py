"""The web channel, and clients with a recorded session."""

from __future__ import annotations

from tests.api.conftest import client, connect, web

__all__ = ["client", "connect", "web"]
