"""Photos at Cloudinary, through its own SDK.

The SDK blocks, so it runs in a few threads of its own, where it is also imported: that takes a third of a second, which
would delay start-up. It reads its configuration from global state; every option that matters is passed with each call
instead. Its errors quote replies and URLs; none of their text leaves this file.
"""

from __future__ import annotations

import asyncio
import hmac
import io
import logging
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from domain.errors import Unavailable
from domain.hosts import is_loopback

log = logging.getLogger(__name__)

T = TypeVar("T")

API: Final = "https://api.cloudinary.com"
DELIVERY_DOMAIN: Final = "cloudinary.com"
THREADS: Final = 4
CONNECT_SECONDS: Final = 1.5  # retried up to four times by the SDK's connection pool
READ_SECONDS: Final = 6.0
TOTAL_SECONDS: Final = 7.5  # a user waits for this
MAX_URL_LENGTH: Final = 1024
SHA1_HEX: Final = 40
GONE: Final = {"ok", "not found"}
TOO_MANY: Final = (420, 429)
"""Statuses of a host that is overloaded, or at this account's limit for the hour."""

_STATUS_OF_NO_JSON: Final = re.compile(r"Error parsing server response \((\d{3})\)")


class _Refused(Exception):
    """Unexpected reply of the host. The text is ours and contains no value of it."""


class _Overloaded(_Refused):
    """The host asks to be called later."""


