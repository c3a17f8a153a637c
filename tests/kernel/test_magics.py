"""`%load_ext`, `%nbtrack` and `%%track`."""

import pytest
from kernel.process import Kernel
from waiting import wait_until

from nbtrack import store
from nbtrack.records import RunState

OPEN = "import nbtrack; run = nbtrack.init(project='magics', name='otter', id='id1'); run.display()"


def test_loading_the_extension_works_alone_and_twice(kernel: Kernel) -> None:
    assert kernel.run("%load_ext nbtrack").text() == ""
    assert kernel.run("%nbtrack").status == "ok"
    assert "already loaded" in kernel.run("%load_ext nbtrack").text()
    assert kernel.run("%reload_ext nbtrack").status == "ok"


def test_status_shows_what_is_open(kernel: Kernel) -> None:
    kernel.run("%load_ext nbtrack")
    [before] = kernel.run("%nbtrack").bundles()
    kernel.run(OPEN)
    after = kernel.run("%nbtrack status").bundles()[0]

    assert "No run is open" in before["text/plain"]
    assert "otter" in after["text/plain"]
    assert "running" in after["text/html"]


def test_a_workspace_without_runs_is_an_empty_list(kernel: Kernel) -> None:
    kernel.run("%load_ext nbtrack")
    [shown] = kernel.run("%nbtrack list").bundles()

    assert shown["text/plain"] == f"No run yet in {kernel.root}."
    assert not kernel.root.exists()


def test_list_shows_the_runs_of_the_workspace(kernel: Kernel) -> None:
    kernel.run(OPEN)
    kernel.run("run.finish()")
    shown = kernel.run("%nbtrack list").bundles()[0]

    assert "otter" in shown["text/plain"]
    assert "finished" in shown["text/plain"]
    assert "1 run in" in shown["text/plain"]


def test_names_are_text_and_never_html(kernel: Kernel) -> None:
    name = "<img src=x onerror=alert(1)>\x1b[31m"
    kernel.run(f"import nbtrack; run = nbtrack.init(name={name!r}); run.log({{'a': 1}})")
    for magic in ("%nbtrack status", "%nbtrack list"):
        [shown] = kernel.run(magic).bundles()

        assert "<img" not in shown["text/html"]
        assert "&lt;img" in shown["text/html"]
        assert "\x1b" not in shown["text/plain"]


def test_cells_shows_what_made_a_run(kernel: Kernel) -> None:
    kernel.run("x = '<img src=x>\x1b[31m'")
    kernel.run("import nbtrack; run = nbtrack.init(name='otter', id='id1')")
    kernel.run("1 / 0")
    [shown] = kernel.run("%nbtrack cells").bundles()
    [same] = kernel.run("%nbtrack cells otter").bundles()

    lines = shown["text/plain"].splitlines()
    assert lines[0] == "[1] before"
    assert [line for line in lines if line.startswith("[3] error")]
    assert "    ZeroDivisionError: division by zero" in lines
    assert lines[-1].endswith("As a notebook: nbtrack reproduce id1 -o again.ipynb")
    assert "<img" not in shown["text/html"]
    assert "\x1b" not in shown["text/plain"]
    assert "[4] ok" in same["text/plain"]


def test_cells_of_no_run_are_not_shown(kernel: Kernel) -> None:
    kernel.run("%load_ext nbtrack")

    assert "no run was opened in this kernel" in kernel.run("%nbtrack cells").text("stderr")


def test_finish_and_stop_end_the_open_run(kernel: Kernel) -> None:
    kernel.run(OPEN)
    finished = kernel.run("%nbtrack finish")
    kernel.run("run = nbtrack.init(project='magics', name='fox')")
    stopped = kernel.run("%nbtrack stop")

    assert finished.text() == "Run 'otter' is finished.\n"
    assert stopped.text() == "Run 'fox' is stopped.\n"
    ends = {run.opened.name: run.state for run in kernel.runs()}
    assert ends == {"otter": RunState.FINISHED, "fox": RunState.KILLED}


def test_runs_of_another_kernel_are_finished_and_stopped(
    kernel: Kernel, other_kernel: Kernel
) -> None:
    kernel.run("%load_ext nbtrack")
    ends = {"finish": RunState.FINISHED, "stop": RunState.KILLED}
    for wish, state in ends.items():
        other_kernel.run(OPEN.replace("otter", wish).replace("id1", wish))
        wait_until(lambda: kernel.runs()[0].idle_us is not None, what="the end of the cell")

        ran = kernel.run(f"%nbtrack {wish} {wish}")

        assert ran.text() == f"Run {wish!r} is asked to {wish}.\n"
        wait_until(lambda: kernel.runs()[0].state is state, what="the end of the run")  # noqa: B023
        assert f"{state} already" in kernel.run(f"%nbtrack {wish} {wish}").text()


