"""Files of a run are reached by name, and nothing else is."""

import os

import pytest
from storekit import UID

from nbtrack.errors import UsageError
from nbtrack.store import files_folder, open_file


@pytest.fixture
def folder(root, journal):
    """The files of a run, beside a secret."""
    folder = files_folder(root, UID)
    (folder / "code").mkdir(parents=True)
    (folder / "code" / "train.py").write_text("print(1)")
    (folder / "50% done; %2e%2e.txt").write_text("odd")
    (root / "secret.txt").write_text("secret")
    return folder


@pytest.mark.parametrize(
    ("name", "text"), [("code/train.py", "print(1)"), ("50% done; %2e%2e.txt", "odd")]
)
def test_a_file_is_read_by_its_name(root, folder, name, text):
    with open_file(root, UID, name) as file:
        assert file.read().decode() == text


@pytest.mark.parametrize(
    "name",
    [
        "../journal.nbj",
        "../../../secret.txt",
        "code/../../journal.nbj",
        "..\\..\\secret.txt",
        "C:\\secret.txt",
        "/etc/passwd",
        "//etc/passwd",
        "",
        ".",
        "code/",
        "code//train.py",
        "./code/train.py",
        "code/train.py\0.png",
        "file:///etc/passwd",
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(root, folder, name):
    with pytest.raises(UsageError, match="no name of a run's file"):
        open_file(root, UID, name)


@pytest.mark.parametrize("name", ["%2e%2e/journal.nbj", "code", "nothing", "code/train.py/x"])
def test_what_is_no_file_is_refused(root, folder, name):
    with pytest.raises(UsageError, match="the run has no file"):
        open_file(root, UID, name)


def test_no_link_is_followed(root, folder):
    """Whoever writes a run's files must not choose what its readers read."""
    (folder / "link.txt").symlink_to(root / "secret.txt")
    (folder / "way").symlink_to(root)

    for name in ("link.txt", "way/secret.txt"):
        with pytest.raises(UsageError, match="the run has no file"):
            open_file(root, UID, name)


def test_a_pipe_is_no_file_and_is_not_waited_for(root, folder):
    os.mkfifo(folder / "pipe")

    with pytest.raises(UsageError, match="the run has no file 'pipe'"):
        open_file(root, UID, "pipe")
