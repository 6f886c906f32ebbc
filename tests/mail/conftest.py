"""A real SMTP server and a web application whose pages end the mail, as for signing in by mail."""

from __future__ import annotations

from tests.api.auth.nextauth.conftest import browser, browsers, deps, port, post, providers, web
from tests.api.conftest import client

__all__ = ["browser", "browsers", "client", "deps", "port", "post", "providers", "web"]
