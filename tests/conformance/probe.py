"""Run every case under one tracker, and print what was recorded, as JSON.

    python probe.py wandb|nbtrack folder

The reference has an interpreter of its own, so this imports nothing of the suite but
the cases.
"""

import importlib
import json
import math
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

Run = Item = Values = Any  # of the tracker
Case = Callable[[ModuleType, Callable[..., Run]], object]
Stored = Callable[[Path], tuple[list[dict[str, Any]], dict[str, Any]]]

LONGEST_WAIT_S = 20.0
"""The reference's file is not whole when finish() returns."""
HERE = Path(__file__).parent
OWN = ("_timestamp", "_runtime", "_wandb")
"""What is of the moment, or the reference's bookkeeping."""


def main(name: str, folder: str) -> None:
    """Print what one tracker recorded of every case."""
    sys.path[:0] = [str(HERE), str(HERE.parents[1]), str(HERE.parent / "benchmarks/peers")]
    cases = importlib.import_module("cases")
    tracker = importlib.import_module(name)
    stored = {"wandb": stored_by_wandb, "nbtrack": stored_by_nbtrack}[name]
    besides = {"wandb": besides_by_wandb, "nbtrack": besides_by_nbtrack}[name]
    told = {}
    for case, function in cases.CASES.items():
        place = Path(folder, case)
        place.mkdir()
        told[case] = told_of(tracker, function, place, stored)
        kept = besides(place) if (wanted := cases.BESIDES.get(case, ())) else {}
        told[case]["besides"] = {part: plain(kept[part]) for part in wanted}
    print(json.dumps(told))  # noqa: T201 - the result


def told_of(tracker: ModuleType, function: Case, place: Path, stored: Stored) -> dict[str, Any]:
    """Run one case and return its parts."""
    opened = []

    def begin(**keywords: object) -> Run:
        settings = {"silent": True, "x_disable_stats": True, "console": "off"}
        settings |= keywords.pop("settings", {})
        ready = {"project": "p", "mode": "offline", "dir": str(place), "settings": settings}
        opened.append(tracker.init(**{**ready, **keywords}))
        return opened[-1]

    try:
        seen = function(tracker, begin)
    except Exception as error:  # noqa: BLE001 - what is raised is the result
        seen = f"raised {type(error).__name__}"
    [run] = opened
    summary, config = flat(dict(run.summary)), dict(run.config)
    run.finish()
    rows, kept = ([], {}) if run.disabled else stored(place)
    return {
        "seen": plain(seen),
        "summary": plain(summary),
        "config": plain({key: value for key, value in config.items() if key != "_wandb"}),
        "rows": [plain(flat(row)) for row in sorted(rows, key=lambda row: row["_step"])],
        "stored summary": plain(flat(kept)),
    }


def stored_by_wandb(place: Path) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return rows and summary of the run below a folder."""
    rows, summary = [], {}
    for record in whole_file(place):
        if record.HasField("history"):
            rows.append({named(item): json.loads(item.value_json) for item in record.history.item})
        elif record.HasField("summary"):
            for item in record.summary.remove:
                remove(summary, named(item))
            for item in record.summary.update:
                remove(summary, named(item))
                summary[named(item)] = json.loads(item.value_json)
    return rows, {key: value for key, value in summary.items() if not key.startswith(OWN)}


def whole_file(place: Path) -> list[Any]:
    """Return the records of the run below a folder, once its end is among them."""
    from adapter_wandb import records

    deadline = time.monotonic() + LONGEST_WAIT_S
    while True:
        found = [record for file in place.rglob("*.wandb") for record in records(file)]
        if any(record.HasField("exit") for record in found) or time.monotonic() > deadline:
            return found
        time.sleep(0.05)


def named(item: Item) -> str:
    """Return the name of an item, with dots."""
    return ".".join(item.nested_key) or item.key


def remove(summary: dict[str, Any], name: str) -> None:
    """Remove a value and all below it."""
    for key in [key for key in summary if key == name or key.startswith(f"{name}.")]:
        del summary[key]


def stored_by_nbtrack(place: Path) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return rows and summary of the run below a folder."""
    import nbtrack

    [run] = nbtrack.Api(place / ".nbtrack").runs()
    return list(run.scan_history()), dict(run.summary)