class CloudinaryAssets:
    """AssetHost at Cloudinary. Calls return within 8 seconds; close it when done."""

    def __init__(
        self,
        cloud_name: str,
        api_key: str,
        api_secret: str,
        *,
        upload_prefix: str | None = None,
        folder: str = "skillswap",
    ) -> None:
        self._cloud_name = cloud_name
        self._api_secret = api_secret
        self._prefix = (upload_prefix or API).rstrip("/")
        self._folder = folder
        is_local = is_loopback(urlsplit(self._prefix).hostname or "")
        self.origin = self._prefix if is_local else f"https://*.{DELIVERY_DOMAIN}"
        self._options: dict[str, Any] = {
            "cloud_name": cloud_name,
            "api_key": api_key,
            "api_secret": api_secret,
            "upload_prefix": self._prefix,
            "oauth_token": None,  # never from the environment: it would replace the signature
            "signature_algorithm": "sha256",
            "signature_version": 2,
            "resource_type": "image",
            "return_error": True,  # with the status, which the SDK's exceptions do not have
        }
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="cloudinary")

    async def upload(self, public_id: str, data: bytes) -> str:
        """Store a JPEG and return its URL. An existing id is refused, never overwritten.

        Raises Unavailable: photo.host_unavailable (no reply; it may have been stored all the same), photo.host_failed.
        """
        return await self._in_thread(lambda: self._upload(f"{self._folder}/{public_id}", data))

    async def destroy(self, public_id: str) -> None:
        """Delete it, from the caches too; returns when the host confirms that it does not exist. Raises as upload."""
        await self._in_thread(lambda: self._destroy(f"{self._folder}/{public_id}"))

    async def close(self) -> None:
        """Accept no more calls; running ones end by their own time limits."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _in_thread(self, call: Callable[[], T]) -> T:
        try:
            async with asyncio.timeout(TOTAL_SECONDS):
                return await asyncio.get_running_loop().run_in_executor(self._threads, call)
        except TimeoutError:
            log.warning("Cloudinary did not answer in time")
            raise Unavailable("photo.host_unavailable") from None

    def _upload(self, asset: str, data: bytes) -> str:
        return self._checked(lambda: self._send_upload(asset, data))

    def _destroy(self, asset: str) -> None:
        self._checked(lambda: self._send_destroy(asset))

    def _send_upload(self, asset: str, data: bytes) -> str:
        from cloudinary import uploader

        reply = uploader.upload(
            io.BytesIO(data),
            public_id=asset,
            filename="photo.jpg",
            overwrite=False,
            allowed_formats=["jpg"],
            timeout=_time_limit(),
            **self._options,
        )
        return self._address(reply, asset)

    def _send_destroy(self, asset: str) -> None:
        from cloudinary import uploader

        reply = uploader.destroy(asset, invalidate=True, timeout=_time_limit(), **self._options)
        _require_success(reply)
        if not isinstance(reply, dict) or reply.get("result") not in GONE:
            raise _Refused("not destroyed")

    def _checked(self, call: Callable[[], T]) -> T:
        """Return the result of the call; raise its failure as one of our two errors, without any text of the SDK."""
        code = "photo.host_failed"
        try:
            return call()
        except _Refused as problem:
            if isinstance(problem, _Overloaded):
                code = "photo.host_unavailable"
            log.warning("Cloudinary's answer was refused: %s", problem)
        except Exception as problem:  # noqa: BLE001 - the SDK raises its own, urllib3's and json's errors
            if _is_silence(problem):
                code = "photo.host_unavailable"
            log.warning("Cloudinary failed: %s", _kind_of(problem))
        raise Unavailable(code)  # outside the except: the cause, which may quote a reply, is not chained

    def _address(self, reply: Any, asset: str) -> str:
        """Return the URL of the photo, once the reply is verified to be about it and from the host. Raises _Refused."""
        _require_success(reply)
        if not isinstance(reply, dict) or reply.get("public_id") != asset:
            raise _Refused("not about this picture")
        if reply.get("existing"):
            raise _Refused("the id is taken")
        signature = reply.get("signature")
        if signature is not None and not self._is_signed(asset, reply.get("version"), signature):
            raise _Refused("its signature is wrong")
        url = reply.get("secure_url")
        if not isinstance(url, str) or len(url) > MAX_URL_LENGTH or not self._is_ours(url, asset):
            raise _Refused("the address is foreign")
        return url

    def _is_signed(self, asset: str, version: Any, signature: Any) -> bool:
        """Verify the signature as the SDK does, with our secret: its own check reads the global configuration.

        The hash that signs replies is a setting of the account, not of the request.
        """
        from cloudinary import utils

        if not isinstance(signature, str) or not isinstance(version, int | str) or not signature.isascii():
            return False
        algorithm = utils.SIGNATURE_SHA1 if len(signature) == SHA1_HEX else utils.SIGNATURE_SHA256
        signed = {"public_id": asset, "version": version}
        expected = utils.api_sign_request(signed, self._api_secret, algorithm, signature_version=1)
        return hmac.compare_digest(signature, expected)

    def _is_ours(self, url: str, asset: str) -> bool:
        try:
            parts, prefix = urlsplit(url), urlsplit(self._prefix)
            host, names_asset = parts.hostname or "", f"/{asset}." in parts.path
            if is_loopback(prefix.hostname or ""):
                return names_asset and (parts.scheme, parts.netloc) == (prefix.scheme, prefix.netloc)
            return (
                names_asset
                and parts.scheme == "https"
                and parts.netloc == host  # no user, no port
                and host.endswith(f".{DELIVERY_DOMAIN}")
                and (parts.path.startswith(f"/{self._cloud_name}/") or host.startswith(f"{self._cloud_name}-res."))
            )
        except ValueError:
            return False


def _time_limit() -> Any:
    from urllib3 import Timeout

    return Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)


def _require_success(reply: Any) -> None:
    """Raise _Refused with the status of an error reply. Its message may quote what was sent, and stays here."""
    error = reply.get("error") if isinstance(reply, dict) else None
    if isinstance(error, dict):
        status = error.get("http_code")
        raise (_Overloaded if status in TOO_MANY else _Refused)(f"HTTP {status}")


def _kind_of(problem: Exception) -> str:
    """Return the class of a failure without its text: the status of a reply that is no JSON, or the network error."""
    if status := _STATUS_OF_NO_JSON.match(str(problem)):
        return f"HTTP {status[1]} without JSON"
    cause = problem.__context__ or problem
    reason = getattr(cause, "reason", None)  # urllib3's last error, after its retries
    return type(reason if isinstance(reason, Exception) else cause).__name__


def _is_silence(problem: Exception) -> bool:
    """Return whether the host was unreachable (refused, timed out, disconnected) rather than replied."""
    from urllib3.exceptions import HTTPError

    # the SDK wraps network errors in its own bare one, raised while it handled them
    return isinstance(problem.__context__, HTTPError | OSError)
