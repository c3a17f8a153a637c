"""What this process has not written yet is written before it reads.

The recorder of open runs registers itself here: `Api` is a floor below it.
"""

from collections.abc import Callable

_FLUSHES: list[Callable[[], object]] = []


def on_read(flush: Callable[[], object]) -> Callable[[], None]:
    """Call `flush` before every read of `Api`; it must not raise.

    Returns:
        A function that ends it.
    """
    _FLUSHES.append(flush)

    def end() -> None:
        if flush in _FLUSHES:
            _FLUSHES.remove(flush)

    return end


def flush_all() -> None:
    """Write what waits to be written in this process."""
    for flush in tuple(_FLUSHES):
        flush()
