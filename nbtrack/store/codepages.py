"""Pages of a library's file that a process has touched and needs no more.

They count as its memory, although the file has the same: connecting touches 36 MB of
DuckDB's code, most of it once. On Linux only; elsewhere nothing happens.
"""

import contextlib
import ctypes
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

_SMAPS = Path("/proc/self/smaps")
_HEAD = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+ +(.*)")
_NOT_IN_THE_FILE = ("Anonymous", "Swap")
_MADV_DONTNEED = 4


class _Stretch(NamedTuple):
    """A part of the address space that shows a part of a file."""

    start: int
    end: int
    access: str
    path: str


def give_back(library: str) -> None:
    """Let go of the pages of a library that are as its file has them.

    What is called or read next comes back from the file, which the system has in memory
    anyway: 36 MB within 4 ms. Pages that were written to stay.

    Args:
        library: Its file, as the process has loaded it.
    """
    if sys.platform != "linux":
        return
    with contextlib.suppress(OSError, AttributeError):  # no such file, no such call
        advise = ctypes.CDLL(None).madvise
        advise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
        for each in _unchanged(_SMAPS.read_text("utf-8", "replace").splitlines(), library):
            advise(each.start, each.end - each.start, _MADV_DONTNEED)


def _unchanged(lines: Iterable[str], library: str) -> Iterator[_Stretch]:
    """Yield what is mapped from a file, cannot be written to, and never was."""
    for stretch, counts in _stretches(lines):
        is_read_only = "w" not in stretch.access and stretch.path.startswith(library)
        if is_read_only and all(counts.get(name) == 0 for name in _NOT_IN_THE_FILE):
            yield stretch


def _stretches(lines: Iterable[str]) -> Iterator[tuple[_Stretch, dict[str, int]]]:
    """Yield each stretch of the address space, and what it counts in kilobytes."""
    stretch, counts = None, dict[str, int]()
    for line in lines:
        if head := _HEAD.fullmatch(line):
            if stretch is not None:
                yield stretch, counts
            start, end, access, path = head.groups()
            stretch, counts = _Stretch(int(start, 16), int(end, 16), access, path), {}
        else:
            name, _, count = line.removesuffix(" kB").partition(":")
            counts |= {name: int(count)} if count.strip().isdecimal() else {}
    if stretch is not None:
        yield stretch, counts
