"""What asks a run to end: a file that is whole, and that anybody may have written."""

import os

import pytest
from storekit import UID

from nbtrack.store import asked_exit_code, request_finish, run_folder, stop_requested


@pytest.mark.parametrize("code", [0, 3, -1, 2**63 - 1, True])
def test_an_exit_code_comes_as_it_was_asked_for(root, journal, code):
    request_finish(root, UID, 7)
    request_finish(root, UID, code)

    assert stop_requested(root, UID, "finish")
    assert asked_exit_code(root, UID, "finish") == code
    assert [path.name for path in run_folder(root, UID).glob("*finish*")] == ["finish"]


@pytest.mark.parametrize("text", ["", "done", "0x10", "1\n2", "9" * 5_000])
def test_what_is_no_exit_code_says_none(root, journal, text):
    (run_folder(root, UID) / "finish").write_text(text)

    assert asked_exit_code(root, UID, "finish") == 0


@pytest.mark.parametrize("kind", ["pipe", "link", "folder"])
def test_what_is_no_file_is_not_waited_for(root, journal, kind, tmp_path):
    path = run_folder(root, UID) / "finish"
    (tmp_path / "theirs").write_text("3")
    {"pipe": os.mkfifo, "link": lambda at: at.symlink_to(tmp_path / "theirs"), "folder": os.mkdir}[
        kind
    ](path)

    assert asked_exit_code(root, UID, "finish") == 0


def test_a_request_can_be_read_by_who_writes_the_run_for_another_user(root, journal):
    before = os.umask(0o077)
    try:
        request_finish(root, UID, 3)
    finally:
        os.umask(before)

    assert (run_folder(root, UID) / "finish").stat().st_mode & 0o777 == 0o644
