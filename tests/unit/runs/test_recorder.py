"""What happens to records whose journal cannot be written."""

from pathlib import Path

import pytest
from waiting import wait_until

from nbtrack.errors import StoreError
from nbtrack.records import Opened, Row
from nbtrack.runs import recorder
from nbtrack.runs.company import Host
from nbtrack.runs.recorder import Track
from nbtrack.store import Journal, Reader, this_process

UID = "20260101-000000-abcdefgh"


class TurnedClock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now_us(self) -> int:
        return int(self.seconds * 1e6)

    def elapsed_s(self) -> float:
        return self.seconds


class FullDisk:
    """A journal that can be told to fail, as on a full disk or with a bad record."""

    kept = 0

    def __init__(self) -> None:
        self.full = True
        self.tries = 0
        self.written: list = []

    @property
    def position(self) -> int:
        return len(self.written)

    def keep(self, _record) -> bool:
        return False

    def pass_over(self, _record) -> None:
        pass

    def confirm(self, kept) -> None:
        pass

    def append(self, records, _kept=0) -> None:
        self.tries += 1
        if self.full:
            raise StoreError(28, "No space left on device", "journal.nbj")
        if "bad" in records:
            raise ValueError("bad record")
        self.written.extend(records)

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
def disk() -> FullDisk:
    return FullDisk()


@pytest.fixture
def told() -> list:
    return []


@pytest.fixture
def track(disk, clock, told) -> Track:
    return Track(
        disk, clock, active_us=lambda: 0, on_trouble=lambda cause, text: told.append((cause, text))
    )


def test_what_cannot_be_written_waits_and_comes_in_order_later(track, disk, clock, told):
    track.emit("a")
    assert not track.drain()
    track.emit("b")
    assert "No space left on device" in told[0][1]

    disk.full = False
    clock.seconds = 60
    track.emit("c")

    assert track.drain()
    assert disk.written == ["a", "b", "c"]
    assert told[-1][0] == "journal again"
    assert (track.pending, track.lost, track.written) == (0, 0, 3)


def test_a_full_disk_is_not_asked_at_every_row(track, disk):
    """A training loop must not pay for a failing write ten thousand times a second."""
    for _ in range(1_000):
        track.emit("row")

    assert disk.tries <= 2


def test_pauses_grow_and_end(track, disk, clock):
    track.emit("row")
    for tenth in range(600):
        clock.seconds = tenth / 10
        track.drain()

    assert 10 < disk.tries < 30


def test_what_memory_cannot_hold_is_counted_and_said(track, told, monkeypatch):
    monkeypatch.setattr(recorder, "KEPT_RECORDS", 10)
    for _ in range(25):
        track.emit("row")
    track.drain()

    assert (track.pending, track.lost) == (10, 15)
    assert any("memory is full" in text for _, text in told)


def test_a_record_that_can_never_be_written_costs_only_itself(track, disk, told):
    disk.full = False
    for record in ("a", "bad", "b"):
        track.offer(record)

    assert track.drain()
    assert disk.written == ["a", "b"]
    assert track.lost == 1
    assert any("ValueError: bad record" in text for _, text in told)


def test_the_end_tries_once_more_at_once(track, disk):
    track.emit("row")
    track.drain()
    disk.full = False

    assert track.close()
    assert disk.written == ["row"]


def test_more_than_the_spill_holds_is_logged_without_a_loss(tmp_path: Path, clock):
    """A loop that outruns the recorder writes the journal by itself."""
    root = tmp_path / ".nbtrack"
    opened = Opened(UID, "x", "me", "digits", "n", 1, this_process())
    journal = Journal.create(root, opened)
    journal.spill()
    track = Track(journal, clock, active_us=lambda: 0, on_trouble=lambda *_: None)
    text = "x" * 10_000

    for step in range(1_000):
        track.emit(Row(step, step, {"text": text, "a": step}))
    track.close()

    assert [row["a"] for row in Reader(root).rows(UID)] == list(range(1_000))


def test_a_killed_kernel_on_a_full_disk_leaves_rows_without_a_gap(tmp_path: Path, clock):
    """What waited only in memory is lost, and so is all that came after it."""
    root = tmp_path / ".nbtrack"
    journal = Journal.create(root, Opened(UID, "x", "me", "digits", "n", 1, this_process()))
    journal.spill(size=1000)
    track = Track(journal, clock, active_us=lambda: 0, on_trouble=lambda *_: None)
    append, journal.append = journal.append, FullDisk().append
    for step in range(40):
        track.emit(Row(step, step, {"a": step, "text": "x" * (100 if step % 2 else 1)}))
    journal.append = append
    journal.abandon()

    steps = [row["_step"] for row in Reader(root).rows(UID)]

    assert 5 < len(steps) < 40
    assert steps == list(range(len(steps)))


def test_of_a_row_that_no_spill_can_hold_a_word_is_left(tmp_path: Path, clock):
    root = tmp_path / ".nbtrack"
    journal = Journal.create(root, Opened(UID, "x", "me", "digits", "n", 1, this_process()))
    journal.spill(size=1000)
    track = Track(journal, clock, active_us=lambda: 0, on_trouble=lambda *_: None)
    append, journal.append = journal.append, FullDisk().append
    for step, text in enumerate(("a", "x" * 2000, "b")):
        track.emit(Row(step, step, {"text": text}))
    journal.append = append
    journal.abandon()
    reader = Reader(root)

    assert [row["_step"] for row in reader.rows(UID)] == [0, 2]
    (run,) = reader.runs()
    assert "the row of step 1 (20" in run.notices[0].text


def test_a_run_that_follows_another_at_once_is_written_too(tmp_path: Path, clock):
    """The thread that wrote for the first may not have noticed its end yet."""
    writing = recorder.Recorder(clock, on_stop=lambda _: None)
    for number in range(20):
        root = tmp_path / str(number) / ".nbtrack"
        journal = Journal.create(root, Opened(UID, "x", "me", "digits", "n", 1, this_process()))
        track = Track(journal, clock, active_us=lambda: 0, on_trouble=lambda *_: None)
        writing.add(UID, track, root, Host(track, root, UID, take=lambda _: True, is_new=True))
        track.emit(Row(0, 0, {"a": 1}))
        if number < 19:
            writing.remove(UID)

    wait_until(lambda: track.pending == 0)
    writing.remove(UID)


def test_few_news_are_left_to_the_readers_and_many_go_into_the_database(
    tmp_path: Path, clock, monkeypatch
):
    monkeypatch.setattr(recorder, "BEAT_S", 0.01)
    root = tmp_path / ".nbtrack"
    journal = Journal.create(root, Opened(UID, "x", "me", "digits", "n", 1, this_process()))
    track = Track(journal, clock, active_us=lambda: 0, on_trouble=lambda *_: None)
    writing = recorder.Recorder(clock, on_stop=lambda _: None)
    asked = []
    monkeypatch.setattr(writing, "ingest", lambda uid, _: asked.append(uid) or True)

    writing.add(UID, track, root, Host(track, root, UID, take=lambda _: True, is_new=True))
    track.emit(Row(0, 0, {"text": "few"}))
    wait_until(lambda: track.pending == 0)
    assert asked == []
    track.emit(Row(1, 1, {"text": "x" * recorder.INGEST_BYTES}))

    wait_until(lambda: asked)
    writing.remove(UID)
    track.close()
    assert asked == [UID]
