"""From what `query` knows of a run to the messages of `protocol`.

Pure functions: the same input gives the same bytes. Text is passed on as text; whoever
shows it must escape it. Times in buffers count from the start of the run, `started_us`.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

import numpy as np

from nbtrack.clock import MICROSECONDS
from nbtrack.metrics import path_of
from nbtrack.panels.protocol import (
    PROTOCOL_VERSION,
    Append,
    BlockHead,
    Line,
    MetricHead,
    NoticeHead,
    RunHead,
    SeriesHead,
    Snapshot,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nbtrack.query import RunNews, RunView
    from nbtrack.records import Json, MetricDefined, Notice
    from nbtrack.store import ConsoleLine, RowBlock, RunFacts, Series

Precision: TypeAlias = Literal[4, 8]

MOST_CHARACTERS = 4_000
"""Characters of one console line that are sent; the store keeps all of them."""

_MOST_LEVELS = 40  # of nested config; below that the browser's own recursion is at risk
_EXACT_IN_A_DOUBLE = 2**53
_DTYPES: dict[Precision, str] = {4: "<f4", 8: "<f8"}


def snapshot_message(
    view: "RunView", sequence: int, precision: Precision = 8
) -> tuple[Snapshot, bytes]:
    """Return a run as it stands.

    Args:
        view: The run.
        sequence: Number of the last append that the view includes.
        precision: Bytes per number of the buffer.

    Returns:
        The head, and the buffer: per series its steps, times and values.
    """
    heads, buffer = pack_series(
        view.series, started_us=view.run.opened.time_us, precision=precision
    )
    head = Snapshot(
        op="snapshot",
        version=PROTOCOL_VERSION,
        sequence=sequence,
        precision=precision,
        run=run_head(view.run),
        series=heads,
        lines=[line_of(line) for line in view.lines],
        line_count=view.line_count,
    )
    return head, buffer


def append_message(
    news: "RunNews", uid: str, sequence: int, *, started_us: int
) -> tuple[Append, bytes]:
    """Return what came since the last message.

    Args:
        news: What came.
        uid: Of the run.
        sequence: Number of this message, one more than that of the last one.
        started_us: Start of the run, microseconds since the epoch.

    Returns:
        The head, and the buffer: per block its steps, times and a run of values per key.
    """
    head = Append(
        op="append",
        uid=uid,
        sequence=sequence,
        run=None if news.run is None else run_head(news.run),
        blocks=[_block(block) for block in news.blocks],
        lines=[line_of(line) for line in news.lines],
    )
    parts = (part for block in news.blocks for part in _block_parts(block, started_us))
    return head, joined(parts, 8)


def pack_series(
    series: "Sequence[Series]", *, started_us: int, precision: Precision = 8
) -> tuple[list[SeriesHead], bytes]:
    """Return the heads of some series and the buffer in which they stand.

    Args:
        series: In the order in which they are sent.
        started_us: Start of the run, microseconds since the epoch.
        precision: Bytes per number.
    """
    parts = (part for one in series for part in _series_parts(one, started_us))
    return [_series_head(one) for one in series], joined(parts, precision)


def run_head(facts: "RunFacts") -> RunHead:
    """Return what a header or an overview shows of a run."""
    opened = facts.opened
    return RunHead(
        uid=opened.uid,
        id=clean(opened.id),
        entity=clean(opened.entity),
        project=clean(opened.project),
        name=clean(opened.name),
        notes=None if opened.notes is None else clean(opened.notes),
        tags=[clean(tag) for tag in opened.tags],
        group=clean(opened.group),
        job_type=clean(opened.job_type),
        state=facts.state.value,
        reason=clean(facts.reason),
        started=opened.time_us / MICROSECONDS,
        ended=None if facts.ended_us is None else facts.ended_us / MICROSECONDS,
        seen=facts.seen_us / MICROSECONDS,
        active=facts.active_us / MICROSECONDS,
        ticking=facts.ticking,
        step=facts.step,
        rows=facts.rows,
        notebook=None if opened.notebook is None else clean(opened.notebook),
        host=clean(opened.owner.host),
        user=clean(opened.user),
        config=_plain_mapping(facts.config, 0),
        summary=_plain_mapping(facts.summary, 0),
        environment=_plain_mapping(facts.environment, 0),
        pinned=[clean(key) for key in facts.pinned],
        notices=[_notice(notice) for notice in facts.notices],
        metrics=_metrics(facts.metrics),
    )


def clean(text: str) -> str:
    """Return a text that UTF-8 can say: halves of surrogate pairs become U+FFFD."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def plain(value: "Json", level: int = 0) -> Any:  # noqa: ANN401 - JSON
    """Return a value as JSON that a browser reads without loss.

    Numbers that are not finite, and whole numbers that a double cannot hold, become
    text. What lies deeper than 40 levels becomes an ellipsis.
    """
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, int | float):
        return _plain_number(value)
    if value is None:
        return None
    if level >= _MOST_LEVELS:
        return "…"
    if isinstance(value, Mapping):
        return _plain_mapping(value, level)
    return [plain(item, level + 1) for item in value]


