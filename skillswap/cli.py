"""The command `skillswap`."""

from __future__ import annotations

import argparse
import asyncio
import gc
import linecache
import resource
import signal
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from skillswap.output import say
from skillswap.settings import Role, Settings, SettingsProblem, misspelt_variables

T = TypeVar("T")
STARTED = time.monotonic()
COLLECT_AT = (100_000, 10, 10)
"""Objects more than were freed until the youngest are looked through for garbage: what hundreds of messages that wait
consist of is no garbage, and looking through it again and again took a tenth of an overloaded process's time."""
MAX_OPEN_FILES = 65_536

STORIES = {
    "swaps": "from the request to the ratings, and how other swaps end",
    "door": "a stranger is let in, reported, warned and banned, and comes back by no way",
}
"""Stories of the demonstration, in the order in which they are played."""

EPILOG = "Settings come from the environment and from .env; .env.example explains each."


def main(argv: Sequence[str] | None = None) -> None:
    """Run a command; exits with 0, 1 (a check failed) or 2 (the configuration does not allow it)."""
    arguments = build_parser().parse_args(argv)
    try:
        code = _run(arguments)
    except SettingsProblem as problem:
        code = _complain(*problem.lines)
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands and options."""
    parser = argparse.ArgumentParser(prog="skillswap", description="People of a community trade skills.", epilog=EPILOG)
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")

    def add(name: str, words: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=words, description=f"{words[0].upper()}{words[1:]}.")

    _add_processes(add("run", "run everything: API, bot, mail, schedule"))
    _add_processes(add("api", "run the API only: REST, Socket.IO, pages"))
    add("bot", "run the Telegram bot, mail and the schedule")
    add("worker", "run mail and the schedule only")
    demo = add("demo", "play stories in a scratch community, through the bot and the API, and check each step")
    told = "; ".join(f"{name}: {words}" for name, words in STORIES.items())
    demo.add_argument("--story", choices=tuple(STORIES), help=f"play one of the stories alone. {told}")
    demo.add_argument("--people", type=_count, default=60, metavar="N", help="size of the community (default 60)")
    demo.add_argument("--keep", action="store_true", help="keep the scratch data folder")
    seed = add("seed", "fill the database with a made-up community")
    seed.add_argument("--people", type=_count, default=60, metavar="N", help="how many people (default 60)")
    seed.add_argument(
        "--seed", type=int, default=1, metavar="S", help="the same number makes the same people (default 1)"
    )
    _add_admin(add("admin", "list, appoint or dismiss moderators and admins"))
    _add_outbox(add("outbox", "list, retry or drop deliveries that did not arrive"))
    _add_standing(add)
    clock = add("clock", "show the time of the service, or move it ahead; in development only")
    clock.add_argument("step", nargs="?", type=_step, help="a span such as +1h, +1d or +1w")
    backup = add("backup", "write the whole database to one file; the service may be running")
    backup.add_argument("file", type=Path, help="the file to write")
    restore = add("restore", "restore a backup into an empty database; stop the service first")
    restore.add_argument("file", type=Path, help="a file that backup wrote")
    restore.add_argument("--replace", action="store_true", help="empty the database first")
    openapi = add("openapi", "print the OpenAPI 3.1 document of the API as JSON")
    openapi.add_argument(
        "--indent", type=int, default=2, metavar="N", help="spaces a level; 0 for one line (default 2)"
    )
    add("check", "check the settings, and whether MongoDB and Telegram answer")
    return parser


def _add_processes(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--processes",
        type=_processes,
        default=1,
        metavar="N",
        help="processes that serve the API on one port (default 1)",
    )
    command.add_argument("--number", type=_count, help=argparse.SUPPRESS)  # of a process that is one of them
    command.add_argument("--folder", type=Path, help=argparse.SUPPRESS)


def _add_admin(admin: argparse.ArgumentParser) -> None:
    actions = admin.add_subparsers(dest="action", required=True, metavar="action")
    actions.add_parser("list", help="show all moderators and admins")
    grant = actions.add_parser("grant", help="make a user a moderator or an admin")
    grant.add_argument("who", help="a Telegram id, a mail address or a user id")
    grant.add_argument("--role", choices=("moderator", "admin"), default="admin", help="default: admin")
    revoke = actions.add_parser("revoke", help="make a user an ordinary member again")
    revoke.add_argument("who", help="a Telegram id, a mail address or a user id")


def _add_standing(add: Callable[[str, str], argparse.ArgumentParser]) -> None:
    for name, words in (
        ("ban", "ban a person at once: their swaps end, and no account of theirs lets them in"),
        ("unban", "let a banned person in again, also one who has deleted the account since"),
        ("unhide", "show a hidden person again"),
        ("lift", "end a person's suspension"),
    ):
        command = add(name, words)
        command.add_argument("who", help="a Telegram id, a mail address or a user id")
        command.add_argument("--reason", default="", help="a preset or your own words, for the audit and the person")
    audit = add("audit", "print what was decided about people, the newest first")
    audit.add_argument("who", nargs="?", default="", help="about this person: a Telegram id, mail address or user id")
    audit.add_argument("--limit", type=_count, default=50, metavar="N", help="how many entries (default 50)")


def _add_outbox(outbox: argparse.ArgumentParser) -> None:
    actions = outbox.add_subparsers(dest="action", required=True, metavar="action")
    for name, words in (("list", "show them"), ("retry", "queue them again"), ("drop", "give them up for good")):
        action = actions.add_parser(name, help=words)
        action.add_argument(
            "--updates", action="store_true", dest="of_updates", help="updates from Telegram instead of deliveries"
        )
        if name == "list":
            action.add_argument(
                "--state", choices=("dead", "queued"), default="dead", help="which deliveries (default dead)"
            )
        else:
            action.add_argument("which", help="the id at the start of a line of list, or all (the dead ones)")


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError("cannot be negative")
    return number


def _processes(text: str) -> int:
    from skillswap.processes import MAX_PROCESSES

    number = int(text)
    if not 1 <= number <= MAX_PROCESSES:
        raise argparse.ArgumentTypeError(f"must be 1 to {MAX_PROCESSES}")
    return number


def _step(text: str) -> timedelta:
    from skillswap.commands.clock import step_from

    return step_from(text)


def _run(arguments: argparse.Namespace) -> int:
    if arguments.command == "openapi":
        from skillswap.commands.check import print_openapi

        return print_openapi(arguments.indent)
    if arguments.command == "demo":
        from skillswap.demo.play import play

        names = [arguments.story] if arguments.story else list(STORIES)
        return in_loop(_clearly(play(names, people=arguments.people, is_kept=arguments.keep)))
    for line in misspelt_variables():
        _complain(line)
    settings = Settings.load()
    if arguments.command == "seed":
        from skillswap.commands.seed import seed

        return in_loop(_clearly(seed(settings, people=arguments.people, seed_number=arguments.seed)))
    if arguments.command == "admin":
        from skillswap.commands.admin import admin

        given = {name: value for name, value in vars(arguments).items() if name in ("action", "who", "role")}
        return in_loop(_clearly(admin(settings, **given)))
    if arguments.command in ("ban", "unban", "unhide", "lift", "audit"):
        from skillswap.commands import standing

        given = {name: value for name, value in vars(arguments).items() if name != "command"}
        return in_loop(_clearly(getattr(standing, arguments.command)(settings, **given)))
    if arguments.command == "outbox":
        from skillswap.commands.outbox import outbox

        given = {name: value for name, value in vars(arguments).items() if name != "command"}
        return in_loop(_clearly(outbox(settings, **given)))
    if arguments.command == "clock":
        from skillswap.commands.clock import clock

        return in_loop(_clearly(clock(settings, step=arguments.step)))
    if arguments.command == "backup":
        from skillswap.commands.backup import backup

        return in_loop(_clearly(backup(settings, arguments.file)))
    if arguments.command == "restore":
        from skillswap.commands.backup import restore

        return in_loop(_clearly(restore(settings, arguments.file, replace=arguments.replace)))
    if arguments.command == "check":
        from skillswap.commands.check import check

        return in_loop(check(settings))
    role: Role = arguments.command
    settings.demand(role)
    given = vars(arguments)
    number, count = given.get("number"), given.get("processes", 1)
    if count > 1 and number is None:
        from skillswap.processes import serve_in_processes

        return in_loop(_clearly(serve_in_processes(settings, role, count)))
    return in_loop(_clearly(_serve(settings, role, None if number is None else (number, count, given["folder"]))))


def in_loop(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in an event loop of the kind that the service uses."""
    loop_factory: Callable[[], asyncio.AbstractEventLoop] | None
    try:
        import uvloop

        loop_factory = uvloop.new_event_loop
    except ImportError:  # not built for this platform: asyncio's own loop does the same, slower
        loop_factory = None
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        return runner.run(work)


