"""The heap of the C library."""

from __future__ import annotations

import asyncio
import ctypes
import os
import sys

import pytest

from tests.service import ROOT

THREADS = """
import ctypes, threading
from skillswap import heap
heap.use_one_heap()
kept = []
threads = [threading.Thread(target=lambda: kept.extend(bytes(1000) for _ in range(100))) for _ in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
libc = ctypes.CDLL(None)
libc.fdopen.restype = ctypes.c_void_p
libc.malloc_info(0, ctypes.c_void_p(out := libc.fdopen(1, b"w")))
libc.fflush(ctypes.c_void_p(out))
heap.give_back()
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_info"), reason="of glibc alone")
async def test_all_threads_have_one_heap() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", THREADS, stdout=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    said, _ = await process.communicate()
    assert process.returncode == 0
    assert said.count(b"<heap nr=") == 1
