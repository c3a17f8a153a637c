"""Trouble in the metrics stops a cell, and nothing but the cell."""

from kernel.process import Kernel

from nbtrack.records import RunState

LOOP = """
import math, time
for step in range(10_000):
    run.log({'loss': math.nan if step >= 3 else 1.0})
    time.sleep(0.01)
"""


def test_a_nan_stops_the_cell_and_the_kernel_goes_on(kernel: Kernel) -> None:
    begin = "import nbtrack; run = nbtrack.init(project='health', watch_for={'nan': 'stop'})"
    kernel.run(begin + "; run.display()")

    ran = kernel.run(LOOP)
    after = kernel.run("print(step < 9_999, run.state)")

    assert ran.error == "KeyboardInterrupt"
    assert "is stopped: metric 'loss' is NaN for the first time at step 3." in ran.text("stderr")
    assert after.text() == "True killed\n"
    facts = kernel.only_run()
    assert facts.state is RunState.KILLED
    assert facts.reason == "metric 'loss' is NaN for the first time at step 3."


def test_a_wish_that_cannot_be_read_is_an_error_of_the_cell(kernel: Kernel) -> None:
    ran = kernel.run("import nbtrack; nbtrack.init(watch_for={'nan': 'halt'})")

    assert ran.error == "UsageError"
    assert kernel.runs() == []
