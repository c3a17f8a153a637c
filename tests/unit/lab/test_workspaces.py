"""Which workspaces a server knows, and whom it believes."""

import json
import os
from pathlib import Path

import pytest
from storekit import START_US, opened_run

from nbtrack.errors import RunNotFoundError, UsageError
from nbtrack.lab.workspaces import Workspaces
from nbtrack.records import Closed, RunState
from nbtrack.store import Journal, trash_run

UID = "20260101-120000-0000abcd"


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    """Return the folder of the announcements."""
    folder = tmp_path / "registry"
    folder.mkdir()
    return folder


@pytest.fixture
def server_root(tmp_path: Path) -> Path:
    """Return the server's root, still without a workspace."""
    folder = tmp_path / "server"
    folder.mkdir()
    return folder


@pytest.fixture
def workspaces(server_root: Path, registry: Path) -> Workspaces:
    """Return what is tested."""
    return Workspaces(server_root, registry)


def make_workspace(folder: Path, *uids: str) -> Path:
    """Make a workspace with the folders of runs."""
    root = folder / ".nbtrack"
    for uid in ("", *uids):
        (root / "runs" / uid).mkdir(parents=True, exist_ok=True)
    return root


def announce(registry: Path, content: object, name: str = "kernel.json") -> None:
    """Write what a kernel would."""
    text = content if isinstance(content, str) else json.dumps(content)
    (registry / name).write_text(text, "utf-8")


def test_a_workspace_that_appears_later_is_found(workspaces: Workspaces, server_root: Path) -> None:
    assert workspaces.known() == []

    root = make_workspace(server_root)

    assert [each.root for each in workspaces.known()] == [root]


def test_workspaces_that_are_gone_hide_no_others(
    workspaces: Workspaces, registry: Path, tmp_path: Path
) -> None:
    """Temporary folders come and go by the hundred; their announcements stay."""
    root = make_workspace(tmp_path / "there")
    announce(registry, {"path": str(root)}, "there.json")
    os.utime(registry / "there.json", (0, 0))
    for number in range(100):
        announce(registry, {"path": f"/gone/{number}/.nbtrack"}, f"{number}.json")

    assert [each.root for each in workspaces.known()] == [root]


def settle(registry: Path) -> None:
    """Let the folder of announcements be as it is since long ago."""
    os.utime(registry, (1, 1))


def test_announcements_are_not_read_again_while_their_folder_stands_as_it_is(
    workspaces: Workspaces, registry: Path, tmp_path: Path
) -> None:
    """Dozens are left behind, and the list of runs asks twice a second."""
    root, other = (make_workspace(tmp_path / name) for name in ("one", "other"))
    announce(registry, {"path": str(root)})
    settle(registry)
    assert [each.root for each in workspaces.known()] == [root]

    announce(registry, {"path": str(other)})  # in place, as no kernel does
    settle(registry)
    unseen = workspaces.known()
    (registry / "kernel.json").rename(registry / "again.json")

    assert [each.root for each in unseen] == [root]
    assert [each.root for each in workspaces.known()] == [other]


def test_a_workspace_that_was_known_is_seen_to_go_and_to_lead_elsewhere(
    workspaces: Workspaces, registry: Path, tmp_path: Path
) -> None:
    there, away = (make_workspace(tmp_path / name) for name in ("there", "away"))
    announce(registry, {"path": str(there)})
    settle(registry)
    known = [workspaces.known()]

    there.rename(tmp_path / "set aside")
    known.append(workspaces.known())
    there.symlink_to(away)
    known.append(workspaces.known())

    assert [[each.root for each in found] for found in known] == [[there], [], [away]]


def test_the_servers_own_workspace_comes_first(
    workspaces: Workspaces, server_root: Path, registry: Path, tmp_path: Path
) -> None:
    announced = make_workspace(tmp_path / "another")
    announce(registry, {"path": str(announced)})
    own = make_workspace(server_root)

    assert [each.root for each in workspaces.known()] == [own, announced]


def test_of_very_many_announcements_the_newest_are_known(
    workspaces: Workspaces, registry: Path, tmp_path: Path
) -> None:
    """Announcements are left behind; those of years ago must not hide today's."""
    roots = [make_workspace(tmp_path / f"{number:03}") for number in range(70)]
    for number, root in enumerate(roots):
        announce(registry, {"path": str(root)}, f"{number:03}.json")
        os.utime(registry / f"{number:03}.json", (number, number))

    assert {each.root for each in workspaces.known()} == set(roots[-64:])


