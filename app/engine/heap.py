"""A process that matches whole markets keeps the memory that it took, for the arrays of its next run.

The C library gives a large array's memory back when it is freed and fetches other for the next, every page of which the kernel
clears first: of a national run that was two fifths of the processor's time. Where the C library is another than glibc nothing
happens.
"""

from __future__ import annotations

import ctypes
from functools import cache

MB = 1 << 20
TRIM_THRESHOLD, TOP_PAD, MMAP_MAX, ARENA_MAX = -1, -2, -4, -8  # malloc.h
OPTIONS = {ARENA_MAX: 1, MMAP_MAX: 0, TRIM_THRESHOLD: 2048 * MB - 1, TOP_PAD: 64 * MB}


@cache
def keep_memory() -> bool:
    """For the process that runs the jobs, which does one after the other; not for one that answers many at a time. Answers
    whether the C library knows how."""
    try:
        library = ctypes.CDLL(None)
    except (OSError, TypeError):  # a system that is none of Unix's
        return False
    if not hasattr(library, "gnu_get_libc_version"):
        return False
    return all(library.mallopt(ctypes.c_int(option), ctypes.c_int(value)) for option, value in OPTIONS.items())
