"""Whatever a KeyboardInterrupt or a signal's handler cuts short, each row is stored once."""

import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest
from interruptkit import Signal
from storekit import UID, opened_run, row

import nbtrack
from nbtrack.clock import SystemClock
from nbtrack.records import Closed, Heartbeat
from nbtrack.runs import session
from nbtrack.runs.recorder import Track
from nbtrack.store import Journal, Reader, Tail
from nbtrack.store.layout import run_folder, uids

SMALL_BYTES = 400
MANY = 100_000


class Writer:
    """A run that is written by the test, its journal and the way to it."""

    def __init__(self, root: Path, spill_bytes: int) -> None:
        self.root = root
        self.journal = Journal.create(root, opened_run())
        self.journal.spill(spill_bytes)
        self.track = Track(
            self.journal, SystemClock(), active_us=lambda: 0, on_trouble=lambda *_: None
        )

    def log(self, *steps: int) -> None:
        for step in steps:
            self.track.emit(row(step, {"loss": step / 8}))

    def die(self) -> None:
        """End as a killed process does: what is not in a file is lost."""
        self.journal.abandon()

    def steps(self) -> list[int]:
        return [int(step) for entry in self.entries() for step in getattr(entry, "steps", ())]

    def entries(self) -> list:
        with Tail.open(self.root, UID) as tail:
            entries = tail.entries()
            assert (tail.damaged, tail.position) == (0, tail.size)
            return entries


def every_signal(tmp_path: Path, *handler: Callable[[], object]):
    """Yield a signal and a workspace, until there is no step at which another could come."""
    for number in range(MANY):
        signal = Signal(number, *handler)
        yield signal, tmp_path / str(number) / ".nbtrack"
        if not signal.came:
            assert number > 20
            return


@pytest.mark.parametrize("ending", ["close", "die"])
def test_an_interrupted_drain_writes_each_row_once(tmp_path, ending):
    for signal, root in every_signal(tmp_path):
        writer = Writer(root, SMALL_BYTES)
        writer.log(0, 1)
        writer.track.offer(Heartbeat(1, 1))
        writer.log(2)
        with signal.expected():
            writer.track.drain()
        writer.log(3)
        getattr(writer.track if ending == "close" else writer, ending)()

        assert writer.steps() == [0, 1, 2, 3]
        assert not (run_folder(root, UID) / "spill.nbs").exists()


@pytest.mark.parametrize("ending", ["close", "die"])
def test_an_interrupted_log_that_has_to_write_costs_at_most_its_own_row(tmp_path, ending):
    """The spill is full, so that the thread that logs writes the journal by itself."""
    for signal, root in every_signal(tmp_path):
        writer = Writer(root, 8 + 3 * 50)
        writer.log(0, 1)
        with signal.expected():
            writer.log(2, 3)
        writer.log(4)
        getattr(writer.track if ending == "close" else writer, ending)()

        assert [step for step in writer.steps() if step not in (2, 3)] == [0, 1, 4]
        assert writer.steps() == sorted(set(writer.steps()))


def test_an_interrupted_close_can_be_done_again(tmp_path):
    for signal, root in every_signal(tmp_path):
        writer = Writer(root, SMALL_BYTES)
        writer.log(0, 1, 2)
        with signal.expected():
            writer.track.close()
        assert writer.track.close()

        assert writer.steps() == [0, 1, 2]
        assert (writer.track.pending, writer.track.written) == (0, 3)
        with Tail.open(root, UID) as tail:
            assert not tail.is_locked()


@pytest.mark.parametrize("ending", ["close", "die"])
def test_a_handler_that_writes_while_its_thread_writes_stores_each_row_once(tmp_path, ending):
    writers: list[Writer] = []

    def handler() -> None:
        writers[-1].log(3)
        assert writers[-1].track.drain()

    for signal, root in every_signal(tmp_path, handler):
        writers.append(writer := Writer(root, SMALL_BYTES))
        writer.log(0, 1, 2)
        with signal.expected():
            writer.track.drain()
        writer.log(4)
        getattr(writer.track if ending == "close" else writer, ending)()

        assert writer.steps() == ([0, 1, 2, 3, 4] if signal.came else [0, 1, 2, 4])


@pytest.mark.parametrize(
    ("how", "within"),
    [
        ("resume", "launching.py"),
        ("resume", "journal.py"),
        ("resume_from", "session.py"),
        ("fork_from", "journal.py"),
    ],
)
def test_an_interrupted_init_leaves_the_run_it_was_to_go_on_with_as_it_was(tmp_path, how, within):
    arguments: dict = {
        "resume": {"id": "first", "resume": "must"},
        "resume_from": {"resume_from": "first?_step=1"},
        "fork_from": {"fork_from": "first?_step=1"},
    }[how]
    settings = {"silent": True, "x_disable_stats": True}
    for number in range(MANY):
        root = tmp_path / str(number) / ".nbtrack"
        first = nbtrack.init(project="digits", id="first", dir=root, settings=settings)
        for step in range(3):
            first.log({"loss": step / 8})
        first.finish(exit_code=3)
        signal = Signal(number, within=within)
        with signal.expected():
            nbtrack.init(
                project="digits", dir=root, settings=settings, config={"lr": 0.1}, **arguments
            )
        if not signal.came:
            nbtrack.finish()
            assert number > 5
            return

        assert session().open_runs() == ()
        with contextlib.closing(Reader(root)) as reader:
            facts = reader.run(first.uid)
            assert [one["loss"] for one in reader.rows(first.uid)] == [0, 1 / 8, 2 / 8]
            assert (facts.state, facts.exit_code) in {("failed", 3), ("killed", 255)}
            if facts.state == "failed":
                assert facts.config == {}
            others = [one.state for one in reader.runs() if one.opened.uid != first.uid]
            assert others in ([], ["killed"])
            assert not (others and how == "resume")


@pytest.mark.parametrize(
    "within", ["session.py", "launching.py", "journal.py", "spill.py", "recorder.py"]
)
def test_an_interrupted_init_leaves_no_run_that_nobody_can_end(tmp_path, within):
    settings = {"silent": True, "x_disable_stats": True}
    for number in range(MANY):
        root = tmp_path / str(number) / ".nbtrack"
        signal = Signal(number, within=within)
        with signal.expected():
            nbtrack.init(project="digits", dir=root, settings=settings)
        if not signal.came:
            nbtrack.finish()
            assert number > 5
            return

        assert session().open_runs() == ()
        assert nbtrack.run is None
        for uid in uids(root):
            with Tail.open(root, uid) as tail:
                assert not tail.is_locked()
                ended = [entry for entry in tail.entries() if isinstance(entry, Closed)]
            assert len(ended) == 1
