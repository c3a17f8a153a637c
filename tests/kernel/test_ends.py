"""How the end of a kernel, or of a cell, ends its runs."""

import signal
from functools import partial

import pytest
from kernel.process import Kernel
from waiting import wait_until

from nbtrack import query, store
from nbtrack.records import RunState
from nbtrack.store import RunFacts

IMPATIENT = """
import os, signal, threading, time
shell = get_ipython()
def be_impatient():
    while not shell.exit_now:
        time.sleep(0.01)  # nobody tells of it: one looks
    os.kill(os.getpid(), signal.SIGTERM)
threading.Thread(target=be_impatient, daemon=False).start()
"""
OPEN = "import nbtrack; run = nbtrack.init(project='ends', name='otter'); run.display()"


def test_shutting_down_finishes_an_open_run(kernel: Kernel) -> None:
    kernel.run(OPEN)
    kernel.run("run.log({'loss': 0.5})")

    kernel.shut_down()

    facts = kernel.only_run()
    assert (facts.state, facts.exit_code, facts.rows) == (RunState.FINISHED, 0, 1)
    assert facts.reason == "the kernel shut down"


def test_restarting_finishes_an_open_run(kernel: Kernel) -> None:
    kernel.run(OPEN)

    kernel.restart()

    assert kernel.only_run().state is RunState.FINISHED
    assert kernel.run("nbtrack").error == "NameError"


def test_a_kernel_that_is_killed_leaves_a_crashed_run_with_all_its_rows(kernel: Kernel) -> None:
    """SIGKILL is how notebooks end on shared machines, and where memory is short."""
    kernel.run(OPEN)
    kernel.run("for i in range(500): run.log({'loss': i, 'acc': i / 500})\nrun.flush()")

    kernel.kill()

    facts = kernel.only_run()
    assert facts.state is RunState.CRASHED
    assert facts.rows == 500
    rows = list(store.Reader(kernel.root).rows(facts.opened.uid))
    assert [row["loss"] for row in rows] == list(range(500))


def test_rows_are_safe_soon_without_being_told(kernel: Kernel) -> None:
    kernel.run(OPEN)
    kernel.run("run.log({'loss': 1.0}); import time; time.sleep(0.3)")

    kernel.kill()

    assert kernel.only_run().rows == 1


def test_the_last_cells_error_makes_an_open_run_fail(kernel: Kernel) -> None:
    kernel.run(OPEN)
    assert kernel.run("1 / 0").error == "ZeroDivisionError"

    kernel.shut_down()

    facts = kernel.only_run()
    assert (facts.state, facts.exit_code) == (RunState.FAILED, 1)


def test_code_that_is_no_python_is_an_error_too(kernel: Kernel) -> None:
    kernel.run(OPEN)
    kernel.run("this is no python")

    kernel.shut_down()

    assert kernel.only_run().state is RunState.FAILED


def test_an_error_that_was_mended_is_forgotten(kernel: Kernel) -> None:
    kernel.run(OPEN)
    kernel.run("1 / 0")
    kernel.run("")
    kernel.run("1 / 1")

    kernel.shut_down()

    assert kernel.only_run().state is RunState.FINISHED


def test_an_interrupt_leaves_the_run_open(kernel: Kernel) -> None:
    """People interrupt a cell to look around; the run goes on in the next one."""
    kernel.run(OPEN)
    busy = kernel.begin("print('up', flush=True)\nwhile True: pass")
    kernel.wait_for_output(busy, "up")

    kernel.interrupt()

    assert kernel.wait(busy).error == "KeyboardInterrupt"
    assert kernel.run("run.log({'loss': 1})").status == "ok"
    assert kernel.run("print(run.state)").text() == "running\n"


def test_a_kernel_that_ends_in_a_busy_cell_kills_the_run(kernel: Kernel) -> None:
    """A server interrupts a busy cell first when it shuts a kernel down."""
    kernel.run(OPEN)
    busy = kernel.begin("print('up', flush=True)\nwhile True: pass")
    kernel.wait_for_output(busy, "up")
    kernel.interrupt()
    kernel.wait(busy)

    kernel.shut_down()

    facts = kernel.only_run()
    assert (facts.state, facts.exit_code) == (RunState.KILLED, 255)


