"""A workspace with some runs, and the command line over it."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from storekit import SECOND_US, START_US, opened_run, rows

from nbtrack.cli import main
from nbtrack.records import Closed, RunState
from nbtrack.store import Ingester, Journal

HOSTILE = "evil\x1b[31m\x07\u202e\nname"


@dataclass
class Said:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def command(root, capsys):
    """Return a function that runs a command over the workspace."""

    def run(*arguments: str) -> Said:
        code = main(["--dir", str(root), *arguments])
        printed = capsys.readouterr()
        return Said(code, printed.out, printed.err)

    return run


def write_run(root: Path, uid: str, name: str, state: str | None = "finished", **fields) -> None:
    journal = Journal.create(root, opened_run(uid, name=name, **fields))
    journal.append(rows(range(50), "train/loss", "val/acc"))
    if state:
        journal.append([Closed(START_US + 50 * SECOND_US, RunState(state), 0, 50 * SECOND_US)])
    journal.close()
    assert Ingester(root).ingest(uid)


@pytest.fixture
def filled(root) -> Path:
    """Five runs: two of the same name, one crashed, one of hostile text."""
    write_run(root, "20260102-030405-00000001", "brave-otter")
    write_run(root, "20260102-030406-00000002", "quiet-fox", "failed", project="letters")
    write_run(root, "20260102-030407-00000003", "slow-crab", None)
    write_run(root, "20260102-030408-00000004", HOSTILE, project=HOSTILE)
    write_run(root, "20260102-030409-00000005", "brave-otter", entity="bob")
    return root
