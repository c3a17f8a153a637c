"""`output.log`: what a run printed, as a file."""

import os
import sys
from contextlib import closing

import pytest
from waiting import wait_until

import nbtrack
from nbtrack.query import Api
from nbtrack.store import Reader, trash_run


def opened(tmp_path, **arguments):
    settings = {"x_disable_stats": True, "silent": True, "console": "off", "save_code": False}
    return nbtrack.init(project="output", dir=tmp_path, settings=settings, **arguments)


def test_what_a_run_printed_is_a_file_of_its_own(tmp_path):
    run = opened(tmp_path)
    run.write_logs("one\ntwo")
    file = tmp_path / ".nbtrack" / "runs" / run.uid / "files" / "output.log"
    wait_until(file.exists, what="the file, while the run goes on")
    run.write_logs("\x1b[31mlast\x1b[0m \udcff")
    run.finish()

    [found] = [one for one in Api(tmp_path).runs("output")[0].files() if one.name == "output.log"]
    text = found.download(tmp_path).read_text()
    assert text == "one\ntwo\n\x1b[31mlast\x1b[0m \\udcff\n"
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_run_that_printed_nothing_has_no_such_file(tmp_path):
    opened(tmp_path).finish()

    assert Api(tmp_path).runs("output")[0].files(["output.log"]) == []


def test_a_resumed_run_goes_on_in_its_file(tmp_path):
    for line in ("first", "second"):
        run = opened(tmp_path, id="same", resume="allow")
        run.write_logs(line)
        run.finish()

    assert Api(tmp_path).run("output/same").file("output.log").path.read_text() == "first\nsecond\n"


def test_a_file_that_cannot_be_written_is_said_and_the_log_has_the_lines(tmp_path):
    run = opened(tmp_path)
    os.symlink(tmp_path / "elsewhere", os.path.join(run.dir, "output.log"))  # noqa: PTH118, PTH211
    run.write_logs("line")
    reader = Reader(tmp_path / ".nbtrack")
    [notice] = wait_until(lambda: reader.run(run.uid).notices, what="the notice")
    run.finish()

    assert not (tmp_path / "elsewhere").exists()
    assert [line.text for line in reader.lines(run.uid)] == ["line"]
    assert "output.log of the run cannot be written" in notice.text


def test_a_deleted_run_is_not_brought_back_by_a_line(tmp_path):
    run = opened(tmp_path)
    run.finish()
    trash_run(tmp_path / ".nbtrack", run.uid)
    run.write_logs("late")

    assert not (tmp_path / ".nbtrack" / "runs" / run.uid).exists()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks here")
def test_a_forked_child_adds_nothing(tmp_path):
    run = opened(tmp_path)
    run.write_logs("parent")
    pid = os.fork()
    if pid == 0:
        run.write_logs("child")
        run.finish()
        os._exit(0)
    os.waitpid(pid, 0)
    run.finish()

    assert Api(tmp_path).runs("output")[0].file("output.log").path.read_text() == "parent\n"


def printing(tmp_path, name):
    """Open a run whose log gets what is printed, beside those that are open."""
    settings = {"x_disable_stats": True, "silent": True, "console": "wrap", "save_code": False}
    return nbtrack.init(
        project="output", dir=tmp_path, name=name, settings=settings, reinit="create_new"
    )


def lines_of(run):
    with closing(Reader(run.root)) as reader:
        return [line.text for line in reader.lines(run.uid)]


def test_a_flood_in_one_run_takes_nothing_from_the_log_of_the_next(tmp_path):
    """A run that goes on around others, as in a sweep."""
    outer = printing(tmp_path, "outer")
    sys.stdout.write("x\n" * 5_000)
    inner = printing(tmp_path, "inner")
    sys.stdout.write("of both\n")
    inner.finish()
    outer.finish()

    assert lines_of(inner) == ["of both"]
    assert lines_of(outer).count("x") == 2_000


def test_what_was_printed_before_a_run_began_is_not_in_its_log(tmp_path):
    outer = printing(tmp_path, "outer")
    sys.stdout.write("before\n")
    sys.stdout.write("begun")
    inner = printing(tmp_path, "inner")
    sys.stdout.write(" and ended\n")
    inner.finish()
    sys.stdout.write("after\n")
    outer.finish()

    assert lines_of(outer) == ["before", "begun and ended", "after"]
    assert lines_of(inner) == [" and ended"]
