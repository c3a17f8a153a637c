"""A journal ends with a whole record, whatever happens to its disk or its process."""

import contextlib
import errno
import math
import multiprocessing
import os
import resource
import signal
import stat

import pytest
from storekit import START_US, UID, last_sent, logged, opened_run, row, rows, write_forever
from waiting import wait_until

from nbtrack.errors import StoreError, UsageError
from nbtrack.records import (
    ClockTurned,
    Closed,
    ConfigChanged,
    ConsoleText,
    Heartbeat,
    Notice,
    Row,
    RunChanged,
    RunState,
    Stream,
    SummaryChanged,
    SystemSample,
)
from nbtrack.store import Journal, Reader, Tail

CONTROL = [
    ConfigChanged(START_US, {"lr": 0.1, "net": {"layers": [64, 64], "name": "µ\ud800\x00"}}),
    SummaryChanged(START_US, {"best": math.inf, ("a", "b"): None}, removed=("x", ("a", "c"))),
    RunChanged(START_US, {"name": "calm-fox", "tags": ["a"], "notes": None}),
    ClockTurned(START_US, 5, running=False),
    Heartbeat(START_US, 6),
    Notice(START_US, "warning", "gpu", "no GPU", 3),
    Closed(START_US, RunState.FAILED, 3, 7, "why"),
]


def read(root) -> list:
    with Tail.open(root, UID) as tail:
        return tail.poll()


@pytest.mark.parametrize("record", CONTROL, ids=lambda record: type(record).__name__)
def test_a_record_comes_back_as_it_went_in(root, journal, record):
    journal.append([record])

    assert read(root)[-1] == record


@pytest.mark.usefixtures("journal")
def test_the_first_record_says_what_run_it_is(root):
    (opened, copy) = read(root)

    assert opened == copy == opened_run()


def test_lines_come_back_with_their_cells(root, journal):
    lines = [
        ConsoleText(START_US + n, Stream.STDERR, f"line {n} \x1b[31m{chr(0xD800)}", "cell-1")
        for n in range(1_000)
    ]

    journal.append(lines)

    assert read(root)[2:] == lines


def test_system_readings_have_no_step(root, journal):
    journal.append([SystemSample(START_US, {"cpu": 1.5, "memory_percent": 30})])

    block = read(root)[-1]
    assert (block.stream, block.keys) == ("system", ("cpu", "memory_percent"))
    assert block.values.tolist() == [[1.5, 30.0]]
    assert math.isnan(block.steps[0])


def test_rows_with_the_same_numbers_come_as_one_block(root, journal):
    journal.append(rows(range(3), "loss", "acc"))
    journal.append(rows(range(3, 5), "loss", "acc"))
    journal.append([row(5, {"loss": 1})])

    first, second = read(root)[2:]
    assert (first.keys, first.steps.tolist()) == (("loss", "acc"), [0, 1, 2, 3, 4])
    assert first.values[:, 1].tolist() == [0.125, 1.125, 2.125, 3.125, 4.125]
    assert (second.keys, second.values.tolist()) == (("loss",), [[1.0]])


def test_a_step_out_of_all_bounds_stops_nobody(root, journal):
    """A batch that can never be written would be tried for ever."""
    journal.append([Row(2**70, 2**90, {"loss": 1.0}), row(1, {"loss": 2.0})])

    assert [step for block in read(root)[2:] for step in block.steps.tolist()] == [2.0**62, 1]


def test_folders_are_private(root, journal):
    for path, mode in ((root, 0o700), (journal.path.parent, 0o700), (journal.path, 0o600)):
        assert stat.S_IMODE(path.stat().st_mode) == mode


@pytest.mark.usefixtures("journal")
def test_a_run_is_begun_once(root):
    with pytest.raises(UsageError, match=f"there is a run '{UID}'"):
        Journal.create(root, opened_run())


@pytest.mark.parametrize("uid", ["../up", "a/b", "", "A", "x" * 65, "a\n", "."])
def test_a_uid_cannot_lead_out_of_the_workspace(root, uid):
    with pytest.raises(UsageError, match="no run uid"):
        Journal.create(root, opened_run(uid or "", id="x"))


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreError, match="cannot make a run in"):
        Journal.create(tmp_path / "file" / "store", opened_run())


