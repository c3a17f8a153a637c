"""Which cells made a run, as they were executed."""

from kernel.process import Kernel
from waiting import wait_until

from nbtrack.records import CellRun
from nbtrack.store import Reader

OPEN = "import nbtrack; run = nbtrack.init(project='cells', name='otter')"


def cells(kernel: Kernel, name: str = "otter") -> list[CellRun]:
    [facts] = [facts for facts in kernel.runs() if facts.opened.name == name]
    return Reader(kernel.root).cells(facts.opened.uid)


def test_every_cell_of_a_run_is_kept_in_order_with_how_it_went(kernel: Kernel) -> None:
    kernel.run(OPEN)
    kernel.run("x = 1\nx\n")
    kernel.run("1 / 0")
    kernel.run("def f(:")
    kernel.run("raise KeyboardInterrupt")
    kernel.run("run.finish()")
    kernel.run("after = 1")

    found = cells(kernel)
    assert [(cell.number, cell.source, cell.status) for cell in found] == [
        (0, OPEN, "ok"),
        (1, "x = 1\nx", "ok"),
        (2, "1 / 0", "error"),
        (3, "def f(:", "error"),
        (4, "raise KeyboardInterrupt", "interrupted"),
        (5, "run.finish()", "ending"),
    ]
    assert [cell.execution_count for cell in found] == [1, 2, 3, 4, 5, 6]
    assert found[2].error == "ZeroDivisionError: division by zero"
    assert found[3].error.startswith("SyntaxError: ")
    assert all(cell.duration_us > 0 and cell.started_us > 0 for cell in found)
    assert [cell.started_us for cell in found] == sorted(cell.started_us for cell in found)


def test_cells_before_the_run_are_kept_as_well(kernel: Kernel) -> None:
    """They made it, too: without them the others do not run again."""
    kernel.run("import random\nrandom.seed(3)")
    kernel.run("lr = 0.1")
    kernel.run(OPEN + "\nrun.finish()")

    found = cells(kernel)
    assert [(cell.source, cell.status, cell.execution_count) for cell in found] == [
        ("import random\nrandom.seed(3)", "before", 1),
        ("lr = 0.1", "before", 2),
        (OPEN + "\nrun.finish()", "ending", 3),
    ]


def test_of_cells_that_were_followed_before_a_run_all_is_known(kernel: Kernel) -> None:
    kernel.run("%load_ext nbtrack")
    kernel.run("1 / 0")
    kernel.run(OPEN)
    kernel.run("run.finish()")

    assert [(cell.source, cell.status) for cell in cells(kernel)] == [
        ("%load_ext nbtrack", "ok"),
        ("1 / 0", "error"),
        (OPEN, "ok"),
        ("run.finish()", "ending"),
    ]


def test_a_tracked_cell_is_kept_as_it_went(kernel: Kernel) -> None:
    kernel.run("%load_ext nbtrack")
    kernel.run("%%track otter\nnbtrack.log({'a': 1})\n1 / 0")

    last = cells(kernel)[-1]
    assert last.source == "%%track otter\nnbtrack.log({'a': 1})\n1 / 0"
    assert (last.status, last.error) == ("error", "NameError: name 'nbtrack' is not defined")


def test_secrets_in_cells_are_not_kept(kernel: Kernel) -> None:
    kernel.run('password = "before"')
    kernel.run(OPEN)
    kernel.run("import os; os.environ['HF_TOKEN'] = 'during'; raise ValueError('password=\"x1\"')")
    kernel.run("run.finish()")

    found = cells(kernel)
    assert found[0].source == 'password = "***"'
    assert "os.environ['HF_TOKEN'] = '***'" in found[2].source
    assert found[2].error == 'ValueError: password="***"'


def test_cells_of_tools_and_cells_within_cells_are_none_of_the_notebook(kernel: Kernel) -> None:
    kernel.run(OPEN)
    request = kernel._client.execute("hidden = 1", store_history=False)
    kernel.wait(request)
    request = kernel._client.execute("silent = 1", silent=True, store_history=False)
    kernel.wait(request)
    kernel.run("get_ipython().run_cell('inner = 1')")
    kernel.run("")
    kernel.run("run.finish()")

    assert [cell.source for cell in cells(kernel)] == [
        OPEN,
        "get_ipython().run_cell('inner = 1')",
        "run.finish()",
    ]


def test_two_open_runs_each_have_their_cells(kernel: Kernel) -> None:
    kernel.run(OPEN)
    kernel.run("b = nbtrack.init(project='cells', name='bear', reinit='create_new')")
    kernel.run("shared = 1")
    kernel.run("run.finish()")
    kernel.run("b.finish()")

    assert [cell.number for cell in cells(kernel)] == [0, 1, 2, 3]
    assert [cell.source for cell in cells(kernel, "bear")][-2:] == ["run.finish()", "b.finish()"]
    assert [cell.number for cell in cells(kernel, "bear")] == [0, 1, 2, 3, 4]


def test_a_run_that_is_taken_up_again_counts_its_cells_on(kernel: Kernel) -> None:
    kernel.run("import nbtrack; run = nbtrack.init(project='cells', id='a', name='otter')")
    kernel.run("run.finish()")
    kernel.restart()
    kernel.run("import nbtrack; run = nbtrack.init(project='cells', id='a', resume='must')")
    kernel.run("run.finish()")

    assert [(cell.number, cell.status) for cell in cells(kernel)] == [
        (0, "ok"),
        (1, "ending"),
        (2, "ok"),
        (3, "ending"),
    ]


def test_cells_outlive_a_killed_kernel(kernel: Kernel) -> None:
    kernel.run(OPEN)
    kernel.run("x = 1")
    wait_until(lambda: len(cells(kernel)) == 2, timeout_s=30, what="both cells")
    kernel.kill()

    assert [cell.source for cell in cells(kernel)] == [OPEN, "x = 1"]


def test_no_cell_is_kept_where_nobody_wants_them(kernel: Kernel) -> None:
    kernel.run("import nbtrack; x = 1")
    for settings in ({"save_cells": False}, {"disable_code": True}):
        kernel.run(f"nbtrack.init(project='cells', settings={settings}).finish()")
    kernel.run("nbtrack.init(mode='disabled').finish()")

    assert [Reader(kernel.root).cells(facts.opened.uid) for facts in kernel.runs()] == [[], []]


def test_a_cell_that_no_person_wrote_is_cut_and_says_so(kernel: Kernel) -> None:
    kernel.run(OPEN)
    kernel.run(f"x = {'1' * 3}\n#{'y' * 300_000}")
    kernel.run("run.finish()")

    source = cells(kernel)[1].source
    assert source.startswith("x = 111\n#yyy")
    assert source.endswith("\n# 100,009 more characters are left out")
