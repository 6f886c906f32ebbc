"""A real SMTP server, and a web application with the pages to unsubscribe."""

from __future__ import annotations

from tests.api.auth.nextauth.conftest import browser, browsers, deps, port, post, providers, web
from tests.api.conftest import client

__all__ = ["browser", "browsers", "client", "deps", "port", "post", "providers", "web"]