def test_a_full_disk_leaves_the_journal_whole_and_the_batch_can_be_tried_again(root, journal):
    """The limit makes a real short write, as a full disk does."""
    before = journal.position
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (before + 3_000, hard))
    try:
        with pytest.raises(StoreError, match=r"only \d+ of \d+ bytes fit"):
            journal.append(rows(range(1_000), "loss"))
        assert journal.path.stat().st_size == journal.position == before
        journal.append(rows(range(10), "loss"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    journal.append(rows(range(10, 1_000), "loss"))

    (block,) = read(root)[2:]
    assert block.steps.tolist() == list(range(1_000))


def test_an_error_of_the_disk_is_a_store_error_with_its_number(journal, monkeypatch):
    def fail(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", fail)

    with pytest.raises(StoreError, match="No space") as caught:
        journal.append(rows(range(3), "loss"))

    assert caught.value.errno == errno.ENOSPC


def test_reopening_cuts_off_what_is_no_record_and_goes_on(root, journal):
    journal.append(rows(range(5), "loss"))
    whole = journal.position
    journal.close()
    with journal.path.open("ab") as file:
        file.write(b"\xffNB\x01torn")

    again = Journal.reopen(root, UID)
    assert again.position == whole
    again.append(rows(range(5, 8), "loss"))
    again.append(rows(range(8, 9), "acc"))
    again.close()

    first, second = read(root)[2:]
    assert first.steps.tolist() == list(range(8))
    assert second.keys == ("acc",)


@pytest.mark.usefixtures("journal")
def test_a_journal_has_one_writer(root):
    with pytest.raises(StoreError, match="another process writes"):
        Journal.reopen(root, UID)


def test_no_frame_is_the_only_one_that_names_a_shape(root, journal):
    """A flipped byte must not cost all rows of a short run."""
    journal.append(rows(range(50), "loss"))
    journal.append([Closed(START_US, RunState.FINISHED, 0, 0)])
    journal.close()
    data = bytearray(journal.path.read_bytes())
    data[data.index(b'["loss"]')] ^= 1
    journal.path.write_bytes(data)

    steps = [step for block in read(root)[2:-1] for step in block.steps.tolist()]

    assert steps == list(range(50))


def test_each_byte_that_is_lost_costs_little(root, journal):
    """Whatever byte is flipped, at most one block of rows is missing."""
    for start in range(0, 60, 10):
        journal.append(rows(range(start, start + 10), "loss"))
    journal.append([Closed(START_US, RunState.FINISHED, 0, 0)])
    journal.close()
    whole = journal.path.read_bytes()

    for offset in range(0, len(whole), 7):
        damaged = bytearray(whole)
        damaged[offset] ^= 0x55
        journal.path.write_bytes(damaged)
        found = read(root)
        steps = [step for one in found if hasattr(one, "steps") for step in one.steps.tolist()]
        assert len(steps) >= 50
        assert steps == sorted(set(steps))


def test_a_killed_writer_leaves_all_that_it_appended(root):
    context = multiprocessing.get_context("spawn")
    receiving, sending = context.Pipe(duplex=False)
    writer = context.Process(target=write_forever, args=(root, UID, sending))
    writer.start()
    sending.close()
    while receiving.recv() < 50:
        pass

    writer.kill()

    acknowledged = last_sent(receiving)
    writer.join()
    steps = [step for block in read(root)[2:] for step in block.steps.tolist()]
    assert steps[: acknowledged + 1] == list(range(acknowledged + 1))


def test_a_forked_child_that_abandons_the_journal_does_not_keep_the_run_alive(root):
    """DataLoader workers outlive a killed kernel for a moment; some outlive it for long."""
    context = multiprocessing.get_context("fork")
    forked, end = context.Event(), context.Event()

    def parent():
        journal = Journal.create(root, opened_run())

        def child():
            journal.abandon()
            forked.set()
            end.wait(30)

        context.Process(target=child).start()
        forked.wait(30)
        os.kill(os.getpid(), signal.SIGKILL)

    writer = context.Process(target=parent)
    writer.start()
    try:
        writer.join()  # with a timeout it would wait for the child, too
        with Tail.open(root, UID) as tail:
            assert forked.is_set()
            assert not tail.alive()
    finally:
        end.set()


def test_a_forked_child_does_not_end_the_life_of_its_parents_run(root, journal):
    child = multiprocessing.get_context("fork").Process(target=journal.abandon)
    child.start()
    child.join(30)

    with Tail.open(root, UID) as tail:
        assert tail.alive()
        journal.close()
        wait_until(lambda: not tail.alive())


def test_a_reopened_journal_gives_no_shape_a_number_that_is_taken(root, journal):
    """An integer that no float can hold makes two shapes, of which one is never written."""
    journal.append([row(0, {"a": 2**64, "loss": 0.5}), row(1, {"loss": 1.5, "acc": 0.25})])
    journal.close()

    with contextlib.closing(Journal.reopen(root, UID)) as again:
        again.append([row(2, {"other": 7.0, "than": 8.0}), row(3, {"one": 9.0})])

    assert [logged(one) for one in Reader(root).rows(UID)] == [
        {"a": 2**64, "loss": 0.5},
        {"loss": 1.5, "acc": 0.25},
        {"other": 7.0, "than": 8.0},
        {"one": 9.0},
    ]
    assert Reader(root).run(UID).damaged == 0
