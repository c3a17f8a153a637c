"""A run's fold as one row of the table `runs`, and back."""

from dataclasses import astuple
from typing import Any

from nbtrack.metrics import Aggregate, path_of
from nbtrack.records import Closed, MetricDefined, Notice, Opened, Owner, RunState
from nbtrack.store.active import Segment
from nbtrack.store.database import Window
from nbtrack.store.fold import Fold
from nbtrack.store.keystats import ascii_json, from_json
from nbtrack.store.shapes import Leaf, leaf_of
from nbtrack.store.spark import Spark

_IDENTITY = (
    "id", "entity", "project", "name", "notes", "group", "job_type", "notebook", "user",
    "branched_from",
)  # fmt: skip
_TIMES = frozenset({"started", "seen", "ended", "clock"})


def insert_run(window: Window, fold: Fold, above: int = 0) -> int:
    """Add a run; return its `run_id`, which is greater than all there are and than `above`."""
    run_id = next_run_id(window, above)
    row = {"run_id": run_id, **row_of(fold)}
    names = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join(_mark(name) for name in row)
    window.run(f"INSERT INTO nb.runs ({names}) VALUES ({marks})", *row.values())  # noqa: S608
    return run_id


def next_run_id(window: Window, above: int = 0) -> int:
    """Return a `run_id` that no run has."""
    ((found,),) = window.rows("SELECT coalesce(max(run_id), 0) FROM nb.runs")
    return max(int(found), above) + 1


def update_run(window: Window, fold: Fold, run_id: int) -> None:
    """Bring the row of a run up to date."""
    row = row_of(fold)
    changes = ", ".join(f'"{name}" = {_mark(name)}' for name in row)
    window.run(f"UPDATE nb.runs SET {changes} WHERE run_id = ?", *row.values(), run_id)  # noqa: S608


def read_runs(window: Window, uids: list[str] | None = None) -> dict[str, tuple[int, Fold]]:
    """Return `run_id` and fold of runs, by uid.

    Args:
        window: The database.
        uids: Which; by default all.
    """
    columns = ", ".join(_column(name) for name in _READ)
    query = f"SELECT run_id, {columns} FROM nb.runs"  # noqa: S608
    if uids is None:
        found = window.rows(query)
    else:
        found = window.rows(f"{query} WHERE list_contains(?, uid)", uids)
    rows = [(run_id, dict(zip(_READ, values, strict=True))) for run_id, *values in found]
    return {row["uid"]: (run_id, _fold(row)) for run_id, row in rows}


def watermark(window: Window, uid: str) -> tuple[int, int] | None:
    """Return `run_id` of a run and how many bytes of its journal are in the database."""
    found = window.rows("SELECT run_id, ingested FROM nb.runs WHERE uid = ?", uid)
    return found[0] if found else None


def watermarks(window: Window) -> dict[str, int]:
    """Return for every run how many bytes of its journal are in the database."""
    return dict(window.rows("SELECT uid, ingested FROM nb.runs"))


def row_of(fold: Fold) -> dict[str, Any]:
    """Return what the table `runs` says of a run, times in microseconds."""
    segment, spark = fold.segment, fold.spark
    notices = [
        [one.time_us, one.level, one.cause, one.text, one.count] for one in fold.notices.values()
    ]
    return {
        "uid": fold.uid,
        "ingested": fold.position,
        **_identity(fold.opened),
        "seen": fold.seen_us,
        **_end(fold.closed),
        "step": fold.step,
        "row_count": fold.rows,
        "line_count": fold.line_count,
        "cell_count": fold.cell_count,
        "damaged": fold.damaged,
        "active_us": segment.active_at(fold.seen_us),
        "clock": segment.time_us,
        "clock_active_us": segment.active_us,
        "ticking": segment.running,
        "config": ascii_json(fold.config),
        "environment": ascii_json(fold.environment),
        "summary": ascii_json(fold.summary),
        "notices": ascii_json(notices),
        "marks": ascii_json(fold.marks),
        "definitions": ascii_json(_definitions(fold)),
        "spark": ascii_json([spark.name, spark.seen, spark.stride, spark.values, spark.last]),
    }