def test_a_workspace_that_is_announced_twice_is_known_once(
    workspaces: Workspaces, server_root: Path, registry: Path, tmp_path: Path
) -> None:
    """Also when one of the ways leads through a link."""
    root = make_workspace(server_root)
    (tmp_path / "link").symlink_to(server_root)
    announce(registry, {"path": str(root)}, "a.json")
    announce(registry, {"path": str(tmp_path / "link" / ".nbtrack")}, "b.json")

    assert len(workspaces.known()) == 1


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        "[" * 20_000,
        {"path": None},
        {"path": 7},
        {"path": ".nbtrack"},
        {"path": "/etc"},
        {"path": "/\0/.nbtrack"},
        {"path": "/nowhere/.nbtrack"},
        {"path": "/" + "x" * 20_000 + "/.nbtrack"},
    ],
    ids=lambda content: repr(content)[:30],
)
def test_an_announcement_that_makes_no_sense_is_passed_over(
    workspaces: Workspaces, registry: Path, content: object
) -> None:
    announce(registry, content)

    assert workspaces.known() == []


def test_an_announcement_of_another_user_is_not_believed(
    workspaces: Workspaces, registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a shared machine the folder may turn out to be writable for others."""
    announce(registry, {"path": str(make_workspace(tmp_path / "theirs"))})
    me = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: me + 1)

    assert workspaces.known() == []


def test_an_announcement_that_is_a_link_is_not_followed(
    workspaces: Workspaces, registry: Path, tmp_path: Path
) -> None:
    real = tmp_path / "real.json"
    announce(tmp_path, {"path": str(make_workspace(tmp_path / "theirs"))}, real.name)
    (registry / "kernel.json").symlink_to(real)

    assert workspaces.known() == []


def test_an_announcement_that_is_a_pipe_does_not_hang_the_server(
    workspaces: Workspaces, registry: Path
) -> None:
    os.mkfifo(registry / "kernel.json")

    assert workspaces.known() == []


def test_a_run_is_found_in_whichever_workspace_has_it(
    workspaces: Workspaces, server_root: Path, registry: Path, tmp_path: Path
) -> None:
    make_workspace(server_root)
    root = make_workspace(tmp_path / "another", UID)
    announce(registry, {"path": str(root)})

    found = workspaces.holding(UID)

    assert found.root == root
    assert workspaces.holding(UID, found.id) == found


def test_a_run_is_not_looked_for_outside_the_chosen_workspace(
    workspaces: Workspaces, server_root: Path, registry: Path, tmp_path: Path
) -> None:
    make_workspace(server_root)
    announce(registry, {"path": str(make_workspace(tmp_path / "another", UID))})
    own, _ = workspaces.known()

    with pytest.raises(RunNotFoundError, match="may have been removed"):
        workspaces.holding(UID, own.id)


def test_a_run_in_the_trash_is_told_from_one_that_is_gone(
    workspaces: Workspaces, server_root: Path
) -> None:
    """A tab that shows it says what can be done."""
    root = server_root / ".nbtrack"
    journal = Journal.create(root, opened_run(UID))
    journal.append([Closed(START_US, RunState.FINISHED, 0, 0)])
    journal.close()
    trash_run(root, UID)

    with pytest.raises(RunNotFoundError, match="is in the trash"):
        workspaces.holding(UID)


def test_runs_of_several_workspaces_are_not_compared_and_it_is_said_where_they_lie(
    workspaces: Workspaces, server_root: Path, registry: Path, tmp_path: Path
) -> None:
    make_workspace(server_root, "a", "b")
    other = make_workspace(tmp_path / "other", "c")
    announce(registry, {"path": str(other)})

    assert workspaces.home(["a", "b"], None).root != other
    with pytest.raises(UsageError, match=rf"\(2 in .*, 1 in {other}\).*Choose runs of one"):
        workspaces.home(["a", "c", "b"], None)


def test_an_unknown_workspace_says_what_to_do(workspaces: Workspaces) -> None:
    with pytest.raises(RunNotFoundError, match="Reload the page"):
        workspaces.holding(UID, "0" * 16)


@pytest.mark.parametrize(
    "uid", ["..", "../x", "a/b", "a\\b", "", ".", "A", "x" * 65, "a;b", "a\0", "%2e%2e", "a\n"]
)
def test_a_uid_that_is_none_never_becomes_a_path(
    workspaces: Workspaces, server_root: Path, uid: str
) -> None:
    make_workspace(server_root)

    with pytest.raises(UsageError, match="no run uid"):
        workspaces.holding(uid)


def test_a_run_folder_that_is_a_link_is_not_followed(
    workspaces: Workspaces, server_root: Path, tmp_path: Path
) -> None:
    """In a workspace that others can write to it could lead anywhere."""
    root = make_workspace(server_root)
    (tmp_path / "elsewhere").mkdir()
    (root / "runs" / UID).symlink_to(tmp_path / "elsewhere")

    with pytest.raises(RunNotFoundError):
        workspaces.holding(UID)