def _plain_mapping(values: "Mapping[str, Json]", level: int) -> dict[str, Any]:
    return {clean(key): plain(value, level + 1) for key, value in values.items()}


def _plain_number(value: float) -> float | str:
    if isinstance(value, int):
        return value if abs(value) <= _EXACT_IN_A_DOUBLE else _digits(value)
    if math.isfinite(value):
        return value
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def _digits(value: int) -> str:
    # Python refuses to write more than 4,300 decimal digits.
    return str(value) if value.bit_length() < 10_000 else hex(value)  # noqa: PLR2004


def _notice(notice: "Notice") -> NoticeHead:
    return NoticeHead(
        level=cast('Literal["info", "warning", "error"]', notice.level),
        cause=clean(notice.cause),
        text=clean(notice.text),
        count=notice.count,
        time=notice.time_us / MICROSECONDS,
        kind="notice" if notice.title is None else "alert",
        title=clean(notice.title or ""),
    )


def _metrics(defined: "Iterable[MetricDefined]") -> list[MetricHead]:
    """Return what was defined of metrics; patterns are told as the metrics that they met."""
    return [
        MetricHead(
            key=_key_of(one.name),
            step_metric=None if one.step_metric is None else _key_of(one.step_metric),
            hidden=one.hidden,
            summary=list(one.summary),
            goal=cast('Literal["minimize", "maximize"] | None', one.goal),
        )
        for one in defined
        if not one.name.endswith("*")
    ]


def _key_of(name: str) -> str:
    """Return the key of the series that the name of a metric means."""
    path = path_of(name)
    return clean(path if isinstance(path, str) else ".".join(path))


def line_of(line: "ConsoleLine") -> Line:
    """Return one line of the console, cut if it is very long."""
    text = line.text
    if len(text) > MOST_CHARACTERS:
        text = f"{text[:MOST_CHARACTERS]}… ({len(text) - MOST_CHARACTERS} more characters)"
    head = Line(
        number=line.number,
        time=line.time_us / MICROSECONDS,
        stream=line.stream.value,
        text=clean(text),
    )
    if line.level:
        head["level"] = clean(line.level)
    if line.label:
        head["label"] = clean(line.label)
    return head


def _series_head(series: "Series") -> SeriesHead:
    return SeriesHead(
        key=clean(series.key),
        stream=series.stream,
        points=len(series.values),
        count=series.count,
    )


def _block(block: "RowBlock") -> BlockHead:
    return BlockHead(
        stream=block.stream,
        keys=[clean(key) for key in block.keys],
        rows=len(block.steps),
    )


def _block_parts(block: "RowBlock", started_us: int) -> "Iterable[NDArray[Any]]":
    yield block.steps
    yield _seconds(block.times_us, started_us)
    yield block.values.T


def _series_parts(series: "Series", started_us: int) -> "Iterable[NDArray[Any]]":
    yield series.steps
    yield _seconds(series.times_us, started_us)
    yield series.values
    if series.xs is not None:
        yield series.xs


def _seconds(times_us: "NDArray[np.int64]", started_us: int) -> "NDArray[np.float64]":
    return (times_us - started_us) / MICROSECONDS


def joined(parts: "Iterable[NDArray[Any]]", precision: Precision) -> bytes:
    """Return arrays one after the other, as a buffer."""
    dtype = _DTYPES[precision]
    with np.errstate(over="ignore"):
        return b"".join(np.ascontiguousarray(part, dtype=dtype).data for part in parts)
