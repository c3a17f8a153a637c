"""Every byte of a journal may be damaged: it costs what it belongs to, and is counted."""

import contextlib
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from faultkit import LONG
from storekit import START_US, UID, logged, opened_run, row, said

from nbtrack.errors import RunNotFoundError
from nbtrack.records import Closed, ConfigChanged, Json, RunState, SummaryChanged
from nbtrack.records import Path as ValuePath
from nbtrack.store import Ingester, Journal, Reader
from nbtrack.store.frames import FrameFile, PlainFile
from nbtrack.store.layout import journal_path

EVERY = 1 if LONG else 7
INGESTED_EVERY = 7 if LONG else 97
MOST_ROWS = 12

pytestmark = pytest.mark.timeout(1_200 if LONG else 240)


def values_at(step: int) -> dict[ValuePath, Json]:
    values: dict[ValuePath, Json] = {"loss": step / 8, "count": step}
    if step % 40 > 30:
        values["text"] = f"row {step}"
    return values


LOGGED = [said({"_step": step, **values_at(step)}) for step in range(110)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> bytes:
    root = tmp_path_factory.mktemp("whole")
    journal = Journal.create(root, opened_run(UID))
    journal.append([ConfigChanged(START_US, {"lr": 0.1})])
    for start in range(0, 110, 10):
        journal.append([row(step, values_at(step)) for step in range(start, start + 10)])
    journal.append([SummaryChanged(START_US, {"best": 1})])
    journal.append([Closed(START_US, RunState.FINISHED, 0, 0)])
    journal.close()
    data = journal.path.read_bytes()
    assert len(data) < 6_000
    return data


def ends(path: Path) -> list[int]:
    """Return where the frames of a journal end."""
    with path.open("rb") as file:
        source = FrameFile(PlainFile(file.fileno()), 0)
        return [source.position for _ in source.frames()]


@pytest.fixture
def root(tmp_path, whole) -> Path:
    root = tmp_path / ".nbtrack"
    journal_path(root, UID).parent.mkdir(parents=True)
    journal_path(root, UID).write_bytes(whole)
    return root


def found(root: Path) -> list[str]:
    return [said({"_step": one["_step"], **logged(one)}) for one in Reader(root).rows(UID)]


def check(root: Path) -> list[str]:
    """Return the rows; each must have been logged, and stand in its place."""
    rows = found(root)
    assert not Counter(rows) - Counter(LOGGED)
    assert rows == sorted(rows, key=LOGGED.index)
    assert [one.opened.uid for one in Reader(root).runs()] == [UID]
    return rows


def ingested(root: Path) -> Iterator[Path]:
    """Yield the workspace once more, with all of it in the database, and take that away."""
    assert Ingester(root).ingest(UID)
    yield root
    for path in root.glob("nbtrack.duckdb*"):
        path.unlink()


def test_a_damaged_byte_costs_one_block_at_most_and_is_counted(root, whole):
    chance = random.Random("damage")
    path = journal_path(root, UID)
    last_frame = ends(path)[-2]

    for place in range(0, len(whole), EVERY):
        damaged = bytearray(whole)
        damaged[place] ^= chance.randrange(1, 256)
        path.write_bytes(damaged)

        rows = check(root)

        facts = Reader(root).run(UID)
        assert len(LOGGED) - len(rows) <= MOST_ROWS, place
        assert facts.rows == len(rows), place
        # What stands last may still become a frame, as far as a reader knows.
        assert facts.damaged > 0 or place >= last_frame, place
        if place % INGESTED_EVERY == 0:
            for again in ingested(root):
                assert check(again) == rows, place
                assert Reader(again).run(UID).damaged == facts.damaged, place


def test_a_journal_that_is_cut_anywhere_keeps_what_stands_before(root, whole):
    path = journal_path(root, UID)
    first_frame = ends(path)[0]

    for length in range(0, len(whole), EVERY):
        path.write_bytes(whole[:length])
        if length < first_frame:
            with pytest.raises(RunNotFoundError):
                Reader(root).run(UID)
            assert Reader(root).runs() == []
            continue

        rows = check(root)

        assert rows == LOGGED[: len(rows)], length
        assert Reader(root).run(UID).damaged == 0, length
        if length % INGESTED_EVERY == 0:
            for again in ingested(root):
                assert check(again) == rows, length


@pytest.mark.parametrize("size", [1, 16, 5_000])
def test_garbage_at_the_end_costs_nothing_and_the_run_goes_on(root, whole, size):
    path = journal_path(root, UID)
    for seed in range(100 if LONG else 10):
        path.write_bytes(whole + random.Random(seed).randbytes(size))

        assert check(root) == LOGGED

        with contextlib.closing(Journal.reopen(root, UID)) as journal:
            journal.append([row(1_000, {"loss": 0.5})])
        assert found(root) == [*LOGGED, said({"_step": 1_000, "loss": 0.5})]


def test_a_part_of_another_place_costs_nothing_else(root, whole):
    """A block of the disk that was lost reads as zeros."""
    path = journal_path(root, UID)
    for start in range(0, len(whole) - 600, 10 * EVERY):
        path.write_bytes(whole[:start] + bytes(512) + whole[start + 512 :])

        with contextlib.suppress(RunNotFoundError):  # both frames that say what run it is
            Reader(root).run(UID)
            rows = found(root)
            assert not Counter(rows) - Counter(LOGGED)
            assert len(rows) >= len(LOGGED) - 512 // 16 - 2 * MOST_ROWS
