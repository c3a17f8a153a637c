"""Packing, deleting and copying are cut short anywhere; nothing is lost, nothing comes back.

A forked child does the work and kills itself at its n-th opening, renaming or removing of
a file, for every n that there is. Inside DuckDB, and between those steps, kills come at
random times.
"""

import contextlib
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from faultkit import LONG
from storekit import START_US, UID, opened_run, rows

from nbtrack.clock import SystemClock
from nbtrack.errors import RunNotFoundError, UsageError
from nbtrack.records import Closed, RunState
from nbtrack.store import (
    Ingester,
    Journal,
    Reader,
    Upkeep,
    purge_run,
    restore_run,
    seal,
    trash_run,
    trashed,
    unseal,
)
from nbtrack.store import compaction as compacting
from nbtrack.store.compaction import compact, leftover
from nbtrack.store.layout import database_path, run_folder
from nbtrack.store.trash import half_purged

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="kills itself in a fork"),
    pytest.mark.timeout(3_600 if LONG else 240),
]

STEPS = 20_000 if LONG else 300
OTHER = f"{UID}-2"
RANDOM_KILLS = 200 if LONG else 2
EVERY = 1 if LONG else 7  # of the steps
STEPS_OF_WORK = frozenset(
    {"open", "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.scandir", "os.chmod"}
)

Work = Callable[[Path], object]


@pytest.fixture
def template(tmp_path) -> Path:
    """A workspace with two runs, both ingested."""
    root = tmp_path / "template"
    for uid in (UID, OTHER):
        journal = Journal.create(root, opened_run(uid))
        for start in range(0, STEPS, 100):
            journal.append(rows(range(start, start + 100), "loss", "acc", "lr"))
        journal.append([Closed(START_US, RunState.FINISHED, 0, 0)])
        journal.close()
        assert Ingester(root).ingest(uid)
    return root


def cut_short(template: Path, work: Work) -> Iterator[Path]:
    """Yield a workspace per step at which the work was killed, and the one where it was not."""
    root = template.with_name(".nbtrack")
    for number in range(random.randrange(EVERY) + 1, 1000, EVERY):
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(template, root, symlinks=True)
        was_killed = _killed(partial(_kill_at, number), work, root)
        yield root
        if not was_killed:
            assert number > 3
            return
    raise AssertionError("the work never ends")


def cut_at_random(template: Path, work: Work) -> Iterator[Path]:
    root = template.with_name(".nbtrack")
    longest_s = 0.1
    for _ in range(RANDOM_KILLS):
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(template, root, symlinks=True)
        began_s = time.monotonic()
        was_killed = _killed(lambda: None, work, root, random.uniform(0, longest_s))
        if not was_killed:
            longest_s = max(0.02, time.monotonic() - began_s)
        yield root


def _killed(arm: Callable[[], None], work: Work, root: Path, after_s: float | None = None) -> bool:
    """Work in a child; return whether it was killed."""
    child = os.fork()
    if child == 0:
        try:
            arm()
            work(root)
        except BaseException as error:  # noqa: BLE001 - the child must not go on with the tests
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
            os._exit(1)
        os._exit(0)
    if after_s is not None:
        time.sleep(after_s)
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def _kill_at(number: int) -> None:
    left = [number]

    def count(event: str, _: tuple[object, ...]) -> None:
        if event in STEPS_OF_WORK:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)


def steps_of(root: Path, uid: str) -> list[int]:
    """Return the steps of a run's rows, [] if no reader shows it."""
    with contextlib.closing(Reader(root)) as reader:
        listed = {facts.opened.uid for facts in reader.runs()}
        try:
            found = [row["_step"] for row in reader.rows(uid)]
        except RunNotFoundError:
            found = []
        assert (uid in listed) == bool(found)
    return found


def tended(root: Path) -> None:
    assert Upkeep(root, SystemClock()).tend().notes == ()


WHOLE = list(range(STEPS))


@pytest.mark.parametrize("cut", [cut_short, cut_at_random])
def test_a_run_is_readable_wherever_sealing_is_killed(template, cut):
    for root in cut(template, lambda root: seal(root, UID)):
        assert steps_of(root, UID) == WHOLE

        assert seal(root, UID)

        assert steps_of(root, UID) == WHOLE
        assert [one.name for one in run_folder(root, UID).iterdir()] == ["journal.nbz"]


def test_a_run_is_readable_wherever_unsealing_is_killed(template):
    data = (run_folder(template, UID) / "journal.nbj").read_bytes()
    seal(template, UID)
    for root in cut_short(template, lambda root: unseal(root, UID)):
        assert steps_of(root, UID) == WHOLE

        with contextlib.closing(Journal.reopen(root, UID)) as journal:
            journal.append(rows([STEPS], "loss"))

        assert journal.path.read_bytes()[: len(data)] == data
        assert steps_of(root, UID) == [*WHOLE, STEPS]
        assert seal(root, UID)
        assert steps_of(root, UID) == [*WHOLE, STEPS]


@pytest.mark.parametrize("cut", [cut_short, cut_at_random])
def test_a_run_is_there_or_in_the_trash_wherever_deleting_is_killed(template, cut):
    for root in cut(template, lambda root: trash_run(root, UID)):
        is_there, is_trashed = steps_of(root, UID) == WHOLE, len(trashed(root)) == 1
        assert is_there != is_trashed
        tended(root)
        assert (steps_of(root, UID) == WHOLE) == is_there

        with contextlib.suppress(UsageError, RunNotFoundError):
            restore_run(root, UID)

        assert steps_of(root, UID) == steps_of(root, OTHER) == WHOLE


def test_a_run_is_there_or_in_the_trash_wherever_restoring_is_killed(template):
    trash_run(template, UID)
    for root in cut_short(template, lambda root: restore_run(root, UID)):
        assert (steps_of(root, UID) == WHOLE) != (len(trashed(root)) == 1)

        with contextlib.suppress(UsageError, RunNotFoundError):
            restore_run(root, UID)

        assert steps_of(root, UID) == WHOLE
        assert trashed(root) == []


@pytest.mark.parametrize("cut", [cut_short, cut_at_random])
def test_a_run_that_is_purged_never_comes_back(template, cut):
    (run_folder(template, UID) / "files").mkdir()
    (run_folder(template, UID) / "files" / "model").write_bytes(b"m" * 1000)
    trash_run(template, UID)
    for root in cut(template, lambda root: purge_run(root, UID)):
        assert steps_of(root, UID) == []
        if not trashed(root):
            tended(root)
            assert list((root / "trash").iterdir()) == half_purged(root) == []
        assert steps_of(root, UID) == []
        assert steps_of(root, OTHER) == WHOLE


@pytest.mark.parametrize("cut", [cut_short, cut_at_random])
def test_a_database_is_whole_wherever_a_compaction_is_killed(template, cut, monkeypatch):
    monkeypatch.setattr(compacting, "SHARE", -1)
    for n in (UID, OTHER):  # what is not in the database would be read from the journal
        (run_folder(template, n) / "journal.nbj").unlink()
    for root in cut(template, lambda root: compact(root, least_bytes=-(1 << 40))):
        assert steps_of(root, UID) == steps_of(root, OTHER) == WHOLE

        compact(root, least_bytes=-(1 << 40))

        assert steps_of(root, UID) == steps_of(root, OTHER) == WHOLE
        assert not [path for path in leftover(database_path(root)) if path.exists()]
