"""Some runs in order: a sequence whose runs are made when they are looked at."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, overload

from nbtrack.query.apirun import SAMPLES, ApiRun
from nbtrack.query.table import SHOWN_ROWS, FrameFormat, frame_of, html_table
from nbtrack.store import Reader, RunFacts

MOST_COLUMNS = 12
"""Of config and summary, in the table that a cell shows."""
LONGEST_CELL = 60
_ALWAYS = ("name", "state", "created_at")
_CONFIG, _SUMMARY = "config.", "summary."
_MINUTES = len("2026-11-28T22:04")


class Runs(Sequence[ApiRun]):
    """Runs in order, as they stood when they were looked up.

    Examples:
        >>> runs = api.runs("digits", order="-summary_metrics.acc")
        >>> len(runs), runs[0].name, [run.id for run in runs[:3]]
        (1, 'brave-otter-1', ['1f3k9x2a'])
    """

    def __init__(self, root: Path, reader: Reader, found: Sequence[RunFacts]) -> None:
        """Keep what was found."""
        self._root = root
        self._reader = reader
        self._found = found
        self._given = 0

    def __len__(self) -> int:
        """Return how many runs there are."""
        return len(self._found)

    @overload
    def __getitem__(self, index: int) -> ApiRun: ...
    @overload
    def __getitem__(self, index: slice) -> "Runs": ...
    def __getitem__(self, index: int | slice) -> "ApiRun | Runs":
        """Return one run, or some of them."""
        if isinstance(index, slice):
            return Runs(self._root, self._reader, self._found[index])
        return ApiRun(self._root, self._reader, self._found[index])

    def __iter__(self) -> Iterator[ApiRun]:
        """Iterate over the runs in order."""
        return (ApiRun(self._root, self._reader, facts) for facts in self._found)

    def __next__(self) -> ApiRun:
        """Return the run after the one that `next()` gave last.

        Raises:
            StopIteration: If there is none.
        """
        if self._given >= len(self):
            raise StopIteration
        self._given += 1
        return self[self._given - 1]

    def histories(
        self,
        samples: int = SAMPLES,
        keys: Sequence[str] | None = None,
        x_axis: str = "_step",
        format: FrameFormat = "default",  # noqa: A002 - the field's name
        stream: Literal["default", "system"] = "default",
    ) -> Any:  # noqa: ANN401 - a list, or a frame of an optional library
        """Return the sampled histories of all runs together, with their `run_id`.

        Args:
            samples: At most so many rows per run.
            keys: As in `ApiRun.history`.
            x_axis: As in `ApiRun.history`.
            format: `default` for a list of dicts, or `pandas`, `polars`, `arrow`.
            stream: As in `ApiRun.history`.

        Raises:
            UsageError: If an argument cannot be taken.
            MissingDependencyError: If the library of the format is not installed.
            StoreError: If a run cannot be read.

        Examples:
            >>> api.runs("digits").histories(keys=["loss"])[0]
            {'run_id': '1f3k9x2a', '_step': 0, 'loss': 0.9}
        """
        rows = [
            {"run_id": run.id, **row}
            for run in self
            for row in run.history(samples, keys, x_axis, pandas=False, stream=stream)
        ]
        return frame_of(rows, format)

    def to_frame(self, format: FrameFormat = "pandas") -> Any:  # noqa: A002, ANN401 - as above
        """Return a row per run: who it is, how it stands, its config and its summary.

        Args:
            format: `pandas`, `polars`, `arrow`, or `default` for a list of dicts.

        Raises:
            UsageError: If there is no such format.
            MissingDependencyError: If its library is not installed.

        Examples:
            >>> api.runs("digits").to_frame()[["name", "config.lr"]].values.tolist()
            [['brave-otter-1', 0.1]]
        """
        return frame_of([row_of(run) for run in self], format)

    def __repr__(self) -> str:
        """Say how many runs there are."""
        return f"<Runs {len(self)}>"

    def _repr_html_(self) -> str:
        """Show the first runs in a cell: how they stand, and what tells them apart."""
        rows = [row_of(run) for run in self[:SHOWN_ROWS]]
        names = _telling(rows)
        runs = "1 run" if len(self) == 1 else f"{len(self):,} runs"
        shown = f", of which {SHOWN_ROWS} are shown" if len(self) > SHOWN_ROWS else ""
        cells = ([_cell(row, name) for name in names] for row in rows)
        return html_table(
            [_head(name) for name in names], cells, f"{runs}{shown}. All columns: to_frame()"
        )


def row_of(run: ApiRun) -> dict[str, Any]:
    """Return who a run is, how it stands, its config and its summary, flat."""
    names = ("uid", "id", "entity", "project", "name", "state", "created_at", "heartbeat_at")
    more = ("tags", "notes", "group", "job_type", "user")
    return {
        **{name: getattr(run, name) for name in (*names, *more)},
        **{f"config.{key}": value for key, value in _leaves(run.config)},
        **{f"summary.{key}": value for key, value in _leaves(run.summary)},
    }


def _telling(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Return the columns in which runs differ, and those of their results, in order."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    told = [name for name in names if name.startswith(_CONFIG) and _differs(rows, name)]
    told += [
        name
        for name in names
        if name.startswith(_SUMMARY)
        and not name.startswith(f"{_SUMMARY}_")
        and any(isinstance(row.get(name), int | float) for row in rows)
    ]
    return [*_ALWAYS, *told[:MOST_COLUMNS]]


def _differs(rows: Sequence[dict[str, Any]], name: str) -> bool:
    return len({repr(row.get(name)) for row in rows}) > 1


def _head(name: str) -> str:
    return name.removeprefix(_CONFIG).removeprefix(_SUMMARY)


def _cell(row: dict[str, Any], name: str) -> str:
    """Return a value as a table shows it: numbers with five digits, nothing where none is."""
    value = row.get(name)
    if value is None:
        return ""
    if name == "created_at":
        return str(value)[:_MINUTES].replace("T", " ")
    if isinstance(value, float):
        return f"{value:.5g}"
    text = str(value)
    return text if len(text) <= LONGEST_CELL else f"{text[: LONGEST_CELL - 1]}…"


def _leaves(tree: dict[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in tree.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value
