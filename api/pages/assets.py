"""The files that pages load. Their addresses have a fingerprint of all of them, so that browsers keep them."""

from __future__ import annotations

import gzip
import hashlib
import re
from pathlib import Path
from typing import Final

from aiohttp import web

from domain.errors import NotFound

FOLDER: Final = Path(__file__).parent / "assets"
TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
FINGERPRINT_LENGTH: Final = 12
FOREVER: Final = "public, max-age=31536000, immutable"


def _fingerprint() -> str:
    """Return the fingerprint of all files: modules import one another, so that they change together."""
    digest = hashlib.sha256()
    for file in sorted(FOLDER.iterdir()):
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:FINGERPRINT_LENGTH]


FINGERPRINT: Final = _fingerprint()
NAMES: Final = frozenset(file.name for file in FOLDER.iterdir() if file.suffix in TYPES)
_COMPRESSED: Final = {name: gzip.compress((FOLDER / name).read_bytes(), mtime=0) for name in NAMES}
"""All files as they are sent: compressed once, at start."""
_IMPORT: Final = re.compile(r'^import .*"\./([\w-]+\.js)";$', re.MULTILINE)


def _imported_by() -> dict[str, tuple[str, ...]]:
    """Return the modules that each module imports, with those that these import."""
    direct = {name: _IMPORT.findall((FOLDER / name).read_text()) for name in NAMES if name.endswith(".js")}

    def follow(name: str, found: dict[str, None]) -> dict[str, None]:
        for module in direct[name]:
            if module not in found:
                found[module] = None
                follow(module, found)
        return found

    return {name: tuple(follow(name, {})) for name in direct}


_IMPORTED: Final = _imported_by()


def imported_by(name: str) -> tuple[str, ...]:
    """Return the modules that come with a module: named in the page, all are fetched in one round."""
    return _IMPORTED[name]


def address_of(name: str) -> str:
    """Return the address of a file of pages."""
    return f"/page/{FINGERPRINT}/{name}"


async def get_file(request: web.Request) -> web.StreamResponse:
    """Return a style sheet or script; under an earlier fingerprint the present one, which is not to be kept."""
    name = request.match_info["name"]
    if name not in NAMES:
        raise NotFound("not_found")
    is_present = request.match_info["fingerprint"] == FINGERPRINT
    headers = {
        "Content-Type": f"{TYPES[Path(name).suffix]}; charset=utf-8",
        "Cache-Control": FOREVER if is_present else "no-cache",
        "Vary": "Accept-Encoding",
    }
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        return web.Response(body=_COMPRESSED[name], headers={**headers, "Content-Encoding": "gzip"})
    return web.FileResponse(FOLDER / name, headers=headers)


def routes() -> list[web.RouteDef]:
    return [web.get("/page/{fingerprint}/{name}", get_file)]