def test_open_shows_a_run_again(kernel: Kernel) -> None:
    kernel.run(OPEN)
    kernel.run("run.finish()")
    for name in ("", "otter", "id1", "magics/id1"):
        bundles = kernel.run(f"%nbtrack open {name}").bundles()
        assert "otter" in bundles[0]["text/html"], name
    assert kernel.run("%nbtrack magics/id1").bundles()


def test_open_takes_every_form_of_an_address(kernel: Kernel) -> None:
    kernel.run(OPEN)
    kernel.run("run.finish(); path, page = run.path, run.url")
    path, page = (kernel.run(f"print({name})").text().strip() for name in ("path", "page"))
    entity = path.split("/")[0]
    lab = f"http://localhost:8888/hub/lab/tree/a.ipynb?nbtrack={entity}/magics"

    for address in (f"{lab}/runs/id1", page, page.removesuffix("/report.html"), path):
        bundles = kernel.run(f"%nbtrack {address}").bundles()
        assert "otter" in bundles[0]["text/html"], address
    for project in (lab, f"{entity}/magics"):
        assert "1 run in" in kernel.run(f"%nbtrack {project}").bundles()[0]["text/plain"]
    assert "is no address of a run" in kernel.run("%nbtrack https://example.org/").text()


def test_a_run_of_another_kernel_is_displayed_live(kernel: Kernel, other_kernel: Kernel) -> None:
    """Its panel moves: it is a widget, and not only a picture."""
    other_kernel.run(f"{OPEN}; run.log({{'loss': 1}})")
    kernel.run("import nbtrack; found = nbtrack.Api().run('magics/id1')")

    shown = kernel.run("found.display()").bundles()[0]  # news of the run may follow
    picture = kernel.run("found").bundles()[0]

    assert "otter" in shown["text/html"]
    assert "otter" in picture["text/html"]
    assert "application/vnd.nbtrack.run.v1+json" in picture
    assert kernel.run("print(repr(found.display()))").text().endswith("True\n")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("%nbtrack lsit", "there is no command 'lsit'. Did you mean 'list'?"),
        ("%nbtrack open oter", "no run 'oter' in"),
        ("%nbtrack finish", "no run is open in this kernel. Type %nbtrack finish NAME"),
        ("%nbtrack hooks", "type %nbtrack hooks on"),
        ("%nbtrack open --height tall", "argument --height: invalid int value: 'tall'"),
        ("%nbtrack stop 'otter", "No closing quotation"),
        ("%%track a --config lr", "--config takes KEY=VALUE"),
        ("%%track a --project a/b", "project"),
    ],
)
def test_wrong_input_says_what_to_type(kernel: Kernel, line: str, told: str) -> None:
    kernel.run("%load_ext nbtrack")
    ran = kernel.run(line + "\nprint('went on')")

    assert ran.status == "error"
    assert ran.error == "UsageError"
    assert told in ran.text("stderr")
    assert "went on" not in ran.text("stdout")


def test_a_similar_name_is_offered(kernel: Kernel) -> None:
    kernel.run(OPEN)

    assert "(1 run). Did you mean 'otter'?" in kernel.run("%nbtrack open oter").text()


def test_help_and_completion(kernel: Kernel) -> None:
    kernel.run("%load_ext nbtrack")
    kernel.run(OPEN)

    assert "%nbtrack stop [NAME]" in kernel.explain("%nbtrack")
    assert "--config" in kernel.explain("%%track")
    assert "status" in kernel.complete("%nbtrack ")
    assert kernel.complete("%nbtrack li") == ["list"]
    assert {"on", "off"} <= set(kernel.complete("%nbtrack hooks o"))
    assert "otter" in kernel.complete("%nbtrack open ")
    assert "%%track" in kernel.complete("%%tra")


def test_hooks_can_be_off(kernel: Kernel) -> None:
    kernel.run("%load_ext nbtrack")
    kernel.run("%nbtrack hooks off")
    [status] = kernel.run("%nbtrack").bundles()
    assert "Cell hooks are off" in status["text/plain"]
    assert kernel.run("import nbtrack; run = nbtrack.init()").text() == ""

    kernel.run("%nbtrack hooks on")

    kernel.run("%%track tracked\npass")
    assert [facts.state for facts in kernel.runs()] == [RunState.FINISHED, RunState.FINISHED]


