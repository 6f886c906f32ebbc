"""A real nginx with the configuration of `deploy/`, on free ports and without root."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.conftest import ROOT

DEPLOY = ROOT / "deploy" / "nginx"
START_SECONDS = 20.0
DOMAIN, LOOPBACK = "swap.example.org", IPv4Address("127.0.0.1")

_MAIN = """daemon off; pid nginx.pid; error_log stderr warn;
events {{ worker_connections 4096; }}
http {{
  access_log off; client_body_temp_path body; proxy_temp_path proxy;
  fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
  include {folder}/skillswap.conf;
}}
"""


def find_nginx() -> str | None:
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def write_config(folder: Path, *, port: int, behind: tuple[int, int]) -> Path:
    """Write the configuration of `deploy/` with these ports and a new certificate. Blocks."""
    text = (DEPLOY / "skillswap.conf").read_text()
    text = text.replace("/etc/ssl/swap.example.org", str(folder)).replace("/etc/nginx", str(folder))
    for old, new in zip(("8081", "8082"), behind, strict=True):
        text = text.replace(f"127.0.0.1:{old}", f"127.0.0.1:{new}")
    text = re.sub(r"server \{\n    listen 80;.*?\n\}\n", "", text, flags=re.DOTALL)
    text = text.replace("listen 443 ssl http2;", f"listen 127.0.0.1:{port} ssl;")
    (folder / "skillswap.conf").write_text(text)
    shutil.copy(DEPLOY / "skillswap-proxy.conf", folder)
    make_certificate(folder)
    (folder / "nginx.conf").write_text(_MAIN.format(folder=folder))
    return folder / "nginx.conf"


def make_certificate(folder: Path) -> None:
    """Write a certificate of swap.example.org and this machine, signed by itself, and its key. Blocks."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, DOMAIN)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(DOMAIN), x509.IPAddress(LOOPBACK)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


async def check_config(config: Path) -> str:
    """Return the errors of `nginx -t`, or ""."""
    program = find_nginx()
    assert program is not None
    child = await asyncio.create_subprocess_exec(
        *(program, "-t", "-q", "-p", str(config.parent), "-c", str(config)), stderr=asyncio.subprocess.PIPE
    )
    _, complaints = await child.communicate()
    return complaints.decode() if child.returncode or b"[warn]" in complaints else ""


@asynccontextmanager
async def running_nginx(config: Path, port: int) -> AsyncIterator[None]:
    program = find_nginx()
    assert program is not None
    child = await asyncio.create_subprocess_exec(
        *(program, "-p", str(config.parent), "-c", str(config)), stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(START_SECONDS):
            while True:
                with contextlib.suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    break
                await asyncio.sleep(0.05)
        yield
    finally:
        if child.returncode is None:
            child.terminate()
        await child.wait()
