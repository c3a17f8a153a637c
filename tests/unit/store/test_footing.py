"""Where the database lies: in the workspace, unless its locks prove nothing there."""

import errno
import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest
from storekit import UID, opened_run, rows

from nbtrack.store import Ingester, Journal, Reader, footing, open_workspace
from nbtrack.store.footing import (
    NOWHERE,
    filesystem_of,
    footing_of,
    is_network,
    type_of_mount,
)

MOUNTS = r"""22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard
40 27 0:50 / /home rw,relatime shared:7 master:1 - nfs4 server:/home rw,vers=4.2
41 40 0:51 / /home/my\040disk\011-\040ext4\134 rw - cifs //server/a\040-\040ext4 rw
42 27 0:52 / /data rw - ext4 /dev/vdb rw
43 42 0:52 /deep /data/deep rw - fuse.sshfs me@server: rw
short
"""


@pytest.fixture
def root(tmp_path) -> Path:
    return open_workspace(tmp_path / ".nbtrack")


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    """A cache folder of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "nbtrack"


@pytest.fixture
def lying(monkeypatch) -> None:
    """Every lock is granted, as on NFS without a lock server."""
    monkeypatch.setattr(fcntl, "flock", lambda *_: None)


@pytest.mark.parametrize(
    ("sign", "kind"),
    [
        ("22", "proc"),
        ("27", "ext4"),
        ("40", "nfs4"),
        ("41", "cifs"),
        ("42", "ext4"),
        ("43", "fuse.sshfs"),
        ("0:50", "nfs4"),
        ("254:0", "ext4"),
        ("0:52", "fuse.sshfs"),
    ],
)
def test_the_type_of_a_mount_is_found_whatever_it_is_called(sign, kind):
    """Blanks, tabs and backslashes in names are escaped, and there may be optional fields."""
    assert type_of_mount(MOUNTS, sign) == kind


@pytest.mark.parametrize("end", ["\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028"])
def test_a_mount_cannot_be_called_like_another_one(end):
    """Whoever may mount something chooses its name."""
    hostile = f"99 1 0:99 / /mnt/{end}27 x - - nfs4 - nfs4 rw - tmpfs tmpfs rw\n"

    assert type_of_mount(MOUNTS + hostile, "27") == "ext4"


def test_a_mount_that_is_not_there_has_no_type():
    with pytest.raises(LookupError):
        type_of_mount(MOUNTS, "99")


def test_the_type_of_a_real_folder_is_what_the_kernel_says(tmp_path):
    assert filesystem_of(Path("/proc/self")) == "proc"
    assert filesystem_of(tmp_path) not in ("", "proc")
    assert filesystem_of(tmp_path / "missing") == ""


def test_without_the_files_of_linux_the_longest_mount_point_tells(tmp_path):
    assert footing._type_elsewhere(tmp_path.resolve()) == filesystem_of(tmp_path)
    assert footing._type_elsewhere(Path("\\\\server\\share")) == "smb"


@pytest.mark.parametrize(
    "kind",
    ["nfs", "nfs4", "cifs", "smb3", "9p", "virtiofs", "lustre", "gpfs", "ceph", "vboxsf", "NFS",
     "fuse", "fuse.sshfs", "fuse.rclone", "fuse.s3fs", "fuse.invented", "macfuse"],
)  # fmt: skip
def test_these_are_network_file_systems(kind):
    assert is_network(kind)


@pytest.mark.parametrize(
    "kind",
    ["ext4", "xfs", "btrfs", "zfs", "tmpfs", "overlay", "apfs", "ntfs", "fuseblk",
     "fuse.mergerfs", "fuse.fuse-overlayfs", ""],
)  # fmt: skip
def test_these_are_local(kind):
    assert not is_network(kind)


def test_a_workspace_on_a_local_disk_has_its_own_database(root, cache):
    found = footing_of(root)

    assert (found.folder, found.is_shared, found.has_locks) == (root, False, True)
    assert "local file system" in found.reason
    assert not cache.exists()


def test_where_there_is_no_workspace_nothing_is_made(tmp_path):
    missing = tmp_path / "missing" / ".nbtrack"

    assert footing_of(missing).folder == missing
    assert footing_of(Path("a\0b")).is_shared is False
    assert not missing.parent.exists()


def test_what_is_said_of_a_workspace_holds_for_every_process(root, cache):
    open_workspace(root, is_network=True)

    code = f"from nbtrack.store import footing_of; print(footing_of(__import__('pathlib').Path({str(root)!r})).folder)"  # noqa: E501
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    found = footing_of(root)
    assert found.is_shared
    assert found.has_locks
    assert found.folder.parent == cache
    assert other.stdout.strip() == str(found.folder)


def test_what_is_said_later_holds_from_then_on(root, cache):
    assert not footing_of(root).is_shared
    open_workspace(root, is_network=True)
    assert footing_of(root).is_shared
    open_workspace(root)
    assert footing_of(root).is_shared
    open_workspace(root, is_network=False)
    assert not footing_of(root).is_shared


def test_what_is_known_of_a_workspace_is_not_taken_for_another(root, cache, monkeypatch):
    other = open_workspace(root.parent / "other" / ".nbtrack")
    open_workspace(root, is_network=True)
    monkeypatch.chdir(root.parent)
    assert footing_of(Path(".nbtrack")).is_shared

    monkeypatch.chdir(other.parent)

    assert footing_of(Path(".nbtrack")).folder == other


def test_a_workspace_whose_locks_lie_is_shared(root, lying):
    found = footing_of(root)

    assert found.is_shared
    assert "does not keep locks" in found.reason
    assert not found.has_locks


def test_one_may_insist_that_a_workspace_is_local(root, lying):
    open_workspace(root, is_network=False)

    assert footing_of(root).folder == root


def test_a_workspace_without_any_locks_is_shared(root, monkeypatch):
    def refuse(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)

    assert footing_of(root).is_shared


def test_a_gate_that_somebody_holds_is_a_proof_of_locks(root):
    with (root / "gate").open("w") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)

        assert not footing_of(root).is_shared


def test_a_network_file_system_is_shared_however_honest_its_locks_look(root, cache, monkeypatch):
    """NFS with `local_lock` keeps locks within a host and forgets them between hosts."""
    real = filesystem_of
    monkeypatch.setattr(
        footing, "filesystem_of", lambda folder: "nfs4" if folder == root else real(folder)
    )

    found = footing_of(root)

    assert found.reason == "lies on a network file system (nfs4)"
    assert found.folder.parent == cache


def test_a_home_on_a_network_file_system_is_no_place_for_a_database(root, cache, monkeypatch):
    real = filesystem_of
    homes = (str(root), str(cache))
    monkeypatch.setattr(
        footing,
        "filesystem_of",
        lambda folder: "nfs4" if str(folder).startswith(homes) else real(folder),
    )
    monkeypatch.setattr(footing.tempfile, "gettempdir", lambda: str(root.parent / "tmp"))

    assert footing_of(root).folder.parent == root.parent / "tmp" / f"nbtrack-{os.getuid()}"


def test_the_folder_that_the_environment_names_is_taken(root, tmp_path, monkeypatch):
    monkeypatch.setenv("NBTRACK_CACHE_DIR", str(tmp_path / "mine"))
    open_workspace(root, is_network=True)

    assert footing_of(root).folder.parent == tmp_path / "mine"


@pytest.mark.parametrize("named", ["~nobody-of-this-name/x", "a\ud800b", "x" * 5_000])
def test_a_folder_that_cannot_be_is_not_taken(root, tmp_path, monkeypatch, named):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(footing.os, "environ", {"NBTRACK_CACHE_DIR": named})
    open_workspace(root, is_network=True)

    found = footing_of(root)

    assert found.is_shared
    assert found.folder == NOWHERE or found.folder.is_relative_to(tmp_path)


def test_a_derived_database_is_its_users_alone(root, cache):
    cache.mkdir(parents=True, mode=0o755)
    open_workspace(root, is_network=True)

    folder = footing_of(root).folder

    assert [one.stat().st_mode & 0o777 for one in (folder, cache)] == [0o700, 0o700]


@pytest.mark.parametrize("trap", ["link", "other", "file"])
def test_a_folder_that_somebody_else_prepared_is_not_taken(root, tmp_path, monkeypatch, trap):
    """In /tmp anybody may make a folder of any name, or a link to one."""
    prepared = tmp_path / "tmp" / f"nbtrack-{os.getuid()}"
    prepared.parent.mkdir()
    if trap == "link":
        (tmp_path / "theirs").mkdir()
        prepared.symlink_to(tmp_path / "theirs")
    elif trap == "file":
        prepared.touch()
    else:
        prepared.mkdir()
        monkeypatch.setattr(footing, "_user", lambda *_: os.getuid() + 1)
        prepared.rename(prepared.with_name(f"nbtrack-{os.getuid() + 1}"))
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/nowhere")
    monkeypatch.setattr(footing.tempfile, "gettempdir", lambda: str(tmp_path / "tmp"))
    open_workspace(root, is_network=True)

    found = footing_of(root)

    assert (found.folder, found.has_locks) == (NOWHERE, False)
    assert not list(tmp_path.glob("theirs/*"))


def test_without_a_place_for_a_database_runs_are_read_from_their_journals(root, monkeypatch):
    monkeypatch.setenv("NBTRACK_CACHE_DIR", "/proc/nowhere")
    open_workspace(root, is_network=True)
    journal = Journal.create(root, opened_run(UID))
    journal.append(rows(range(5), "loss"))

    assert Ingester(root).ingest_left_behind() == 0
    assert [row["_step"] for row in Reader(root).rows(UID)] == list(range(5))
    journal.close()


def test_a_server_that_does_not_answer_changes_nothing(root, cache, monkeypatch):
    open_workspace(root, is_network=True)
    before = footing_of(root)

    def fail(*_, **__):
        raise OSError(errno.ESTALE, "Stale file handle")

    monkeypatch.setattr(footing.os, "stat", fail)

    assert footing_of(root) == before
    assert footing_of(root / "never seen").folder == NOWHERE
