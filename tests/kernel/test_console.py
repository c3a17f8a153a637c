"""Every way in which text comes out of a notebook's kernel, and where it must not come from."""

import pytest
from kernel.process import Kernel

from nbtrack.query import Api
from nbtrack.records import Stream
from nbtrack.store import ConsoleLine, Reader

OPEN = "import nbtrack; run = nbtrack.init(project='cells', name='otter'); run.display()"


@pytest.fixture
def opened(kernel: Kernel) -> Kernel:
    kernel.run(OPEN)
    return kernel


def lines_of(kernel: Kernel) -> list[ConsoleLine]:
    kernel.run("run.finish()")
    return list(Reader(kernel.root).lines(kernel.only_run().opened.uid))


def test_c_code_and_descriptors_are_heard(opened: Kernel) -> None:
    """What compiled extensions print goes past `sys.stdout`."""
    code = r"""
    import ctypes, os
    libc = ctypes.CDLL(None)
    libc.printf(b'by printf\n'); libc.fflush(None)
    os.write(1, b'by a descriptor\n')
    os.write(2, b'by the other one\n')
    """
    opened.run(code)
    opened.run("import time; time.sleep(0.3)")  # the kernel reads its pipe on a thread

    told = {(line.stream, line.text) for line in lines_of(opened)}
    assert told == {
        (Stream.STDOUT, "by printf"),
        (Stream.STDOUT, "by a descriptor"),
        (Stream.STDERR, "by the other one"),
    }


def test_shell_cells_warnings_and_colours_are_heard(opened: Kernel) -> None:
    opened.run("%%bash\necho by bash\necho by the other >&2")
    opened.run("import warnings; warnings.warn('careful')")
    opened.run(r"print('\x1b[31mred\x1b[0m plain')")

    texts = [line.text for line in lines_of(opened)]
    assert "by bash" in texts
    assert "by the other" in texts
    assert any(text.endswith("UserWarning: careful") for text in texts)
    assert "\x1b[31mred\x1b[0m plain" in texts


def test_a_progress_bar_of_tqdm_is_one_line(opened: Kernel) -> None:
    opened.run("from tqdm import tqdm\nfor _ in tqdm(range(50), desc='epoch 1'): pass")
    opened.run("for _ in tqdm(range(50), desc='epoch 2'): pass\nprint('done')")

    bars = [line for line in lines_of(opened) if "epoch" in line.text]
    assert [line.text.split(":")[0] for line in bars] == ["epoch 1", "epoch 2"]
    assert all("100%" in line.text for line in bars)
    assert {line.stream for line in bars} == {Stream.STDERR}


def test_what_is_captured_for_a_variable_stays_there(opened: Kernel) -> None:
    opened.run("%%capture caught\nprint('hidden')\nimport sys; print('too', file=sys.stderr)")
    ran = opened.run("print(caught.stdout.strip().upper())")

    assert ran.text() == "HIDDEN\n"
    assert [line.text for line in lines_of(opened)] == ["HIDDEN"]


def test_tracebacks_are_there_once_on_stderr_with_their_cell(opened: Kernel) -> None:
    request = opened.begin("def broken():\n    return 1 / 0\nbroken()")
    opened.wait(request)
    opened.run("def (:")
    opened.run("print('half', end=''); raise ValueError('sorry')")

    lines = lines_of(opened)
    first = [line for line in lines if line.cell == request]
    assert {line.stream for line in first} == {Stream.STDERR}
    assert "division by zero" in first[-1].text
    texts = [line.text for line in lines]
    assert sum("division by zero" in text for text in texts) == 1
    assert sum("SyntaxError" in text for text in texts) == 1
    assert texts.index("half") < next(i for i, text in enumerate(texts) if "sorry" in text)


def test_the_exception_that_ends_a_block_is_in_its_log(kernel: Kernel) -> None:
    """The run has ended when the traceback is shown below the cell."""
    kernel.run("import nbtrack\nwith nbtrack.init(project='cells') as run:\n    1 / 0")

    texts = kernel.log_text()
    assert texts[0] == "Traceback (most recent call last):"
    assert texts[-1] == "ZeroDivisionError: division by zero"


def test_a_logger_is_heard_with_its_level_and_name(kernel: Kernel) -> None:
    settings = "settings={'capture_loggers': {'shop': 'INFO'}}"
    kernel.run("import logging; logging.getLogger('shop').setLevel('INFO')")
    kernel.run(OPEN.replace("name=", f"{settings}, name="))
    kernel.run("logging.getLogger('shop').info('open')")
    ran = kernel.run("logging.getLogger('shop').warning('closing')")
    kernel.run("run.finish()")

    assert ran.text("stderr") == "closing\n"
    [run] = Api(kernel.folder).runs("cells")
    told = [(line["level"], line["label"], line["content"]) for line in run.console_logs()]
    assert told == [("info", "shop", "INFO:shop:open"), ("error", "stderr", "closing")]


def test_a_forked_child_prints_below_the_cell_and_into_the_log(opened: Kernel) -> None:
    code = """
    import multiprocessing
    def work(): print('by a child')
    context = multiprocessing.get_context('fork')
    child = context.Process(target=work); child.start(); child.join()
    """
    ran = opened.run(code)
    later = opened.run("import time; time.sleep(0.5)")

    assert (ran.text() + later.text()).count("by a child") == 1
    assert [line.text for line in lines_of(opened)] == ["by a child"]


def test_a_flood_is_shown_whole_and_its_log_says_what_is_missing(opened: Kernel) -> None:
    ran = opened.run("for i in range(20_000): print(i)")

    texts = [line.text for line in lines_of(opened)]
    assert ran.text().count("\n") == 20_000
    assert texts[:3] == ["0", "1", "2"]
    assert any("lines dropped" in text for text in texts)
    assert len(texts) < 5_000
