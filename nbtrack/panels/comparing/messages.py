"""From a comparison to what is said of it to a browser. Text is passed on as text."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nbtrack.clock import MICROSECONDS
from nbtrack.panels.messages import clean, plain
from nbtrack.panels.protocol import PROTOCOL_VERSION, ComparedKey, ComparedRun, Comparison, LeftOut
from nbtrack.query import differences, leaves

if TYPE_CHECKING:
    from nbtrack import query
    from nbtrack.query import Leaves
    from nbtrack.records import Json
    from nbtrack.store import RunFacts

MOST_RUNS = 1_000
"""Runs of which a table is sent; bands are of all of them."""

_ALL_VALUES = 60_000  # of all runs: 2 MB at 35 bytes
_FEWEST_VALUES = 24  # of each run's config, and of its summary
_MOST_VALUES = 400
_MOST_KEYS = 1_000
_CHARACTERS = 200  # of one value


def comparison_message(
    comparison: "query.Comparison",
    keys: Sequence[ComparedKey],
    uid: str,
    sequence: int,
    changed: Collection[str] | None = None,
) -> Comparison:
    """Return runs beside each other as they stand.

    Args:
        comparison: The runs.
        keys: Their metrics, all of them.
        uid: Of the comparison.
        sequence: Number of this message.
        changed: Uids of the runs that are told of; None for all.
    """
    there = comparison.facts[:MOST_RUNS]
    outlook = comparison.outlook
    most = max(_FEWEST_VALUES, min(_MOST_VALUES, _ALL_VALUES // (2 * max(len(there), 1))))
    configs = [leaves(facts.config) for facts in there]
    summaries = [_own(leaves(facts.summary)) for facts in there]
    config, summary = _names(configs), _names(summaries)
    message = Comparison(
        op="comparison",
        version=PROTOCOL_VERSION,
        uid=uid,
        sequence=sequence,
        full=changed is None,
        runs=[
            _run(facts, _chosen(here, config[:most]), _chosen(ends, summary[:most]))
            for facts, here, ends in zip(there, configs, summaries, strict=True)
            if changed is None or facts.opened.uid in changed
        ],
        order=[facts.opened.uid for facts in there],
        total=len(comparison),
        keys=list(keys[:_MOST_KEYS]),
        shown=[clean(key) for key in outlook.keys],
        x=clean(outlook.x),
        group_by=[clean(name) for name in outlook.group_by],
        band=outlook.band,
    )
    left = LeftOut(
        keys=max(0, len(keys) - _MOST_KEYS),
        config=max(0, len(config) - most),
        summary=max(0, len(summary) - most),
    )
    return message | {"left_out": left} if any(left.values()) else message


def key_heads(having: Mapping[str, int], runs: "Sequence[RunFacts]") -> list[ComparedKey]:
    """Return what is known of metrics.

    Args:
        having: How many runs have each.
        runs: In which they may be defined; the first definition counts.
    """
    defined = {one.name: one for facts in reversed(runs) for one in facts.metrics}
    heads = []
    for key, count in having.items():
        one = defined.get(key)
        goal = one.goal if one is not None else None
        heads.append(
            ComparedKey(
                key=clean(key),
                runs=count,
                goal="maximize" if goal == "maximize" else "minimize" if goal else "",
                hidden=one is not None and one.hidden,
            )
        )
    return heads


def _own(summary: "Leaves") -> "Leaves":
    """Leave out what nobody logged."""
    return {name: value for name, value in summary.items() if not name.startswith("_")}


def _names(trees: "Sequence[Leaves]") -> list[str]:
    """Return the names of values, those first in which runs differ."""
    found = differences(trees)
    return [*found.differing, *found.same]


def _run(facts: "RunFacts", config: dict[str, Any], summary: dict[str, Any]) -> ComparedRun:
    opened = facts.opened
    return ComparedRun(
        uid=opened.uid,
        id=clean(opened.id),
        name=clean(opened.name),
        project=clean(opened.project),
        state=facts.state.value,
        started=opened.time_us / MICROSECONDS,
        ended=None if facts.ended_us is None else facts.ended_us / MICROSECONDS,
        active=facts.active_us / MICROSECONDS,
        step=facts.step,
        group=clean(opened.group),
        job_type=clean(opened.job_type),
        tags=[clean(tag) for tag in opened.tags],
        config=config,
        summary=summary,
    )


def _chosen(values: "Mapping[str, Json]", names: Sequence[str]) -> dict[str, Any]:
    return {clean(name): _short(values[name]) for name in names if name in values}


def _short(value: "Json") -> Any:  # noqa: ANN401 - JSON
    shown = plain(value)
    if isinstance(shown, str):
        return shown if len(shown) <= _CHARACTERS else f"{shown[:_CHARACTERS]}…"
    if isinstance(shown, list | dict):
        text = str(shown)
        return text if len(text) <= _CHARACTERS else f"{text[:_CHARACTERS]}…"
    return shown
