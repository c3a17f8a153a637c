"""What is removed of the announcements that kernels leave behind, and what never is."""

import json
import os
from hashlib import sha256
from pathlib import Path

import pytest

from nbtrack.lab.announcements import announced, sweep

DAY_S = 86_400
NOW_S = 1_800_000_000.0


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    folder = tmp_path / "registry"
    folder.mkdir()
    return folder


def write(registry: Path, workspace: Path | str, *, days: float = 8, end: str = "json") -> Path:
    """Write what a kernel announced so many days ago."""
    file = registry / f"{sha256(str(workspace).encode()).hexdigest()[:32]}.{end}"
    file.write_text(json.dumps({"path": str(workspace)}), "utf-8")
    age(file, days)
    return file


def age(file: Path, days: float = 8) -> None:
    time_s = NOW_S - days * DAY_S
    os.utime(file, (time_s, time_s), follow_symlinks=False)


def test_old_announcements_of_workspaces_that_are_gone_go(registry: Path, tmp_path: Path) -> None:
    """Temporary folders come and go by the hundred."""
    there = tmp_path / "there" / ".nbtrack"
    there.mkdir(parents=True)
    kept = [write(registry, there), write(registry, "/gone/lately/.nbtrack", days=6)]
    for number in range(20):
        write(registry, f"/gone/{number}/.nbtrack")
    write(registry, there / "config" / ".nbtrack", end="4321")  # of a kernel that was killed

    assert sweep(registry, NOW_S) == 21
    assert sorted(registry.iterdir()) == sorted(kept)
    assert there in announced(registry)
    assert sweep(registry, NOW_S) == 0


def test_files_of_nobody_we_know_stay(registry: Path, tmp_path: Path) -> None:
    """Neither names nor contents of ours, a link, a folder, a pipe."""
    target = write(tmp_path, "/gone/.nbtrack")
    kept = [registry / f"{letter * 32}.json" for letter in "abcd"]
    kept[0].symlink_to(target)
    kept[1].mkdir()
    os.mkfifo(kept[2])
    kept[3].write_text("{")
    kept.append(write(registry, "/gone/.nbtrack").rename(registry / "notes.json"))
    for file in kept:
        age(file)

    assert sweep(registry, NOW_S) == 0
    assert sorted(registry.iterdir()) == sorted(kept)
    assert target.exists()


def test_what_somebody_else_owns_stays(registry: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(registry, "/gone/.nbtrack")
    owner = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: owner + 1)

    assert sweep(registry, NOW_S) == 0
    assert file.exists()


def test_a_workspace_that_cannot_be_looked_at_is_not_gone(registry: Path, tmp_path: Path) -> None:
    """A network disk that does not answer may answer tomorrow; here it is a loop of links."""
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    file = write(registry, loop / ".nbtrack")

    assert sweep(registry, NOW_S) == 0
    assert file.exists()


def test_a_folder_of_announcements_that_is_a_link_or_missing_is_left_alone(
    registry: Path, tmp_path: Path
) -> None:
    file = write(registry, "/gone/.nbtrack")
    (tmp_path / "link").symlink_to(registry)

    assert sweep(tmp_path / "link", NOW_S) == 0
    assert sweep(tmp_path / "missing", NOW_S) == 0
    assert file.exists()
