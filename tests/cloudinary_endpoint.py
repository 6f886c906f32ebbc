"""A local Cloudinary that the real SDK talks to: it checks signatures, stores uploads, serves them at the URLs that it
returns, and can be set to fail."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

import pytest
from aiohttp import web

from storage.media.cloudinary import CloudinaryAssets

CLOUD = "harbour"
API_KEY = "381920475566"
UNSIGNED = {"file", "api_key", "cloud_name", "resource_type", "signature"}

Fault = Literal[
    "hang", "drop", "error", "unauthorized", "unpaid", "busy", "bad_gateway", "truncated", "bad_signature",
    "foreign_host", "stored_late",
]  # fmt: skip
STATUSES = {"error": 500, "unpaid": 402, "busy": 420}


def new_secret() -> str:
    return secrets.token_hex(14)


@dataclass
class Call:
    """One received request: `action` is upload or destroy, with its form fields and the bytes of its file."""

    action: str
    fields: dict[str, str]
    data: bytes = b""


@dataclass
class CloudinaryEndpoint:
    """`fault` makes the next requests fail in that way; `sha1_replies` signs replies with SHA-1, as older accounts
    do."""

    api_secret: str = field(default_factory=new_secret)
    fault: Fault | None = None
    sha1_replies: bool = False
    assets: dict[str, bytes] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    port: int = 0
    _runner: web.AppRunner | None = None
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        """The value for CLOUDINARY_UPLOAD_PREFIX."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def variables(self) -> dict[str, str]:
        """The environment variables of a service that stores its photos here."""
        return {
            "CLOUDINARY_CLOUD_NAME": CLOUD,
            "CLOUDINARY_API_KEY": API_KEY,
            "CLOUDINARY_API_SECRET": self.api_secret,
            "CLOUDINARY_UPLOAD_PREFIX": self.url,
        }

    async def start(self) -> None:
        app = web.Application(client_max_size=20 * 1024 * 1024)
        app.router.add_post("/v1_1/{cloud}/image/{action:upload|destroy}", self._api)
        app.router.add_get("/{cloud}/image/upload/v{version}/{public_id:.+}.jpg", self._serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)  # a restart listens on the same port
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Refuse connections until the endpoint is started again."""
        self._stopping.set()
        if self._runner is not None:
            await self._runner.cleanup()
        self._runner, self._stopping = None, asyncio.Event()

    def assets_client(self) -> CloudinaryAssets:
        """Return the product's client, configured for this endpoint."""
        return CloudinaryAssets(CLOUD, API_KEY, self.api_secret, upload_prefix=self.url)

    async def _api(self, request: web.Request) -> web.StreamResponse:
        call = await self._read(request)
        self.calls.append(call)
        if self.fault == "hang":
            await self._stopping.wait()
        if self.fault == "drop" and request.transport is not None:
            request.transport.abort()
        if self.fault in STATUSES:
            return _error(STATUSES[self.fault], f"Something failed for {call.fields.get('signature')}")
        if self.fault == "bad_gateway":
            return web.Response(status=502, text="<html>502 Bad Gateway</html>", content_type="text/html")
        if self.fault == "unauthorized" or request.match_info["cloud"] != CLOUD or not self._is_signed(call.fields):
            return _error(401, f"Invalid Signature {call.fields.get('signature')}")
        reply = self._upload(call) if call.action == "upload" else self._destroy(call)
        if self.fault == "stored_late":
            await self._stopping.wait()
        if self.fault == "truncated":
            return web.Response(text='{"public_id": "', content_type="application/json")
        return web.json_response(reply)

    async def _read(self, request: web.Request) -> Call:
        fields: dict[str, str] = {}
        data = b""
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                data = value.file.read()
            else:
                fields[name] = str(value)
        return Call(request.match_info["action"], fields, data)

    def _is_signed(self, fields: Mapping[str, str]) -> bool:
        """Cloudinary's signature, implemented without the SDK: parameters sorted, `&` escaped, the secret appended."""
        pairs = sorted((name, value) for name, value in fields.items() if name not in UNSIGNED and value != "")
        text = "&".join(f"{name}={value.replace('&', '%26')}" for name, value in pairs) + self.api_secret
        given = fields.get("signature", "")
        digests = (hashlib.sha1(text.encode()), hashlib.sha256(text.encode()))
        recent = abs(time.time() - int(fields.get("timestamp", "0"))) < 3600
        return fields.get("api_key") == API_KEY and recent and given in {digest.hexdigest() for digest in digests}

    def _upload(self, call: Call) -> dict[str, object]:
        public_id, version = call.fields["public_id"], int(time.time())
        existing = public_id in self.assets
        if not existing or call.fields.get("overwrite") != "0":
            self.assets[public_id] = call.data
        digest = hashlib.sha1 if self.sha1_replies else hashlib.sha256
        signed = digest(f"public_id={public_id}&version={version}{self.api_secret}".encode()).hexdigest()
        host = "http://127.0.0.2:9" if self.fault == "foreign_host" else self.url
        return {
            "public_id": public_id,
            "version": version,
            "signature": "0" * len(signed) if self.fault == "bad_signature" else signed,
            "format": "jpg",
            "resource_type": "image",
            "bytes": len(call.data),
            "secure_url": f"{host}/{CLOUD}/image/upload/v{version}/{public_id}.jpg",
            **({"existing": True} if existing else {}),
        }

    def _destroy(self, call: Call) -> dict[str, object]:
        return {"result": "ok" if self.assets.pop(call.fields["public_id"], None) is not None else "not found"}

    async def _serve(self, request: web.Request) -> web.Response:
        data = self.assets.get(request.match_info["public_id"])
        if data is None or request.match_info["cloud"] != CLOUD:
            raise web.HTTPNotFound
        return web.Response(body=data, content_type="image/jpeg")


def _error(status: int, message: str) -> web.Response:
    return web.json_response({"error": {"message": message}}, status=status)


@pytest.fixture
async def cloudinary_endpoint() -> AsyncIterator[CloudinaryEndpoint]:
    endpoint = CloudinaryEndpoint()
    await endpoint.start()
    yield endpoint
    await endpoint.stop()
