"""Several processes log to one run: with a say (`mode="shared"`), or as guests (attached)."""

import multiprocessing
import os
import signal
import threading
from contextlib import contextmanager
from multiprocessing.sharedctypes import RawArray

import pytest
from waiting import wait_until

import nbtrack
from nbtrack.errors import Error, RunNotFoundError, UsageError
from nbtrack.runs import attach
from nbtrack.store import Reader, has_parts, request_stop, run_folder, stop_requested
from nbtrack.store.workspace import say_network

SPAWN = multiprocessing.get_context("spawn")
ENOUGH = 7  # in what is told: whether all are to end
QUIET = {"silent": True, "x_disable_stats": True}


def join(folder, **settings) -> nbtrack.Run:
    """Come to the run `one` with a say."""
    settings = {**QUIET, **settings}
    return nbtrack.init(mode="shared", id="one", project="digits", dir=folder, settings=settings)


def log(run, worker: int, told, stop_at: int) -> None:
    """Log, and count in `told` what `log()` has returned for."""
    pace = threading.Event()  # some thousand rows a second: reading them back takes as long
    for n in range(stop_at):
        if told[ENOUGH]:
            break
        run.log({"worker": worker, "n": n})
        told[worker] = n + 1
        pace.wait(0.0001)


def work(folder, worker, told, stop_at=1_000_000, code=0, **settings) -> None:
    """Be one of those with a say; runs in a process."""
    run = join(folder, **settings)
    log(run, worker, told, stop_at)
    run.finish(code)


def visit(run, worker, told, stop_at=200) -> None:
    """Log to a run that came as an argument, and end without a word; runs in a process."""
    log(run, worker, told, stop_at)


def wait_to_log(run, worker, told, may_log) -> None:
    """Join, say so, log when it is said; runs in a process."""
    told[worker + 4] = 1
    may_log.wait()
    log(run, worker, told, 10)


def fail(run) -> None:
    run.log({"worker": 0, "n": 0})
    raise ValueError("as asked")


def attach_and_stay(folder, run_id, told) -> None:
    """Attach by the id alone, and log until it is killed; runs in a process."""
    os.environ["NBTRACK_DIR"] = str(folder)
    os.environ["NBTRACK_SILENT"] = "1"
    log(attach(run_id), 1, told, 1_000_000)


@pytest.fixture
def told():
    return RawArray("Q", 8)


@pytest.fixture
def start():
    """Starts processes, and kills those that are left."""
    begun = []

    def begin(target, *arguments, **named):
        process = SPAWN.Process(target=target, args=arguments, kwargs=named)
        process.start()
        begun.append(process)
        return process

    yield begin
    for process in begun:
        process.kill()
        process.join()


@contextmanager
def reading(root):
    reader = Reader(root)
    try:
        yield reader
    finally:
        reader.close()


def only(root):
    with reading(root) as reader:
        (facts,) = reader.runs()
        return facts


def numbers(root) -> dict[int, list[int]]:
    """Return what is stored, by worker, after a look at the steps: each once, growing."""
    with reading(root) as reader:
        rows = list(reader.rows(only(root).opened.uid))
    steps = [row["_step"] for row in rows]
    assert steps == sorted(set(steps))
    found: dict[int, list[int]] = {}
    for row in rows:
        found.setdefault(row["worker"], []).append(row["n"])
    return found


def assert_all_there(root, told) -> None:
    """What `log()` has returned for is there once and in order; one more may be in flight."""
    found = numbers(root)
    for worker, count in enumerate(told[:4]):
        rows = found.get(worker, [])
        assert rows == list(range(len(rows)))
        assert count <= len(rows) <= count + 1


def is_logging(told, *workers, count=50):
    return lambda: all(told[worker] >= count for worker in workers)


@pytest.fixture
def root(tmp_path):
    return tmp_path / ".nbtrack"


def test_processes_with_a_say_log_to_one_run(tmp_path, root, told, start):
    processes = [start(work, tmp_path, n, told, stop_at=400, x_label=f"w{n}") for n in range(3)]
    for process in processes:
        process.join()

    facts = only(root)
    assert numbers(root) == {n: list(range(400)) for n in range(3)}
    assert (facts.state, facts.exit_code, facts.opened.id) == ("finished", 0, "one")
    assert not has_parts(root, facts.opened.uid)


@pytest.mark.parametrize("victims", [(0,), (1,), (0, 1)], ids=["writer", "other", "two-of-three"])
def test_nothing_is_lost_or_doubled_when_some_are_killed(tmp_path, root, told, start, victims):
    """The first one writes the run; whoever is left goes on with it."""
    processes = [start(work, tmp_path, 0, told)]
    wait_until(is_logging(told, 0))
    processes += [start(work, tmp_path, n, told) for n in (1, 2)]
    wait_until(is_logging(told, 1, 2))

    for n in victims:
        os.kill(processes[n].pid, signal.SIGKILL)
        processes[n].join()
    before = told[2]
    wait_until(lambda: told[2] > before + 100)
    assert only(root).state == "running"
    told[ENOUGH] = 1
    for process in processes:
        process.join()

    facts = only(root)
    assert_all_there(root, told)
    assert facts.state == "failed"
    assert facts.reason in [f"process {processes[n].pid} of this run was killed" for n in victims]
    assert not has_parts(root, facts.opened.uid)