TRACKED = "%%track brave otter --project tracked -c lr=1e-3 -c opt=adam -c deep=true\n"


def test_a_tracked_cell_is_a_run(kernel: Kernel) -> None:
    kernel.run("%load_ext nbtrack")
    ran = kernel.run(TRACKED + "import nbtrack; nbtrack.log({'a': 1})\n6 * 7")

    facts = kernel.only_run()
    assert ran.text() == ""
    result, outline = ran.bundles()
    assert result == {"text/plain": "42"}
    assert "· finished ·" in outline["text/plain"]
    assert (facts.state, facts.exit_code, facts.rows) == (RunState.FINISHED, 0, 1)
    assert (facts.opened.name, facts.opened.project) == ("brave otter", "tracked")
    assert facts.config == {"lr": 1e-3, "opt": "adam", "deep": True}
    assert list(store.Reader(kernel.root).keys(facts.opened.uid)) == ["a"]


def test_a_tracked_cell_that_fails_is_a_failed_run(kernel: Kernel) -> None:
    kernel.run("%load_ext nbtrack")
    ran = kernel.run("\n# a comment\n%%track\nx = 1\n1 / 0")

    facts = kernel.only_run()
    assert ran.error == "ZeroDivisionError"
    assert (facts.state, facts.exit_code) == (RunState.FAILED, 1)


def test_a_tracked_cell_that_is_interrupted_is_a_killed_run(kernel: Kernel) -> None:
    kernel.run("%load_ext nbtrack")
    busy = kernel.begin("%%track\nprint('up', flush=True)\nwhile True: pass")
    kernel.wait_for_output(busy, "up")
    kernel.interrupt()

    assert kernel.wait(busy).error == "KeyboardInterrupt"
    assert kernel.only_run().state is RunState.KILLED


def test_a_tracked_cell_may_await(kernel: Kernel) -> None:
    kernel.run("%load_ext nbtrack")
    ran = kernel.run("%%track\nimport asyncio\nawait asyncio.sleep(0.01)\nprint('awaited')")

    assert ran.text() == "awaited\n"
    assert kernel.only_run().state is RunState.FINISHED


def test_a_tracked_cell_that_stops_its_own_run_is_left_alone(kernel: Kernel) -> None:
    kernel.run("%load_ext nbtrack")
    ran = kernel.run("%%track\nimport nbtrack\nnbtrack.run.finish(exit_code=3)")

    assert ran.status == "ok"
    assert kernel.only_run().exit_code == 3


def test_unloading_says_what_stays_open_and_takes_all_away(kernel: Kernel) -> None:
    kernel.run("%load_ext nbtrack")
    kernel.run(OPEN)
    ran = kernel.run("%unload_ext nbtrack")

    assert "run 'otter' is still open and no longer followed" in ran.text("stderr")
    for line in ("%nbtrack", "%%track\npass"):
        assert "not found" in kernel.run(line).text()
    assert kernel.run("run.log({'a': 1})").status == "ok"

    kernel.run("%load_ext nbtrack")
    assert kernel.run("%nbtrack stop").text() == "Run 'otter' is stopped.\n"
    kernel.run("%%track\npass")
    assert kernel.runs()[0].state is RunState.FINISHED


def test_an_unloaded_kernel_still_ends_its_runs(kernel: Kernel) -> None:
    kernel.run("%load_ext nbtrack")
    kernel.run(OPEN)
    kernel.run("%unload_ext nbtrack")

    kernel.shut_down()

    assert kernel.only_run().state is RunState.FINISHED


def test_a_crash_is_told_when_the_notebook_comes_back(kernel: Kernel) -> None:
    """A server starts a killed kernel anew, under the same id."""
    kernel.run(OPEN)
    kernel.run("for i in range(12): run.log({'a': i})\nrun.flush()")
    kernel.kill()
    kernel.restart()

    told = kernel.run("%load_ext nbtrack").text()
    kernel.run("import nbtrack; nbtrack.init().finish()")
    kernel.restart()

    assert "run 'otter' crashed with its kernel; its 12 rows are kept." in told
    assert kernel.run("%load_ext nbtrack").text() == ""


def test_several_crashes_are_told_in_one_line(kernel: Kernel) -> None:
    for name in ("first", "second"):
        kernel.run(f"import nbtrack; run = nbtrack.init(name={name!r})")
        kernel.kill()
        kernel.restart()

    told = kernel.run("%load_ext nbtrack").text()

    assert "runs 'second', 'first' crashed with their kernel; their rows are kept." in told
