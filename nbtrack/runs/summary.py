"""`run.summary`: the last value of every metric, and what the user sets by hand.

Values live by path, as in a row. Reading `summary["a"]` gives the value of the key `a`,
or, when values lie inside it, a view that reads and writes through.
"""

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from threading import RLock
from typing import Any

from nbtrack.clock import MICROSECONDS
from nbtrack.records import Json, Path
from nbtrack.values import encode

Changed = Callable[[Mapping[Path, Json], tuple[Path, ...]], None]


def _parts(path: Path) -> tuple[str, ...]:
    return (path,) if isinstance(path, str) else path


def _path(parts: tuple[str, ...]) -> Path:
    return parts[0] if len(parts) == 1 else parts


class SubSummary(MutableMapping[str, Any]):
    """The part of a summary below one path."""

    def __init__(self, summary: "Summary", above: tuple[str, ...]) -> None:
        """Look at what lies below `above` in `summary`."""
        object.__setattr__(self, "_summary", summary)
        object.__setattr__(self, "_above", above)

    _summary: "Summary"
    _above: tuple[str, ...]

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401 - any JSON value
        """Return the value of a key, or the part below it.

        Raises:
            KeyError: If there is none.
        """
        return self._summary.look_up((*self._above, str(key)))

    def __setitem__(self, key: str, value: object) -> None:
        """Set a value, or with a mapping the values inside."""
        self._summary.put((*self._above, str(key)), value)

    def update(self, *given: Any, **named: Any) -> None:  # noqa: ANN401 - as of a dict
        """Set several values.

        Examples:
            >>> run.summary.update({"best": 0.93}, epoch=7)
        """
        self._summary.put_all(self._above, dict(*given, **named))

    def __delitem__(self, key: str) -> None:
        """Remove a key and all below it."""
        self._summary.drop((*self._above, str(key)))

    def __iter__(self) -> Iterator[str]:
        """Go through the keys of this level."""
        return iter(self._summary.level(self._above))

    def __len__(self) -> int:
        """Return how many keys this level has."""
        return len(self._summary.level(self._above))

    def __getattr__(self, key: str) -> Any:  # noqa: ANN401 - any JSON value
        """Return the value of a key."""
        if key.startswith(("__", "_repr_", "_ipython_")):
            raise AttributeError(key)
        return self[key]

    def __setattr__(self, key: str, value: object) -> None:
        """Set the value of a key."""
        self[key] = value

    def __delattr__(self, key: str) -> None:
        """Remove a key and all below it."""
        del self[key]

    def __repr__(self) -> str:
        """Show it as a dict."""
        return repr(self.as_dict())

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain nested dicts."""
        return {
            key: value.as_dict() if isinstance(value, SubSummary) else value
            for key, value in self.items()
        }


class Summary(SubSummary):
    """The summary of one run."""

    def __init__(
        self, *, lock: RLock, changed: Changed, known: Mapping[str, Json] | None = None
    ) -> None:
        """Begin with what is known.

        Args:
            lock: Guards the order of rows and summary changes of this run.
            changed: Told what was set and what was removed by hand.
            known: What the store has already, nested.
        """
        super().__init__(self, ())
        object.__setattr__(self, "_lock", lock)
        object.__setattr__(self, "_changed", changed)
        object.__setattr__(self, "_leaves", encode(known or {})[0])

    _lock: Any
    _changed: Changed
    _leaves: dict[Path, Json]

    def fold(self, values: Mapping[Path, Json], *, step: int, time_us: int, plain: bool) -> None:
        """Learn the values of a row; None overwrites nothing. The caller holds the lock."""
        leaves = self._leaves
        if plain:
            leaves.update(values)
        else:
            fresh = {path: value for path, value in values.items() if value is not None}
            self._make_way(fresh)
            leaves.update(fresh)
        leaves["_step"] = step
        leaves["_timestamp"] = time_us / MICROSECONDS

    def learn(self, values: Mapping[Path, Json], removed: tuple[Path, ...]) -> None:
        """Take what was set and removed elsewhere and is stored already."""
        with self._lock:
            for path in (*removed, *values):
                for covered in self._covered(_parts(path)):
                    del self._leaves[covered]
            self._make_way(values)
            self._leaves.update(values)

    @property
    def leaves(self) -> Mapping[Path, Json]:
        """All values by path, as they stand at any time; to be looked at only."""
        return self._leaves

    def by_path(self) -> list[tuple[Path, Json]]:
        """Return all values by path, as they stand."""
        return list(self._leaves.items())

    def look_up(self, parts: tuple[str, ...]) -> Any:  # noqa: ANN401 - any JSON value
        """Return the value at a path or the part below it.

        Raises:
            KeyError: If nothing is there.
        """
        path = _path(parts)
        if path in self._leaves:
            return self._leaves[path]
        if self.level(parts):
            return SubSummary(self, parts)
        raise KeyError(parts[-1])

    def level(self, above: tuple[str, ...]) -> list[str]:
        """Return the keys directly below a path, in the order in which they came."""
        depth = len(above)
        paths = (_parts(path) for path in tuple(self._leaves))
        below = (p[depth] for p in paths if len(p) > depth and p[:depth] == above)
        return list(dict.fromkeys(below))

    def put(self, parts: tuple[str, ...], value: object) -> None:
        """Set the value at a path, or with a mapping the values inside."""
        inner: object = value
        for key in reversed(parts):
            inner = {key: inner}
        values, _ = encode(inner)  # type: ignore[arg-type]
        with self._lock:
            removed = self._covered(parts)
            self._changed(values, removed)
            for path in removed:
                del self._leaves[path]
            self._leaves.update(values)

    def drop(self, parts: tuple[str, ...]) -> None:
        """Remove a path and all below it.

        Raises:
            KeyError: If nothing is there.
        """
        with self._lock:
            removed = self._covered(parts)
            if not removed:
                raise KeyError(parts[-1])
            self._changed({}, removed)
            for path in removed:
                del self._leaves[path]

    def abandon(self, lock: RLock) -> None:
        """In a forked child: another thread may hold the old lock."""
        object.__setattr__(self, "_lock", lock)

    def _make_way(self, paths: Mapping[Path, Json]) -> None:
        """Remove values where dicts come now, with what those values had replaced."""
        for parts in map(_parts, paths):
            for depth in range(1, len(parts)):
                if _path(parts[:depth]) in self._leaves:
                    for path in self._covered(parts[:depth]):
                        del self._leaves[path]

    def put_all(self, above: tuple[str, ...], given: Mapping[Any, object]) -> None:
        """Set values below a path; the same as `put` for each of them, and one look at the rest."""
        if not given:
            return
        inner: object = {str(key): value for key, value in given.items()}
        heads = {(*above, str(key)) for key in given}
        for key in reversed(above):
            inner = {key: inner}
        values, _ = encode(inner)  # type: ignore[arg-type]
        depth = len(above) + 1
        with self._lock:
            removed = tuple(path for path in self._leaves if _parts(path)[:depth] in heads)
            self._changed(values, removed)
            for path in removed:
                del self._leaves[path]
            self._leaves.update(values)

    def _covered(self, parts: tuple[str, ...]) -> tuple[Path, ...]:
        depth = len(parts)
        return tuple(path for path in self._leaves if _parts(path)[:depth] == parts)
