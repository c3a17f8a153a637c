"""All that a reader tells of a workspace, as JSON can say it: to be compared with."""

import json
from dataclasses import asdict
from pathlib import Path

from nbtrack.clock import Clock
from nbtrack.records import Json
from nbtrack.store import Reader, Series

NOW_US = 1_800_000_000_000_000
DERIVED = ("position", "spark", "spark_key")
"""What a later version may compute in another way: no part of what was logged."""


class StoppedClock:
    """A clock at which all of these runs have long been silent."""

    def now_us(self) -> int:
        return NOW_US

    def elapsed_s(self) -> float:
        return 0.0


def look(root: Path, clock: Clock | None = None) -> dict[str, Json]:
    """Return everything by run; numbers that are not finite stay what they are."""
    reader = Reader(root, clock or StoppedClock())
    try:
        return {facts.opened.uid: _run(reader, facts.opened.uid) for facts in reader.runs()}
    finally:
        reader.close()


def _run(reader: Reader, uid: str) -> Json:
    facts = asdict(reader.run(uid))
    said = {
        "facts": {name: value for name, value in facts.items() if name not in DERIVED},
        "rows": list(reader.rows(uid)),
        "lines": [asdict(line) for line in reader.lines(uid)],
        "metrics": [_series(reader.series(uid, key)) for key in reader.keys(uid)],
        "system": [
            _series(reader.series(uid, key, "system")) for key in reader.keys(uid, "system")
        ],
    }
    plain: Json = json.loads(json.dumps(said))
    return plain


def _series(series: Series) -> Json:
    return {
        "key": series.key,
        "steps": series.steps.tolist(),
        "times_us": series.times_us.tolist(),
        "values": series.values.tolist(),
        "count": series.count,
    }