def test_sigterm_kills_the_run_and_the_kernel(kernel: Kernel) -> None:
    kernel.run(OPEN)
    kernel.run("run.log({'loss': 1})")

    kernel.kill(signal.SIGTERM)

    facts = kernel.only_run()
    assert (facts.state, facts.rows) == (RunState.KILLED, 1)
    assert "SIGTERM" in facts.reason


def test_sigterm_to_a_kernel_that_shuts_down_already_only_hurries_it(kernel: Kernel) -> None:
    """Threads of joblib keep a kernel from leaving, and its server gets impatient."""
    kernel.run(OPEN)
    kernel.run(IMPATIENT)

    kernel.shut_down()

    facts = kernel.only_run()
    assert (facts.state, facts.reason) == (RunState.FINISHED, "the kernel shut down")


def test_sigterm_reaches_a_busy_cell(kernel: Kernel) -> None:
    kernel.run(OPEN)
    busy = kernel.begin("print('up', flush=True)\nwhile True: run.log({'loss': 1})")
    kernel.wait_for_output(busy, "up")

    kernel.kill(signal.SIGTERM)

    assert kernel.only_run().state is RunState.KILLED


def test_leaving_by_exit_finishes_the_run(kernel: Kernel) -> None:
    kernel.run(OPEN)

    kernel.begin("exit()")

    wait_until(lambda: kernel.only_run().state is RunState.FINISHED, what="the end of the run")


def test_a_stop_interrupts_the_busy_cell_and_leaves_the_kernel_alive(kernel: Kernel) -> None:
    kernel.run(OPEN)
    busy = kernel.begin("print('up', flush=True)\nwhile True: run.log({'loss': 1})")
    kernel.wait_for_output(busy, "up")

    store.request_stop(kernel.root, kernel.only_run().opened.uid)

    assert kernel.wait(busy).error == "KeyboardInterrupt"
    facts = kernel.only_run()
    assert (facts.state, facts.reason) == (RunState.KILLED, "stopped on request")
    assert kernel.run("print(6 * 7)").text() == "42\n"


def test_a_stop_reaches_a_cell_that_sleeps(kernel: Kernel) -> None:
    kernel.run(OPEN)
    busy = kernel.begin("print('up', flush=True)\nimport time; time.sleep(60)")
    kernel.wait_for_output(busy, "up")

    store.request_stop(kernel.root, kernel.only_run().opened.uid)

    assert kernel.wait(busy).error == "KeyboardInterrupt"
    assert kernel.only_run().state is RunState.KILLED


def test_a_stop_reaches_a_cell_that_awaits(kernel: Kernel) -> None:
    kernel.run(OPEN)
    busy = kernel.begin("import asyncio; print('up', flush=True)\nawait asyncio.sleep(60)")
    kernel.wait_for_output(busy, "up")

    store.request_stop(kernel.root, kernel.only_run().opened.uid)

    assert kernel.wait(busy).status == "error"
    assert kernel.only_run().state is RunState.KILLED


def test_a_stop_is_a_stop_also_when_the_code_catches_the_interrupt(kernel: Kernel) -> None:
    """Trainings save a checkpoint in `except KeyboardInterrupt`."""
    kernel.run(OPEN)
    code = """
    try:
        print('up', flush=True)
        while True: pass
    except KeyboardInterrupt:
        run.log({'saved': 1})
    """
    busy = kernel.begin(code)
    kernel.wait_for_output(busy, "up")

    store.request_stop(kernel.root, kernel.only_run().opened.uid)

    assert kernel.wait(busy).status == "ok"
    facts = kernel.only_run()
    assert (facts.state, facts.rows) == (RunState.KILLED, 1)


def test_a_run_is_ended_from_elsewhere_between_cells_and_resumed(kernel: Kernel) -> None:
    """What was asked of it before it was resumed is not asked of it any more."""
    kernel.run(OPEN)
    again = "run = nbtrack.init(project=run.project, id=run.id, resume='must')"
    found = query.Api(kernel.root).run("ends/" + kernel.only_run().opened.id)
    ends = {
        RunState.FINISHED: (found.finish, "ended on request"),
        RunState.FAILED: (partial(found.finish, 3), "ended on request"),
        RunState.KILLED: (found.stop, "stopped on request"),
    }

    for state, (request, reason) in ends.items():
        request()
        wait_until(lambda: kernel.only_run().state is state, what="the end of the run")  # noqa: B023
        assert kernel.only_run().reason == reason
        assert kernel.run("print(run.state)").text() == f"{state}\n"
        kernel.run(again)
        assert kernel.run("print(run.state)").text() == "running\n"


