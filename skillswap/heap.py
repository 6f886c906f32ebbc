"""The heap of the C library, from which the larger objects come: one for all threads, and what is free given back."""

from __future__ import annotations

import ctypes
from typing import Final

M_ARENA_MAX: Final = -8  # of malloc.h


def use_one_heap() -> None:
    """Let all threads allocate from one heap: otherwise each has its own, with room that no other thread uses. They
    hold the interpreter's lock most of the time, so that they do not wait for one another. To be called before there
    are threads; with another C library than glibc it does nothing."""
    if (set_option := getattr(ctypes.CDLL(None), "mallopt", None)) is not None:
        set_option(M_ARENA_MAX, 1)


def give_back() -> None:
    """Give pages that are free back to the system. Blocks for some milliseconds."""
    if (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)) is not None:
        trim(0)
