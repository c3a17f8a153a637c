"""Write comparisons that Python has grouped: pages must reckon the same means and bands.

Run it after a change of how bands are reckoned: `python tests/golden/make_groups.py`.
"""

import base64
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from storekit import SECOND_US, START_US, opened_run, row

from nbtrack.panels import kept_comparison
from nbtrack.query import Comparison, Outlook
from nbtrack.records import Closed, ConfigChanged, RunState
from nbtrack.store import Ingester, Journal

GOLDEN = Path(__file__).parent / "parcels" / "groups.json"
BANDS = ("std", "stderr", "t95", "minmax")
RUNS = 7
STEPS = 18


def groups(root: Path) -> dict[str, Any]:
    """Return a comparison per kind of band, with runs of which each lacks something."""
    uids = [write(root, number) for number in range(RUNS)]
    found = {}
    for band in BANDS:
        outlook = Outlook.of(None, "step", ["config.lr", "config.kind"], band)
        kept = kept_comparison(Comparison.of_uids(root, uids, outlook), "groups", points=100_000)
        buffer = base64.b64encode(kept.buffer).decode("ascii")
        found[band] = {**kept.bundle, "buffer": buffer}
    return found


def write(root: Path, number: int) -> str:
    """Write a run whose values are not all numbers, and not at all steps."""
    uid = f"20260102-03040{number}-0000000{number}"
    random = np.random.default_rng(number)
    values = random.normal(size=STEPS) * 10.0 ** random.integers(-5, 5)
    values[number], values[number + 5], values[number + 10] = np.nan, np.inf, 1e200
    config = {"lr": (0.5, 2, 0.25)[number % 3], **({"kind": "a"} if number % 2 else {})}
    steps = [step for step in range(STEPS) if (step + number) % 4]
    rows = [row(step * 3, {"loss": float(values[step])}) for step in steps]
    journal = Journal.create(root, opened_run(uid, name=f"otter-{number}"))
    journal.append([ConfigChanged(START_US, config), *rows])
    journal.append([Closed(START_US + STEPS * SECOND_US, RunState.FINISHED, 0, SECOND_US)])
    journal.close()
    Ingester(root).ingest(uid)
    return uid


def main() -> None:
    """Write the file."""
    with tempfile.TemporaryDirectory() as folder:
        told = json.dumps(groups(Path(folder) / ".nbtrack"), indent=1)
    GOLDEN.write_text(told + "\n", "utf-8")


if __name__ == "__main__":
    main()