def besides_by_wandb(place: Path) -> dict[str, Any]:
    """Return what else the reference keeps of the run below a folder."""
    found = whole_file(place)
    alerts = [record.alert for record in found if record.HasField("alert")]
    metrics = [record.metric for record in found if record.HasField("metric")]
    runs = [record.run for record in found if record.HasField("run")]
    facts = [record.environment for record in found if record.HasField("environment")]
    raw = [record.output_raw for record in found if record.HasField("output_raw")]
    written = [record.output_logger.line for record in found if record.HasField("output_logger")]
    listed = [file.path for record in found for file in record.files.files]
    last = runs[-1]
    return {
        "alerts": [(alert.title, alert.text, alert.level) for alert in alerts],
        "metrics": sorted(added_up(metrics)),
        "names": [last.display_name, last.notes, [*last.tags], last.run_group, last.job_type],
        "console": {
            "stdout": "".join(
                [*(one.line for one in raw if one.output_type == 1), *written]
            ).splitlines(),
            "stderr": "".join(one.line for one in raw if one.output_type == 0).splitlines(),
        },
        "files": sorted(listed),
        "machine": {
            "os": facts[0].os,
            "python": facts[0].python,
            "host": facts[0].host,
            "program": Path(facts[0].program).name,
        },
        "pinned": [
            json.loads(item.value_json)
            for record in found
            for item in record.config.update
            if list(item.nested_key) == ["_wandb", "pinned_keys"]
        ][-1:],
    }


def added_up(metrics: list[Any]) -> list[list[Any]]:
    """Return what several definitions of a metric say together."""
    found: dict[str, list[Any]] = {}
    for metric in metrics:
        if metric.expanded_from_glob:
            continue
        name, options = metric.name or metric.glob_name, metric.options
        kept = {field.name for field, _ in metric.summary.ListFields()}
        _, step_metric, is_synced, is_hidden, operations = found.get(name, [name, "", 0, 0, ()])
        found[name] = [
            *(name, metric.step_metric or step_metric or None),
            *(options.step_sync or bool(is_synced), options.hidden or bool(is_hidden)),
            sorted({*operations, *kept}),
        ]
    return [*found.values()]


def besides_by_nbtrack(place: Path) -> dict[str, Any]:
    """Return what else nbtrack keeps of the run below a folder."""
    import nbtrack

    [run] = nbtrack.Api(place / ".nbtrack").runs()
    lines, facts, of_the_machine = run.console_logs(), run._facts, run.metadata
    return {
        "alerts": [(alert["title"], alert["text"], alert["level"]) for alert in run.alerts],
        "metrics": sorted(
            [one.name, one.step_metric, one.step_sync, one.hidden, sorted(one.summary)]
            for one in facts.metrics
        ),
        "names": [run.name, run.notes, run.tags, run.group, run.job_type],
        "console": {
            "stdout": [line["content"] for line in lines if line["label"] == "stdout"],
            "stderr": [line["content"] for line in lines if line["label"] == "stderr"],
        },
        "files": sorted(file.name for file in run.files()),
        "machine": {
            **{name: of_the_machine[name] for name in ("os", "python", "host")},
            "program": Path(of_the_machine["program"]).name,
        },
        "pinned": [list(facts.pinned)] if facts.pinned else [],
    }


def flat(values: Values, above: str = "") -> dict[str, Any]:
    """Return nested mappings as one, with dots; what is of the moment is left out."""
    found = {}
    for key in [*values.keys()]:
        value = values[key]
        if not above and key in OWN:
            continue
        if isinstance(value, Mapping) or hasattr(value, "keys"):
            found.update(flat(value, f"{above}{key}."))
        else:
            found[f"{above}{key}"] = value
    return found


def plain(value: object) -> object:
    """Return a value in the one form in which both can be compared."""
    if isinstance(value, float):
        return int(value) if math.isfinite(value) and value.is_integer() else str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value if value is None or isinstance(value, int | str) else repr(value)


if __name__ == "__main__":
    main(*sys.argv[1:])
