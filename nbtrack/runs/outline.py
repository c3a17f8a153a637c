"""What is said of a run in a few lines: where it begins, and how it went."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nbtrack.metrics import OPERATIONS
from nbtrack.records import name_of
from nbtrack.values import duration, one_line

if TYPE_CHECKING:
    from nbtrack.records import Path as KeyPath
    from nbtrack.runs.run import Run

MOST_METRICS = 10
SPARK_SIGNS = 40
LONGEST_VALUE = 20
_LONGEST_NAME = 40
_LONGEST_TITLE = 80
_LONGEST_PATH = 4_096
_BARS = "▁▂▃▄▅▆▇█"
_PLAIN = {"…": "...", "·": "-"}


@dataclass(frozen=True, slots=True)
class Course:
    """How one metric went.

    Attributes:
        name: Of the metric, printable.
        spark: Its values as bars, "" where there are none.
        last: What the summary keeps of it, printable.
    """

    name: str
    spark: str
    last: str


@dataclass(frozen=True, slots=True)
class Outline:
    """How a run went, in texts that a terminal may print.

    Attributes:
        uid: Of the run.
        title: Its name and project.
        facts: Its state, how long it took, and its last step.
        courses: Of its first metrics by name.
        remarks: What is left out, dropped or lost.
        folder: Where it lies.
    """

    uid: str
    title: str
    facts: str
    courses: tuple[Course, ...]
    remarks: tuple[str, ...]
    folder: str

    def text(self, encoding: str = "utf-8") -> str:
        """Return it as lines, indented except for the first.

        Args:
            encoding: Of the terminal; where it has no bars they are left out.
        """
        has_bars = _can_say(_BARS, encoding)
        names = max((len(one.name) for one in self.courses), default=0)
        bars = max((len(one.spark) for one in self.courses if has_bars), default=0)
        shown = [
            f"{one.name:<{names}}  {f'{one.spark:<{bars}}  ' if bars else ''}{one.last}"
            for one in self.courses
        ]
        lines = [f"run {self.title} · {self.facts}", *shown, *self.remarks, self.folder]
        return _in_encoding("\n  ".join(lines), encoding)


def welcome(run: "Run") -> str:
    """Return one line for the beginning of a run."""
    place = "" if _is_found(run.root) else f" --dir {shlex.quote(str(run.root.parent))}"
    command = f"nbtrack show {shlex.quote(run.id)}{place}"
    return f"run {_title(run)} lies in {_folder(run)}; to see it: {one_line(command, 2000)}"


def outline_of(run: "Run", *, with_sparks: bool) -> Outline:
    """Return how a run went.

    Args:
        run: It has ended.
        with_sparks: Whether its points are read from the store, which takes 0.02 s when the
            database has them.
    """
    values = {name_of(path): (path, value) for path, value in _values(run)}
    names = sorted(values)[:MOST_METRICS]
    paths = [values[name][0] for name in names]
    sparks = _sparks(run, paths) if with_sparks and names else {}
    step = run.summary.get("_step")
    return Outline(
        run.uid,
        _title(run),
        " · ".join(
            (run.state, duration(run.active_us), *(() if step is None else (f"step {step}",)))
        ),
        tuple(
            Course(
                one_line(name, _LONGEST_NAME), sparks.get(name, ""), _value_text(values[name][1])
            )
            for name in names
        ),
        tuple(_remarks(run, len(values) - len(names))),
        _folder(run),
    )


def _values(run: "Run") -> "Iterator[tuple[KeyPath, bool | int | float | str]]":
    """Yield the numbers and texts of the summary that are not the tracker's own."""
    for path, value in run.summary.by_path():
        parts = (path,) if isinstance(path, str) else path
        is_own = any(part.startswith("_") for part in parts)
        if isinstance(value, bool | int | float | str) and not is_own:
            yield path, value


def _sparks(run: "Run", paths: "Sequence[KeyPath]") -> Mapping[str, str]:
    """Return bars by the names of values."""
    from nbtrack.plots import spark_text
    from nbtrack.store import Reader  # brings numpy and duckdb along

    metrics = {name_of(path): _metrics(path) for path in paths}
    asked = dict.fromkeys(metric for several in metrics.values() for metric in several)
    reader = Reader(run.root)
    try:
        found = reader.reduced(run.uid, list(asked), points=SPARK_SIGNS)
    finally:
        reader.close()
    bars = {one.key: spark_text(one.values, SPARK_SIGNS) for one in found if len(one.values)}
    return {
        name: next((bars[metric] for metric in several if metric in bars), "")
        for name, several in metrics.items()
    }


def _metrics(path: "KeyPath") -> tuple[str, ...]:
    """Return the metrics that a value may tell of: its own name's, else whose maximum it is."""
    name = name_of(path)
    if isinstance(path, tuple) and path[-1] in OPERATIONS:
        return name, name_of(path[:-1])
    return (name,)


def _remarks(run: "Run", more: int) -> Iterator[str]:
    status = run.status()
    lost = status.lost + status.sync_items_pending
    if more:
        yield f"and {more} more metric{'' if more == 1 else 's'}"
    if status.dropped_rows:
        yield f"rows that were dropped, because their step came too late: {status.dropped_rows}"
    if lost:
        yield f"records that could not be stored: {lost}"


def _value_text(value: "bool | int | float | str") -> str:
    from nbtrack.plots import number_text

    if isinstance(value, bool | str):
        return one_line(str(value), LONGEST_VALUE)
    return number_text(value, digits=5)


def _in_encoding(text: str, encoding: str) -> str:
    """Return a text with other signs where an encoding lacks ours."""
    for sign, other in _PLAIN.items():
        text = text if _can_say(sign, encoding) else text.replace(sign, other)
    return text


def _can_say(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _title(run: "Run") -> str:
    return f"{one_line(run.name, _LONGEST_TITLE)} ({one_line(run.project, _LONGEST_TITLE)})"


def _folder(run: "Run") -> str:
    return one_line(run.sync_dir, _LONGEST_PATH)


def _is_found(root: Path) -> bool:
    """Tell whether the command line finds a workspace from here by itself."""
    try:
        here = Path.cwd()
        folders = (folder / root.name for folder in (here, *here.parents))
        return next((folder for folder in folders if folder.is_dir()), None) == root.absolute()
    except OSError:  # the working directory is gone
        return False
