"""nbtrack records what the reference records, but for the deviations that are listed.

The reference is wandb, in an environment of its own that `make bench-peers` makes; its
python may be named by NBTRACK_REFERENCE. Without it the suite is skipped.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conformance import deviations
from tests.conformance.cases import BESIDES, CASES
from tests.conformance.endings import ENDINGS

HERE = Path(__file__).parent
REFERENCE = os.environ.get(
    "NBTRACK_REFERENCE", str(HERE.parents[1] / "build/peers/wandb/bin/python")
)
PARTS = ("seen", "summary", "config", "rows", "stored summary", "besides")

pytestmark = [
    pytest.mark.skipif(
        not Path(REFERENCE).exists(),
        reason=f"the reference is not installed: {REFERENCE} is missing (make bench-peers)",
    ),
    pytest.mark.timeout(300),
]


def told(script: str, python: str, tracker: str, folder: Path) -> dict:
    """Return what a script printed under one tracker."""
    command = [python, str(HERE / script), tracker, str(folder)]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def recorded(tmp_path_factory) -> tuple[dict, dict]:
    """What both recorded of every case: the reference, nbtrack."""
    folders = [tmp_path_factory.mktemp("conformance") for _ in range(2)]
    return (
        told("probe.py", REFERENCE, "wandb", folders[0]),
        told("probe.py", sys.executable, "nbtrack", folders[1]),
    )


@pytest.fixture(scope="module")
def ended(tmp_path_factory) -> tuple[dict, dict]:
    """The exit codes that both recorded."""
    folders = [tmp_path_factory.mktemp("endings") for _ in range(2)]
    return (
        told("endings.py", REFERENCE, "wandb", folders[0]),
        told("endings.py", sys.executable, "nbtrack", folders[1]),
    )


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("case", CASES)
def test_both_record_the_same(recorded, case, part):
    reference, ours = (side[case][part] for side in recorded)

    if reason := deviations.DEVIATIONS.get((case, part)):
        assert ours != reference, f"no deviation any more: {reason}"
    else:
        assert ours == reference


@pytest.mark.parametrize("ending", ENDINGS)
def test_both_record_the_same_exit_code(ended, ending):
    reference, ours = (side[ending] for side in ended)

    if reason := deviations.ENDINGS.get(ending):
        assert ours != reference, f"no deviation any more: {reason}"
    else:
        assert ours == reference


def test_every_deviation_is_one_of_a_case():
    assert {case for case, _ in deviations.DEVIATIONS} <= set(CASES)
    assert set(BESIDES) <= set(CASES)
    assert {part for _, part in deviations.DEVIATIONS} <= set(PARTS)
    assert set(deviations.ENDINGS) <= set(ENDINGS)
