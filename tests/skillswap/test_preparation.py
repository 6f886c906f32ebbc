"""A start imports what its role needs at once, and no more."""

from __future__ import annotations

import ast
import asyncio
import os
import ssl
import sys
from pathlib import Path

import pytest

from tests.faults.nginx import make_certificate

ROOT = Path(__file__).parents[2]

AT_FIRST_USE = (
    "PIL",
    "aiosmtplib",
    "cloudinary",
    "cryptography.x509",
    "icalendar",
    "joserfc",
    "linkify_it",
    "phonenumbers",
    "rapidfuzz",
    "sqlite3",
    "tomllib",
    "xml.etree",
)

IMPORTED = "\nimport sys\nprint(*(name for name, module in sys.modules.items() if module is not None))"


@pytest.mark.parametrize(
    ("role", "without"),
    [("run", ("telegram", "mail")), ("api", ("telegram", "bot", "mail")), ("bot", ("socketio",)), ("worker", ("api",))],
)
async def test_a_start_does_not_import_what_few_requests_need(role: str, without: tuple[str, ...]) -> None:
    imported = await _imported_by(f"from skillswap.preparation import prepare; prepare({role!r})")
    assert not {*AT_FIRST_USE, *without} & imported


async def test_the_bot_imports_nothing_that_few_of_its_updates_need() -> None:
    imported = await _imported_by("from skillswap.preparation import prepare_bot; prepare_bot()")
    assert "telegram" in imported
    assert not {*AT_FIRST_USE} & imported


async def test_receiving_updates_does_not_import_the_bot() -> None:
    imported = await _imported_by("import bot.tokens, bot.updates.webhook")
    assert "telegram" not in imported


ASKED = """
from skillswap.preparation import prepare
prepare("api")
import asyncio, sys
from domain.errors import Unavailable
from handlers.auth.oauth_http import OAuthHttp

async def ask():
    http = OAuthHttp()
    try:
        print(await http.get(sys.argv[1]))
    except Unavailable:
        print("unavailable")
    await http.close()

asyncio.run(ask())
"""


@pytest.mark.parametrize(("is_known", "answer"), [(True, "{'ok': True}"), (False, "unavailable")])
async def test_a_sign_in_service_is_trusted_as_the_machine_says(tmp_path: Path, is_known: bool, answer: str) -> None:
    """Although the start reads no authorities."""
    await asyncio.to_thread(make_certificate, tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "fullchain.pem", tmp_path / "privkey.pem")

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 11\r\nConnection: close\r\n\r\n{"ok":true}')
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    address = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    trusted = {"SSL_CERT_FILE": str(tmp_path / "fullchain.pem")} if is_known else {}
    async with server:
        assert await _output_of(ASKED, address, **trusted) == answer


def test_every_client_of_a_channel_says_whom_it_trusts() -> None:
    for channel in ("api", "bot", "handlers", "mail", "storage"):
        for file in (ROOT / channel).rglob("*.py"):
            for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("ClientSession"):
                    (connector,) = (word.value for word in call.keywords if word.arg == "connector")
                    assert isinstance(connector, ast.Call), file
                    assert "ssl" in {word.arg for word in connector.keywords}, file


async def _imported_by(program: str) -> set[str]:
    """Return the packages that are imported after a program."""
    return set((await _output_of(program + IMPORTED)).split())


async def _output_of(program: str, *arguments: str, **env: str) -> str:
    words = ("-c", program, *arguments)
    process = await asyncio.create_subprocess_exec(
        sys.executable, *words, cwd=ROOT, env={**os.environ, **env}, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    return out.decode().strip()
