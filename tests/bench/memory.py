"""Memory that `skillswap api` takes: after its start, and after all people have asked each of the busiest routes.

python -m tests.bench.memory [--people 2000]

Each person has asked for three swaps, with twenty messages each. The memory is that of /proc/PID/status: all that is
resident, and what of it is the process's own: without mapped files such as libraries. Linux only; it takes a minute.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import tempfile
from pathlib import Path

import aiohttp

from tests.bench.people import community
from tests.bench.routes import CONNECTIONS, ROUTES, SECRET, ask_all, fill_swaps
from tests.service import Service, running_service

SETTLED_SECONDS = 6.0
"""Until the templates of pages have been compiled."""

ASKED = ("GET /api/user", "GET /api/swap", "GET /api/chat/{id}", "POST /api/chat", "PUT /api/user")


def show(service: Service, after: str) -> None:
    status = Path(f"/proc/{service.child.pid}/status").read_text(encoding="utf-8")
    resident, own = (int(re.findall(rf"{name}:\s+(\d+) kB", status)[0]) / 1024 for name in ("VmRSS", "RssAnon"))
    print(f"  {after:24}{resident:9.1f}{own:9.1f}", flush=True)


async def measure(people: int) -> None:
    with tempfile.TemporaryDirectory(prefix="skillswap-bench-") as folder:
        async with community(Path(folder), people) as deps:
            askers = await fill_swaps(deps, people)
            env = {"DATA_DIR": folder, "NEXTAUTH_SECRET": SECRET, "LOG_LEVEL": "ERROR"}
            async with (
                running_service(env, role="api") as service,
                aiohttp.ClientSession(
                    service.url,
                    connector=aiohttp.TCPConnector(limit=CONNECTIONS),
                    cookie_jar=aiohttp.DummyCookieJar(),
                ) as web,
            ):
                print(f"\n{len(askers)} people ask\n  {'MB after':24}{'resident':>9}{'own':>9}")
                show(service, "start")
                await asyncio.sleep(SETTLED_SECONDS)
                show(service, "templates")
                for name in ASKED:
                    await ask_all(web, askers, ROUTES[name])
                    show(service, name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=2000)
    asyncio.run(measure(parser.parse_args().people))


if __name__ == "__main__":
    main()
