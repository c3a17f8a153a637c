"""Records of chosen loggers, with their levels, also where no handler shows them.

A record that another handler writes to a stream we listen to is in the log already, in the
words that the user chose for it, and is not taken twice. A logger's own level and filters
are left as they are: what a logger does not pass on is not here.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from nbtrack.capture.lines import LineAssembler
from nbtrack.errors import UsageError
from nbtrack.records import Stream

ROOT = "root"


def levels_of(given: Mapping[str, int | str] | None) -> dict[str, int]:
    """Return the levels, as numbers, of the loggers that are named.

    Raises:
        UsageError: If a name or a level cannot be taken.

    Examples:
        >>> levels_of({"transformers": "INFO", "root": 30})
        {'transformers': 20, 'root': 30}
    """
    return {_name(name): _level(name, level) for name, level in (given or {}).items()}


def unheard(levels: Mapping[str, int]) -> list[str]:
    """Return what to say of loggers that pass on less than what is asked of them."""
    said = []
    for name, level in levels.items():
        least = _logger(name).getEffectiveLevel()
        if least > level:
            wanted = logging.getLevelName(level)
            said.append(
                f"logger {name!r} passes on {logging.getLevelName(least)} and above only, so the "
                f"run's log gets no {wanted} of it. Type "
                f"logging.getLogger({name!r}).setLevel({wanted!r})."
            )
    return said


class LoggerCapture:
    """Gives the records of some loggers to an assembler.

    Args:
        levels: The least level by name of a logger; of a logger and one above it, its own
            counts.
        assembler: Takes the lines.
        hears: Whether what is written to a stream gets into the same log anyway.
        on_trouble: Told a cause and a text; whoever it is tells each cause once.
    """

    def __init__(
        self,
        levels: Mapping[str, int],
        assembler: LineAssembler,
        *,
        hears: Callable[[object], bool],
        on_trouble: Callable[[str, str], None],
    ) -> None:
        self._levels = dict(levels)
        self._handlers = {name: _Handler(self, name) for name in levels}
        self._assembler = assembler
        self._hears = hears
        self._on_trouble = on_trouble

    def start(self) -> None:
        """Listen to the loggers from now on."""
        for name, handler in self._handlers.items():
            _logger(name).addHandler(handler)

    def stop(self) -> None:
        """Listen no more."""
        for name, handler in self._handlers.items():
            _logger(name).removeHandler(handler)

    def take(self, name: str, record: logging.LogRecord) -> None:
        """Take a record that came to the handler of a name, unless it is in the log anyway."""
        try:
            if self._nearest(record.name) != name:
                return
            if self._is_heard(record) or record.levelno < self._levels[name]:
                return
            text = self._handlers[name].format(record)
            self._assembler.note(
                Stream.STDERR,
                text.split("\n"),
                level=record.levelname.lower(),
                label=record.name,
                is_limited=True,
            )
        except Exception as error:  # noqa: BLE001 - the edge of somebody's logging call
            kind = type(error).__name__
            text = f"a record of logger {record.name!r} is not in the log: {kind}: {error}."
            self._on_trouble(f"logger {kind}", text)

    def _nearest(self, name: str) -> str:
        """Return the one of the names that counts for a logger."""
        parts = name.split(".")
        above = (".".join(parts[:count]) for count in range(len(parts), 0, -1))
        return next((one for one in above if one in self._handlers), ROOT)

    def _is_heard(self, record: logging.LogRecord) -> bool:
        """Whether another handler shows it on a stream that is heard.

        Without any handler Python itself shows warnings, and our being there must not keep
        it from that: so we do it.
        """
        handlers = list(_handlers_of(record.name))
        ours = [one for one in handlers if isinstance(one, _Handler)]
        others = [one for one in handlers if not isinstance(one, _Handler)]
        last = logging.lastResort
        if not others and last is not None:
            others = [last]
            if record.levelno >= last.level and ours[0].capture is self:  # once for all runs
                last.handle(record)
        return any(self._shows(handler, record) for handler in others)

    def _shows(self, handler: logging.Handler, record: logging.LogRecord) -> bool:
        stream: Any = getattr(handler, "stream", None)
        if stream is None:  # rich's handler has a console instead
            stream = getattr(getattr(handler, "console", None), "file", None)
        is_heard = stream is not None and self._hears(stream)
        return is_heard and record.levelno >= handler.level and bool(handler.filter(record))


class _Handler(logging.Handler):
    """Hands records over; the format is Python's own."""

    def __init__(self, capture: LoggerCapture, name: str) -> None:
        super().__init__()  # of all levels: see `_is_heard`
        self.setFormatter(logging.Formatter(logging.BASIC_FORMAT))
        self.capture = capture
        self._of = name

    def emit(self, record: logging.LogRecord) -> None:
        self.capture.take(self._of, record)


def _handlers_of(name: str) -> Iterator[logging.Handler]:
    """Yield the handlers to which a logger's records go."""
    logger: logging.Logger | None = _logger(name)
    while logger is not None:
        yield from logger.handlers
        logger = logger.parent if logger.propagate else None


def _logger(name: str) -> logging.Logger:
    return logging.getLogger(None if name == ROOT else name)


def _name(name: object) -> str:
    if not isinstance(name, str):
        raise UsageError(f"capture_loggers takes names of loggers, not {name!r}.")
    return name or ROOT


def _level(name: object, level: object) -> int:
    known = logging.getLevelNamesMapping()
    if isinstance(level, str):
        found = known.get(level.upper())
        if found is not None:
            return found
    elif isinstance(level, int) and not isinstance(level, bool):
        return level
    raise UsageError(
        f"the level of capture_loggers[{name!r}] must be a number or one of {', '.join(known)}, "
        f"not {level!r}. Type {{{name!r}: 'INFO'}}."
    )
