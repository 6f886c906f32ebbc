"""HTTP requests to identity providers: with short time limits, bounded answers, and no redirects."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

import aiohttp
import orjson

from domain.errors import Unavailable

log = logging.getLogger(__name__)

TIMEOUT_SECONDS: Final = 8.0
MAX_ANSWER_BYTES: Final = 262_144
MAX_CONNECTIONS: Final = 20


class OAuthHttp:
    """An HTTP client that follows no redirect, keeps no cookie and accepts JSON only. Raises Unavailable
    `auth.provider_unavailable`."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def get(self, url: str, *, token: str | None = None) -> Any:
        """Return the JSON at an address, requested with the access token if there is one."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return await self._ask("GET", url, headers=headers)

    async def post_form(
        self, url: str, form: Mapping[str, str], *, client: tuple[str, str], in_body: bool
    ) -> dict[str, Any]:
        """Post a form as this client and return the JSON: id and secret in the form, or in the header (RFC 6749,
        2.3.1).

        {} when the provider refuses.
        """
        headers: dict[str, str] = {}
        data = dict(form)
        if in_body:
            data["client_id"], data["client_secret"] = client
        else:
            name, secret = (quote(part, safe="") for part in client)
            headers["Authorization"] = aiohttp.encode_basic_auth(name, secret)
        answer = await self._ask("POST", url, headers=headers, data=data)
        return answer if isinstance(answer, dict) else {}

    async def _ask(self, method: str, url: str, *, headers: dict[str, str], **body: Any) -> Any:
        """Return the JSON; None for a refusal (4xx) or a body that is not JSON."""
        headers = {"Accept": "application/json", "User-Agent": "skill-swap", **headers}
        try:
            session = await self._opened()
            async with session.request(method, url, headers=headers, allow_redirects=False, **body) as response:
                if response.status >= 500 or response.status == 429:
                    raise Unavailable("auth.provider_unavailable")
                if response.status != 200:
                    return None
                return orjson.loads(await _bounded(response))
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            log.warning("a sign-in service did not answer: %s", type(error).__name__)
            raise Unavailable("auth.provider_unavailable") from None
        except ValueError:
            return None

    async def _opened(self) -> aiohttp.ClientSession:
        """Return the session, opened at the first request: to read the certificate authorities takes 20 ms."""
        if self._session is None:
            trust = await asyncio.to_thread(ssl.create_default_context)
            if self._session is None:  # unless another request has opened it meanwhile
                self._session = aiohttp.ClientSession(
                    timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS),
                    connector=aiohttp.TCPConnector(limit=MAX_CONNECTIONS, ssl=trust),
                    cookie_jar=aiohttp.DummyCookieJar(),
                )
        return self._session


async def _bounded(response: aiohttp.ClientResponse) -> bytes:
    """Return the body. Raises ValueError when it is longer than an answer may be."""
    parts: list[bytes] = []
    size = 0
    async for part in response.content.iter_any():
        size += len(part)
        if size > MAX_ANSWER_BYTES:
            raise ValueError("too long")
        parts.append(part)
    return b"".join(parts)
