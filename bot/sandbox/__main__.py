"""`python -m bot.sandbox`: the sandbox alone, for any bot that can be pointed at another Bot API server."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
from pathlib import Path

from bot.sandbox.server import Sandbox


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8081, help="0: any free one (8081)")
    parser.add_argument("--state", type=Path, metavar="FILE", help="keep people and chats there over a restart")
    parser.add_argument("--people", default="", metavar="NAMES", help='made-up people to begin with: "Ana:es,Li"')
    given = parser.parse_args()
    try:
        return asyncio.run(_run(given))
    except (OSError, RuntimeError, ValueError) as error:
        print(f"sandbox: {error}", file=sys.stderr)  # noqa: T201 - a command's output
        return 1


async def _run(given: argparse.Namespace) -> int:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    sandbox = Sandbox(state_file=given.state)
    await sandbox.start(given.host, given.port)
    known = {person.first_name for person in sandbox.people}
    for name, _, language in (word.strip().partition(":") for word in given.people.split(",")):
        if name and name not in known:
            sandbox.add_person(name, language_code=language or "en")
    print(f"page:  {sandbox.page_url}\nAPI:   {sandbox.url}\ntoken: {sandbox.token}", flush=True)  # noqa: T201
    await stopped.wait()
    await sandbox.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