def test_a_run_whose_processes_are_all_killed_has_crashed(tmp_path, root, told, start):
    processes = [start(work, tmp_path, n, told) for n in range(3)]
    wait_until(is_logging(told, 0, 1, 2))
    for process in processes:
        os.kill(process.pid, signal.SIGKILL)
        process.join()

    assert_all_there(root, told)
    assert only(root).state == "crashed"
    assert not has_parts(root, only(root).opened.uid)


def test_a_run_goes_on_after_the_one_who_began_it(tmp_path, root, told, start):
    run = join(tmp_path)
    other = start(work, tmp_path, 1, told)
    wait_until(is_logging(told, 1))
    run.log({"worker": 0, "n": 0})
    told[0] = 1
    run.finish()

    wait_until(lambda: only(root).opened.owner.pid == other.pid, what="going on")
    assert only(root).state == "running"
    told[ENOUGH] = 1
    other.join()
    facts = only(root)
    assert (facts.state, facts.opened.owner.pid) == ("finished", other.pid)
    assert_all_there(root, told)


def test_one_that_fails_makes_the_run_fail(tmp_path, root, told, start):
    run = join(tmp_path)
    start(work, tmp_path, 1, told, stop_at=10, code=7).join()
    run.finish()

    assert (only(root).state, only(root).exit_code) == ("failed", 7)


def test_one_without_a_say_does_not_keep_the_run_open(tmp_path, root, told, start):
    run = join(tmp_path)
    other = start(work, tmp_path, 1, told, x_update_finish_state=False)
    wait_until(is_logging(told, 1))
    run.finish()

    assert only(root).state == "finished"
    other.kill()
    other.join()
    assert only(root).state == "finished"
    found = numbers(root)[1]
    assert found == list(range(len(found)))
    assert told[1] <= len(found) <= told[1] + 1


def test_a_run_that_has_ended_is_gone_on_with(tmp_path, root, told):
    for n in range(2):
        run = join(tmp_path)
        run.log({"worker": 0, "n": n})
        run.finish()

    assert numbers(root) == {0: [0, 1]}


def test_a_pickled_run_logs_to_the_same_run_elsewhere(tmp_path, root, told, start):
    run = nbtrack.init(project="digits", dir=tmp_path, settings=QUIET, config={"lr": 1})
    processes = [start(visit, run, n, told) for n in (1, 2)]
    for n in range(100):
        run.log({"worker": 0, "n": n}, step=n)  # steps of its own, until others come
        told[0] = n + 1
    wait_until(is_logging(told, 1, 2, count=200))
    for process in processes:
        process.join()
        assert process.exitcode == 0
    run.flush()
    assert run.summary["worker"] in (0, 1, 2)
    run.finish()

    assert {worker: len(rows) for worker, rows in numbers(root).items()} == {0: 100, 1: 200, 2: 200}
    assert_all_there(root, told)
    assert only(root).state == "finished"


def test_what_a_guest_logs_after_the_end_is_kept(tmp_path, root, told, start):
    run = nbtrack.init(project="digits", dir=tmp_path, settings=QUIET)
    may_log = SPAWN.Event()
    guest = start(wait_to_log, run, 1, told, may_log)
    wait_until(lambda: told[5])
    run.log({"worker": 0, "n": 0})
    told[0] = 1
    run.finish()
    may_log.set()
    guest.join()

    assert_all_there(root, told)
    assert told[1] == 10
    assert only(root).state == "finished"


def test_a_guest_that_fails_leaves_the_run_as_it_is(tmp_path, root, start):
    run = nbtrack.init(project="digits", dir=tmp_path, settings=QUIET)
    start(fail, run).join()

    assert run.state == "running"
    run.finish()
    assert (only(root).state, numbers(root)) == ("finished", {0: [0]})


def test_a_run_is_attached_to_by_its_id(tmp_path, root, told, start):
    run = nbtrack.init(project="digits", id="mine", dir=tmp_path, settings=QUIET)
    guest = start(attach_and_stay, tmp_path, "mine", told)
    wait_until(is_logging(told, 1))
    os.kill(guest.pid, signal.SIGKILL)
    guest.join()
    run.finish()

    assert_all_there(root, told)


def test_what_a_guest_sets_is_seen_by_the_one_who_writes(tmp_path):
    run = nbtrack.init(project="digits", dir=tmp_path, settings=QUIET)
    guest = join_from_a_thread_of_another_process(run)

    assert guest == 0
    wait_until(lambda: run.name == "theirs")
    assert run.config["batch"] == 32
    assert run.summary["best"] == 0.5
    run.finish()


