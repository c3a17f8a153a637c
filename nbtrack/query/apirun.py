"""One run of `Api()`."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias, overload

from nbtrack.clock import MICROSECONDS
from nbtrack.errors import MissingDependencyError, UsageError
from nbtrack.query.flushing import flush_all
from nbtrack.records import Json, Stream
from nbtrack.store import Reader, RunFacts, evenly_spaced

if TYPE_CHECKING:
    import pandas as pd

Row: TypeAlias = dict[str, Json]

SAMPLES = 500


class ApiRun:
    """A run as it stood when it was looked up; `load()` looks again.

    Rows and lines are always read as they stand now.
    """

    def __init__(self, reader: Reader, facts: RunFacts) -> None:
        """Keep what is known of the run."""
        self._reader = reader
        self._facts = facts

    @property
    def uid(self) -> str:
        """Name of the run's folder, unique in the workspace."""
        return self._facts.opened.uid

    @property
    def id(self) -> str:
        """The run's id, unique in its project by convention."""
        return self._facts.opened.id

    @property
    def name(self) -> str:
        """What the run is called."""
        return self._facts.opened.name

    @property
    def project(self) -> str:
        """Name of its project."""
        return self._facts.opened.project

    @property
    def entity(self) -> str:
        """Whose run it is."""
        return self._facts.opened.entity

    @property
    def path(self) -> list[str]:
        """Entity, project and id."""
        return [self.entity, self.project, self.id]

    @property
    def state(self) -> str:
        """How it stands: `running`, `finished`, `failed`, `crashed`, `killed`, …."""
        return str(self._facts.state)

    @property
    def config(self) -> dict[str, Json]:
        """Its configuration."""
        return dict(self._facts.config)

    @property
    def summary(self) -> dict[str, Json]:
        """Last values of its metrics, nested, and what was set by hand."""
        return dict(self._facts.summary)

    @property
    def tags(self) -> list[str]:
        """Its tags, in the order given."""
        return list(self._facts.opened.tags)

    @property
    def notes(self) -> str | None:
        """What it is about, markdown."""
        return self._facts.opened.notes

    @property
    def group(self) -> str:
        """Name of the group, or ""."""
        return self._facts.opened.group

    @property
    def job_type(self) -> str:
        """Type of job, or ""."""
        return self._facts.opened.job_type

    @property
    def user(self) -> str:
        """Login name of the person."""
        return self._facts.opened.user

    @property
    def created_at(self) -> str:
        """When it began, ISO 8601, UTC."""
        return _iso(self._facts.opened.time_us)

    @property
    def heartbeat_at(self) -> str:
        """When it was last seen alive, ISO 8601, UTC."""
        return _iso(self._facts.seen_us)

    @property
    def lastHistoryStep(self) -> int:  # noqa: N802 - the field's name
        """Step of the last row, -1 before the first."""
        return -1 if self._facts.step is None else self._facts.step

    def load(self) -> Self:
        """Look again how the run stands; return it.

        Raises:
            RunNotFoundError: If it is gone.
            StoreError: If it cannot be read.
        """
        flush_all()
        self._facts = self._reader.run(self.uid)
        return self

    @overload
    def history(
        self,
        samples: int = ...,
        keys: Sequence[str] | None = ...,
        *,
        pandas: Literal[True] = ...,
        stream: Literal["default", "system"] = ...,
    ) -> "pd.DataFrame": ...
    @overload
    def history(
        self,
        samples: int = ...,
        keys: Sequence[str] | None = ...,
        *,
        pandas: Literal[False],
        stream: Literal["default", "system"] = ...,
    ) -> list[Row]: ...
    def history(
        self,
        samples: int = SAMPLES,
        keys: Sequence[str] | None = None,
        *,
        pandas: bool = True,
        stream: Literal["default", "system"] = "default",
    ) -> "pd.DataFrame | list[Row]":
        """Return a sample of the rows: evenly spaced ones, the first and the last included.

        A row between two of the sample is not in it, whatever it holds. All rows are
        given by `scan_history`.

        Args:
            samples: At most so many rows.
            keys: Only these, and `_step`; and only rows that have all of them.
            pandas: Return a DataFrame, else a list of dicts.
            stream: `default` for what was logged; `system` for readings of the machine,
                whose keys begin with `system.`.

        Raises:
            UsageError: If an argument cannot be taken.
            MissingDependencyError: If pandas is wanted and not installed.
            StoreError: If the run cannot be read.

        Examples:
            >>> run.history(keys=["loss"], pandas=False)
            [{'_step': 0, 'loss': 0.9}, {'_step': 1, 'loss': 0.3}]
        """
        if not isinstance(samples, int) or samples < 1:
            raise UsageError(f"samples must be a whole number above 0, not {samples!r}.")
        names = _names(keys)
        frame = _frame() if pandas else None
        flush_all()
        if stream == "system":
            rows = _system_rows(self._reader, self.uid, names, samples)
        elif frame is not None and names is not None:
            return frame(self._reader.table(self.uid, samples, _with_step(names)))
        else:
            rows = self._reader.sampled(self.uid, samples, names and _with_step(names))
        return rows if frame is None else frame(rows)

    def scan_history(
        self,
        keys: Sequence[str] | None = None,
        page_size: int = 1_000,  # noqa: ARG002 - the field's signature; pages are our own matter
        min_step: int | None = None,
        max_step: int | None = None,
    ) -> Iterator[Row]:
        """Yield all rows as they were logged, in order.

        Args:
            keys: Only these, and only rows that have all of them.
            page_size: Taken for compatibility.
            min_step: The first step.
            max_step: The step before which to stop.

        Raises:
            UsageError: If an argument cannot be taken.
            StoreError: If the run cannot be read.
        """
        names = _names(keys)
        flush_all()
        return self._reader.rows(self.uid, names, min_step, max_step)

    def console_logs(self, last: int | None = None) -> list[dict[str, Any]]:
        """Return the lines that the run printed.

        Args:
            last: At most so many, the last ones.

        Returns:
            For each line `number` (from 0), `timestamp` (seconds since the epoch),
            `level` (`error` for stderr, else `info`), `label` (where it was printed) and
            `content`.
        """
        flush_all()
        return [
            {
                "number": line.number,
                "timestamp": line.time_us / MICROSECONDS,
                "level": "error" if line.stream is Stream.STDERR else "info",
                "label": str(line.stream),
                "content": line.text,
            }
            for line in self._reader.lines(self.uid, last=last)
        ]

    def __repr__(self) -> str:
        """Say which run it is."""
        return f"<Run {'/'.join(self.path)} ({self.state})>"