def _definitions(fold: Fold) -> list[list[Any]]:
    """Return each definition with what its values come to, if that is kept."""
    kept = {defined.name: astuple(aggregate) for defined, aggregate in fold.aggregates.values()}
    return [[*astuple(one), kept.get(name)] for name, one in fold.metrics.items()]


def _defined(
    said: list[list[Any]],
) -> tuple[dict[str, MetricDefined], dict[Leaf, tuple[MetricDefined, Aggregate]]]:
    metrics, aggregates = {}, {}
    for *fields, kept in said:
        time_us, name, step_metric, step_sync, hidden, summary, goal = fields
        defined = MetricDefined(time_us, name, step_metric, step_sync, hidden, tuple(summary), goal)
        metrics[name] = defined
        if kept is not None:
            aggregates[leaf_of(path_of(name))] = (defined, Aggregate(*kept))
    return metrics, aggregates


def _identity(opened: Opened | None) -> dict[str, Any]:
    said = {name: _clean(getattr(opened, name, None)) for name in _IDENTITY}
    owner = opened.owner if opened else None
    proof = ("host", "boot_id", "pid", "process_started_at", "kernel_id")
    return {
        **said,
        "tags": ascii_json(opened.tags if opened else ()),
        "started": opened.time_us if opened else None,
        **{name: _clean(getattr(owner, name, None)) for name in proof},
    }


def _end(closed: Closed | None) -> dict[str, Any]:
    return {
        "ended": closed.time_us if closed else None,
        "state": str(closed.state) if closed else None,
        "exit_code": closed.exit_code if closed else None,
        "reason": _clean(closed.reason) if closed else None,
    }


def _fold(row: dict[str, Any]) -> Fold:
    notices = [Notice(*said) for said in from_json(row["notices"])]
    name, seen, stride, values, last = from_json(row["spark"])
    metrics, aggregates = _defined(from_json(row["definitions"]))
    return Fold(
        uid=row["uid"],
        position=row["ingested"],
        opened=_opened(row) if row["id"] is not None else None,
        closed=_closed(row) if row["state"] is not None else None,
        seen_us=row["seen"],
        step=row["step"],
        rows=row["row_count"],
        line_count=row["line_count"],
        cell_count=row["cell_count"],
        damaged=row["damaged"],
        config=from_json(row["config"]),
        environment=from_json(row["environment"]),
        summary=from_json(row["summary"]),
        notices={notice.cause: notice for notice in notices},
        marks=from_json(row["marks"]),
        metrics=metrics,
        aggregates=aggregates,
        segment=Segment(row["clock"], row["clock_active_us"], row["ticking"]),
        spark=Spark(name, seen, stride, tuple(values), last),
    )


def _opened(row: dict[str, Any]) -> Opened:
    owner = Owner(
        host=row["host"],
        boot_id=row["boot_id"],
        pid=row["pid"],
        process_started_at=row["process_started_at"],
        kernel_id=row["kernel_id"],
    )
    return Opened(
        uid=row["uid"],
        **{name: row[name] for name in _IDENTITY},
        time_us=row["started"],
        owner=owner,
        tags=tuple(from_json(row["tags"])),
    )


def _closed(row: dict[str, Any]) -> Closed:
    return Closed(
        time_us=row["ended"],
        state=RunState(row["state"]),
        exit_code=row["exit_code"],
        active_us=row["clock_active_us"],
        reason=row["reason"],
    )


def _mark(name: str) -> str:
    return "make_timestamp(?::BIGINT)" if name in _TIMES else "?"


def _column(name: str) -> str:
    return f'epoch_us("{name}")' if name in _TIMES else f'"{name}"'


def _clean(value: Any) -> Any:  # noqa: ANN401 - texts become ones that UTF-8 can say
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else value


_READ = tuple(row_of(Fold("")))