def rename(run) -> None:
    """Change names, config and summary; runs in a process."""
    run.name = "theirs"
    run.config["batch"] = 32
    run.summary["best"] = 0.5
    run.finish()


def join_from_a_thread_of_another_process(run) -> int:
    process = SPAWN.Process(target=rename, args=(run,))
    process.start()
    process.join()
    return process.exitcode


def test_a_step_that_is_given_is_not_used_and_said_once(tmp_path, root, capsys):
    run = join(tmp_path, silent=False, show_info=False)
    run.log({"worker": 0, "n": 0}, step=7)
    run.log({"worker": 0, "n": 1}, step=3)
    run.log({"worker": 0}, commit=False)
    run.log({"n": 2})
    with pytest.raises(TypeError, match="takes a whole number"):
        run.log({"n": 3}, step="three")
    run.finish()

    assert numbers(root) == {0: [0, 1, 2]}
    assert capsys.readouterr().err.count("step= is not used") == 1


def test_the_step_of_a_shared_run_cannot_be_read(tmp_path):
    with join(tmp_path) as run:
        with pytest.raises(UsageError, match="logged to by several processes"):
            _ = run.step
        assert "shared" in repr(run)


def test_lines_and_readings_have_the_label_of_their_process(tmp_path, root):
    run = join(tmp_path, x_label="worker-1", x_disable_stats=False)
    run.write_logs("hello")
    with reading(root) as reader:
        wait_until(lambda: "cpu/l:worker-1" in reader.keys(run.uid, "system"))
        run.finish()

        lines = [(line.text, line.label) for line in reader.lines(run.uid)]
        assert ("hello", "worker-1") in lines


def test_a_shared_run_makes_no_branch(tmp_path):
    with pytest.raises(UsageError, match="exclude it"):
        nbtrack.init(mode="shared", dir=tmp_path, fork_from="one?_step=3", settings=QUIET)


def test_nothing_is_shared_where_locks_prove_nothing(tmp_path, root):
    root.mkdir()
    say_network(root, is_network=True)

    with pytest.raises(UsageError, match=r"several processes cannot log.*in one group"):
        join(tmp_path)


def test_to_attach_a_run_must_go_on(tmp_path, monkeypatch):
    monkeypatch.setenv("NBTRACK_DIR", str(tmp_path))
    run = nbtrack.init(project="digits", id="mine", dir=tmp_path, settings=QUIET)
    assert attach("mine") is run
    run.finish()

    with pytest.raises(Error, match=r"is finished: nobody can attach.*resume=\"must\""):
        attach("mine")
    with pytest.raises(RunNotFoundError, match="no run 'yours'"):
        attach("yours")


def test_the_run_that_is_open_here_is_not_joined_twice(tmp_path):
    run = join(tmp_path)

    with pytest.raises(Error, match="open in this process already"):
        nbtrack.init(
            mode="shared",
            id="one",
            project="digits",
            dir=tmp_path,
            reinit="create_new",
            settings=QUIET,
        )
    run.finish()
    assert not (run_folder(run.root, run.uid) / "parts").exists()


def test_a_process_that_is_told_to_end_ends_while_it_logs(tmp_path, root, told, start):
    """The handler of the signal interrupts `log()`, which holds what the recorder waits for."""
    for _ in range(2):
        told[0] = told[1] = 0
        writer, other = start(work, tmp_path, 0, told), start(work, tmp_path, 1, told)
        wait_until(is_logging(told, 0, 1))
        for process in (writer, other):
            process.terminate()
            process.join(20)
            assert process.exitcode == -signal.SIGTERM

        assert only(root).state == "killed"


def test_all_processes_of_a_run_are_stopped_at_once(tmp_path, root, told, start):
    processes = [start(work, tmp_path, n, told) for n in range(2)]
    wait_until(is_logging(told, 0, 1))
    uid = only(root).opened.uid

    request_stop(root, uid)

    for process in processes:
        process.join(20)
        assert process.exitcode == 1  # a KeyboardInterrupt, as in a script
    assert (only(root).state, only(root).exit_code) == ("killed", 255)
    assert not stop_requested(root, uid)


def come_second(folder, *, is_primary: bool) -> None:
    """Join with names and config of its own; runs in a process."""
    nbtrack.init(
        mode="shared",
        id="one",
        project="digits",
        dir=folder,
        name="theirs",
        config={"lr": 2},
        settings={**QUIET, "x_primary": is_primary},
    ).finish()


@pytest.mark.parametrize("is_primary", [True, False])
def test_only_a_primary_process_brings_names_and_config_along(tmp_path, root, start, is_primary):
    run = join(tmp_path)
    run.name = "mine"
    run.config["lr"] = 1
    run.flush()

    start(come_second, tmp_path, is_primary=is_primary).join()
    run.finish()

    facts = only(root)
    expected = ("theirs", {"lr": 2}) if is_primary else ("mine", {"lr": 1})
    assert (facts.opened.name, facts.config) == expected
    assert (run.name, run.config.as_dict()) == expected