def _names(keys: Sequence[str] | None) -> list[str] | None:
    if keys is None:
        return None
    if isinstance(keys, str) or not all(isinstance(key, str) for key in keys):
        raise UsageError(f"keys must be a list of names like ['loss'], not {keys!r}.")
    return list(dict.fromkeys(keys)) or None


def _with_step(keys: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(["_step", *keys]))


def _system_rows(reader: Reader, uid: str, keys: Sequence[str] | None, samples: int) -> list[Row]:
    """Put the readings of one moment together again."""
    short = None if keys is None else [key.removeprefix("system.") for key in keys]
    rows: dict[int, Row] = {}
    for series in reader.reduced(uid, short, stream="system", points=1 << 62):
        values = series.values.tolist()  # noqa: PD011 - no pandas here
        for time_us, value in zip(series.times_us.tolist(), values, strict=True):
            row = rows.setdefault(time_us, {"_timestamp": time_us / MICROSECONDS})
            row[f"system.{series.key}"] = value
    ordered = [rows[time_us] for time_us in sorted(rows)]
    if short is not None:
        ordered = [row for row in ordered if all(f"system.{key}" in row for key in short)]
    return [ordered[index] for index in evenly_spaced(len(ordered), samples)]


def _frame() -> "type[pd.DataFrame]":
    try:
        import pandas as pd
    except ImportError as error:
        raise MissingDependencyError(
            "history() returns a pandas DataFrame, and pandas is not installed. Install it with\n"
            "    pip install pandas\n"
            "or ask for a list of dicts: history(pandas=False)."
        ) from error
    return pd.DataFrame


def _iso(time_us: int) -> str:
    return datetime.fromtimestamp(time_us / MICROSECONDS, UTC).isoformat().replace("+00:00", "Z")