def called(kernel: Kernel, name: str) -> RunFacts:
    """Return the run of a name."""
    return next(run for run in kernel.runs() if run.opened.name == name)


def test_a_run_at_work_is_finished_with_its_cell(kernel: Kernel) -> None:
    """Somebody asked while nothing went on; the cell began before the kernel heard it."""
    kernel.run("import nbtrack")
    for end, exit_code in (("pass", 0), ("1 / 0", 1), ("pass", 3)):
        name = f"{end} {exit_code}"
        kernel.run(f"run = nbtrack.init(project='ends', name='{name}')")
        code = f"""
        print('up', flush=True)
        while not nbtrack.runs.session().finish_asked(run): pass
        run.log({{'loss': 1}})
        {end}
        """
        busy = kernel.begin(code)
        kernel.wait_for_output(busy, "up")

        asked = 0 if end == "1 / 0" else exit_code
        store.request_finish(kernel.root, called(kernel, name).opened.uid, asked)

        kernel.wait(busy)
        facts = called(kernel, name)
        assert (facts.exit_code, facts.rows) == (exit_code, 1)
        assert facts.state is (RunState.FAILED if exit_code else RunState.FINISHED)


LATE = """
import signal, threading, time, nbtrack
from nbtrack.kernel.door import door_of

cells, send = door_of(get_ipython())._cells, signal.pthread_kill
free = cells._lock

class Late:
    def __enter__(self):
        cells._lock = free
        stop = nbtrack.runs.session().stop
        thread = threading.Thread(target=stop, args=(run.uid,))
        thread.start()
        thread.join()
        free.acquire()

    def __exit__(self, *_):
        free.release()

def send_later(*arguments):
    threading.Timer(DELAY_S, send, arguments).start()

signal.pthread_kill = send_later if DELAY_S else send
cells._lock = Late()
"""


@pytest.mark.parametrize("delay_s", [0, 0.002])
def test_a_stop_as_the_cell_ends_never_reaches_the_next_one(kernel: Kernel, delay_s: float) -> None:
    """The stop wins the race for the lock; its interrupt arrives at once, or a little later."""
    kernel.run(OPEN)

    ends = kernel.run(LATE.replace("DELAY_S", str(delay_s)))
    following = kernel.run("time.sleep(0.05); print('undisturbed')")

    assert ends.status == "ok"
    assert following.text() == "undisturbed\n"
    facts = kernel.only_run()
    assert (facts.state, facts.reason) == (RunState.KILLED, "stopped on request")


def test_active_time_stands_still_between_cells(kernel: Kernel) -> None:
    kernel.run(OPEN)
    kernel.run("import time; run.flush()")
    assert not kernel.only_run().ticking
    between_us = kernel.only_run().active_us

    ran = kernel.run(
        "first = run.active_us; time.sleep(0.05); print(first, run.active_us); run.flush()"
    )

    first_us, second_us = map(int, ran.text().split())
    assert first_us - between_us < 50_000
    assert second_us - first_us >= 50_000
    kernel.run("run.flush()")
    assert not kernel.only_run().ticking


def test_a_run_that_was_never_shown_leaves_how_it_went_below_the_cell(kernel: Kernel) -> None:
    begun = kernel.run("import nbtrack; run = nbtrack.init(name='<b>otter</b>', project='ends')")
    kernel.run("for i in range(50): run.log({'loss': 1 / (i + 1), '<i>acc': i})")
    ended = kernel.run("run.finish()")

    [bundle] = ended.bundles()
    assert "nbtrack show" not in begun.text()
    assert ended.text() == ""
    assert bundle["text/plain"].startswith("nbtrack run <b>otter</b> (ends) · finished · ")
    assert "  loss    █" in bundle["text/plain"]
    assert "&lt;b&gt;otter&lt;/b&gt;" in bundle["text/html"]
    assert "<b>" not in bundle["text/html"]
    assert "<i>" not in bundle["text/html"]


def test_nothing_more_is_left_of_a_run_that_is_shown_or_quiet(kernel: Kernel) -> None:
    kernel.run(OPEN)
    shown = kernel.run("run.finish()")
    kernel.run("run = nbtrack.init(project='ends')")
    quiet = kernel.run("run.finish(quiet=True)")

    assert all("otter (ends)" not in bundle["text/plain"] for bundle in shown.bundles())
    assert quiet.bundles() == []
    assert quiet.text() == ""
