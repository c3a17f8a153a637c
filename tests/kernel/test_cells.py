"""What cells print and do, as the run keeps it; and that nbtrack keeps out of their way."""

import subprocess
import sys

from kernel.process import Kernel

from nbtrack.records import RunState, Stream
from nbtrack.store import Reader

OPEN = "import nbtrack; run = nbtrack.init(project='cells', name='otter')"


def test_everything_that_a_cell_prints_is_in_the_log(kernel: Kernel) -> None:
    kernel.run(OPEN + "; run.display()")
    code = """
    import logging, os, subprocess, sys, threading
    print('by print')
    print('by stderr', file=sys.stderr)
    logging.warning('by logging')
    subprocess.run(['echo', 'by a subprocess'])
    os.system('echo by the shell')
    thread = threading.Thread(target=print, args=('by a thread',))
    thread.start(); thread.join()
    """
    kernel.run(code)
    kernel.run("!echo by a bang")
    kernel.run("run.finish()")

    lines = kernel.log_text()
    for origin in ("print", "stderr", "a subprocess", "the shell", "a thread", "a bang"):
        assert f"by {origin}" in lines
    assert any(line.endswith("by logging") for line in lines)


def test_the_log_knows_stream_and_cell(kernel: Kernel) -> None:
    kernel.run(OPEN + "; run.display()")
    request = kernel.begin("import sys; print('out'); print('err', file=sys.stderr)")
    kernel.wait(request)
    kernel.run("run.finish()")

    lines = list(Reader(kernel.root).lines(kernel.only_run().opened.uid))
    assert {(line.text, line.stream, line.cell) for line in lines} == {
        ("out", Stream.STDOUT, request),
        ("err", Stream.STDERR, request),
    }


def test_a_progress_bar_is_one_line_of_the_log(kernel: Kernel) -> None:
    kernel.run(OPEN + "; run.display()")
    kernel.run("for i in range(1000): print(f'\\r{i:4d}', end='')\nprint()\nrun.finish()")

    assert kernel.log_text() == [" 999"]


def test_the_traceback_of_a_cell_is_in_the_log(kernel: Kernel) -> None:
    """The reason why a run failed is what people look for in its log."""
    kernel.run(OPEN + "; run.display()")
    kernel.run("print('before'); 1 / 0")
    kernel.run("run.finish()")

    lines = kernel.log_text()
    assert lines[0] == "before"
    assert "ZeroDivisionError" in lines[-1]


def test_an_old_traceback_is_not_told_again(kernel: Kernel) -> None:
    kernel.run("1 / 0")
    kernel.run(OPEN + "; run.display()")
    kernel.run("%no_such_magic")
    kernel.run("run.finish()")

    assert not [line for line in kernel.log_text() if "ZeroDivisionError" in line]


def test_nothing_is_kept_of_what_is_printed_before_and_after(kernel: Kernel) -> None:
    kernel.run("print('before')")
    kernel.run(OPEN + "; print('during'); run.finish(); print('after')")
    kernel.run("print('later')")

    assert kernel.log_text() == ["during"]


def test_the_log_can_be_off(kernel: Kernel) -> None:
    kernel.run(OPEN.replace("name=", "settings={'console': 'off'}, name="))
    kernel.run("print('secret')\nrun.finish()")

    assert kernel.log_text() == []


def test_what_a_cell_hides_is_not_in_the_log(kernel: Kernel) -> None:
    kernel.run("%%capture\n" + OPEN + "\nprint('hidden')")
    kernel.run("print('shown')\nrun.finish()")

    assert kernel.log_text() == ["shown"]


def test_a_run_left_open_is_said_once(kernel: Kernel) -> None:
    first = kernel.run(OPEN)
    second = kernel.run("1 + 1")
    kernel.run("run.finish()")
    third = kernel.run(OPEN)

    text = first.text("stderr")
    assert "run 'otter' is still open" in text
    assert "run.finish() ends it now" in text
    assert second.text() == third.text() == ""


def test_a_run_that_is_shown_or_ended_needs_no_warning(kernel: Kernel) -> None:
    assert kernel.run(OPEN + "; run.display()").text() == ""
    assert kernel.run("run.finish(); " + OPEN + "\nrun").text() == ""
    assert kernel.run("run.finish(); " + OPEN + "\nrun.finish()").text() == ""
    assert kernel.run("with nbtrack.init() as run: run.log({'a': 1})").text() == ""


def test_a_second_run_ends_the_first_and_says_so(kernel: Kernel) -> None:
    kernel.run(OPEN + "; run.display()")
    ran = kernel.run("run = nbtrack.init(project='cells', name='second'); run.display()")

    assert "run 'otter' was still open and is finished now" in ran.text("stdout")
    assert [facts.state for facts in kernel.runs()] == [RunState.RUNNING, RunState.FINISHED]


def test_a_broken_observer_is_told_once_and_never_reaches_the_cell(kernel: Kernel) -> None:
    kernel.run("import nbtrack\nfrom nbtrack import runs")
    broken = """
    class Broken:
        def fail(self, run): raise RuntimeError('broken observer')
        run_opened = run_closing = run_closed = fail
    runs.session().observe(Broken())
    """
    assert kernel.run(broken).status == "ok"

    ran = kernel.run("run = nbtrack.init(); run.log({'a': 1}); run.finish()")

    assert ran.status == "ok"
    assert ran.text().count("run_opened") == 0
    assert "broken observer" in ran.text("stderr")
    assert kernel.only_run().state is RunState.FINISHED


def test_a_broken_hook_is_told_once_and_never_reaches_the_cell(kernel: Kernel) -> None:
    kernel.run(OPEN + "; run.display()")
    kernel.run(
        "def broken(): raise RuntimeError('broken clock')\nnbtrack.runs.session().pause = broken"
    )
    texts = [kernel.run(f"print({number})").text() for number in range(3)]

    assert [text.splitlines()[0] for text in texts] == ["0", "1", "2"]
    assert "Error in callback" not in "".join(texts)


def test_cells_that_run_cells_count_once(kernel: Kernel) -> None:
    kernel.run(OPEN + "; run.display()")
    kernel.run("get_ipython().run_cell('1 / 0')")

    kernel.shut_down()

    assert kernel.only_run().state is RunState.FINISHED


def test_help_shows_the_signature_of_init(kernel: Kernel) -> None:
    kernel.run("import nbtrack")

    assert "project" in kernel.explain("nbtrack.init")
    assert "reinit" in "".join(kernel.complete("nbtrack.init(rein"))


def test_opening_the_door_loads_nothing_when_ipython_is_not_there() -> None:
    code = "import sys, nbtrack.kernel; print('IPython' in sys.modules, 'duckdb' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert told.stdout.split() == ["False", "False"]