async def _clearly(work: Coroutine[Any, Any, int]) -> int:
    """Await a command; print an expected failure as one line, without a traceback, and return 2."""
    from skillswap.bootstrap import DatabaseProblem, StartProblem

    try:
        return await work
    except (DatabaseProblem, StartProblem) as problem:
        return _complain(str(problem))


async def _serve(settings: Settings, role: Role, among: tuple[int, int, Path] | None) -> int:
    """Run one process. `among` is its number, how many share the port, and the folder by which they meet."""
    from skillswap.logs import configure_logs

    configure_logs(settings.log_level, settings.log_format, secrets=settings.secret_values())
    from skillswap import heap

    heap.use_one_heap()
    from skillswap.bootstrap import running

    _raise_file_limit()
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    place = None
    if among is not None:
        from skillswap.preparation import import_aiohttp

        import_aiohttp()
        from api.http.handover import Place

        place = Place(*among)
        _stop_at_end_of_input(loop, stopping)
    async with running(settings, role, notify=say, place=place, stopping=stopping) as service:
        from skillswap.welcome import welcome

        if place is None or place.number == 0:
            say(welcome(service, seconds=time.monotonic() - STARTED))
        settle_memory()
        heap.give_back()
        await stopping.wait()
        say("Stopping …")
        await service.drain()
    return 0


def _stop_at_end_of_input(loop: asyncio.AbstractEventLoop, stopping: asyncio.Event) -> None:
    """Stop when the input ends: whoever started the processes has ended. It ends once and stays readable."""
    number = sys.stdin.fileno()

    def on_end() -> None:
        loop.remove_reader(number)
        stopping.set()

    loop.add_reader(number, on_end)


def settle_memory() -> None:
    """Exclude the objects created so far from garbage collection. They live as long as the process, and scanning them
    again and again would stall the event loop for a tenth of a second each time. What was read of source files, for a
    trace that the driver keeps, is forgotten."""
    linecache.clearcache()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AT)


def _raise_file_limit() -> None:
    """Raise the limit of open files: each connection is one, and many systems allow 1024 by default."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, MAX_OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _complain(*lines: str) -> int:
    for line in lines:
        print(f"skillswap: {line}", file=sys.stderr, flush=True)  # noqa: T201
    return 2
