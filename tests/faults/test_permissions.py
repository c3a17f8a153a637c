"""What may not be touched, is deleted, or has no room: training goes on, and it is said."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from faultkit import Found, Kernel, look, only_run

from nbtrack.records import RunState
from nbtrack.store import Ingester, Reader

pytestmark = pytest.mark.timeout(240)

NAMESPACES = ("unshare -m", "unshare -rm")
"""Where a disk of one's own may be mounted: for root, and for others where that is allowed."""


@pytest.mark.parametrize("part", ["", "runs", "runs/{uid}", "runs/{uid}/journal.nbj"])
def test_a_permission_that_is_revoked_and_given_back_costs_nothing(tmp_path, part):
    with Kernel(tmp_path, "revoked", part) as kernel:
        out, err = kernel.end()

    uid = only_run(kernel.root)
    assert (json.loads(out), err) == ([0, 0], "")
    assert look(kernel.root, uid, "numbers", kernel.acknowledged) == Found(rows=3_000)
    assert Reader(kernel.root).run(uid).state is RunState.FINISHED
    assert Ingester(kernel.root).ingest(uid)


def test_a_workspace_that_is_deleted_is_said_once_and_counted(tmp_path):
    with Kernel(tmp_path, "deleted") as kernel:
        out, err = kernel.end()
    lost, pending, again = json.loads(out)

    assert kernel.acknowledged.total == 200_000
    assert lost >= 199_000
    assert pending == 0
    assert err.count("was deleted while the run went on") == 1, err
    assert err.count("nbtrack: ") == 1, err
    facts = Reader(kernel.root).run(again)
    assert (facts.rows, facts.state) == (1, RunState.FINISHED)


def test_a_folder_that_may_not_be_written_sends_the_run_elsewhere(tmp_path):
    folder = tmp_path / "theirs"
    folder.mkdir()
    with Kernel(tmp_path / "mine", "read_only", folder) as kernel:
        out, err = kernel.end()

    try:
        assert err.count("nbtrack: ") == 1, err
        assert f"the workspace {folder / '.nbtrack'} cannot be written: Permission denied" in err
        assert f"This run is kept in {out}. To keep it elsewhere, type nbtrack.init(dir=...)" in err
        assert look(Path(out), only_run(Path(out)), "numbers", kernel.acknowledged) == Found(1_000)
    finally:
        shutil.rmtree(Path(out).parent)


def test_a_disk_that_is_really_full_makes_rows_wait(tmp_path):
    """DuckDB, the journal and the spill share it."""
    under = next((way for way in NAMESPACES if may_mount(way)), None)
    if under is None:
        pytest.skip("no disk may be mounted here; test_disk fills one by a limit")
    with Kernel(tmp_path, "full_tmpfs", under=under) as kernel:
        out, err = kernel.end()

    assert json.loads(out) == [True, 0, 38, "finished", True, True, [0, 0, 0, 0]]
    assert err.count("cannot be written now") == 1, err


def may_mount(way: str) -> bool:
    command = [*way.split(), "mount", "-t", "tmpfs", "none", "/mnt"]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False
