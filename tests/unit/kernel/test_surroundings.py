"""Where a kernel finds itself, from the environment and from files."""

import json
import stat
from pathlib import Path
from types import SimpleNamespace

import pytest

from nbtrack.kernel.surroundings import announce, has_live_front_end, look_around


@pytest.fixture
def shell() -> SimpleNamespace:
    return SimpleNamespace(user_ns={}, kernel=object())


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a runtime folder with a server's file in it."""
    folder = tmp_path / "runtime"
    folder.mkdir()
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(folder))
    monkeypatch.setenv("JPY_PARENT_PID", "4321")
    content = {"root_dir": str(tmp_path), "pid": 4321}
    (folder / "jpserver-4321.json").write_text(json.dumps(content))
    return folder


def test_a_server_tells_the_notebook_and_its_root(
    shell: SimpleNamespace, runtime: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "a/train.ipynb"))

    place = look_around(shell)

    assert runtime.is_dir()
    assert place.notebook == str(tmp_path / "a/train.ipynb")
    assert place.server_root == tmp_path
    assert place.in_notebook
    assert has_live_front_end(shell)


def test_a_path_below_the_root_is_made_whole(
    shell: SimpleNamespace, runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", "a/train.ipynb")

    assert look_around(shell).notebook == str(runtime.parent / "a/train.ipynb")


def test_vscode_tells_its_own_way(shell: SimpleNamespace) -> None:
    shell.user_ns["__vsc_ipynb_file__"] = "/home/ada/train.ipynb"

    assert look_around(shell).notebook == "/home/ada/train.ipynb"
    assert has_live_front_end(shell)


def test_a_console_is_no_notebook(
    shell: SimpleNamespace, runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", str(runtime / "console-1-ab12"))

    assert look_around(shell).notebook is None


def test_a_kernel_of_nbclient_knows_nothing_and_says_nothing(
    shell: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    place = look_around(shell)

    assert (place.notebook, place.server_root) == (None, None)
    assert not has_live_front_end(shell)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"root_dir": 3}', '{"root_dir": "relative"}', '{"root_dir": null}']
)
def test_a_servers_file_that_makes_no_sense_is_passed_over(
    shell: SimpleNamespace, runtime: Path, content: str
) -> None:
    (runtime / "jpserver-4321.json").write_text(content)

    assert look_around(shell).server_root is None


@pytest.mark.parametrize(
    ("public", "known"),
    [
        ("", "http://localhost:8888/user/ada/"),
        ("https://hub.example.org/user/ada/", "https://hub.example.org/user/ada/"),
        ("javascript:alert(1)", "http://localhost:8888/user/ada/"),
    ],
)
def test_the_address_of_a_server_is_the_one_that_people_see(
    shell: SimpleNamespace, runtime: Path, monkeypatch: pytest.MonkeyPatch, public: str, known: str
) -> None:
    content = {"root_dir": str(runtime), "url": "http://localhost:8888/user/ada/"}
    (runtime / "jpserver-4321.json").write_text(json.dumps(content))
    monkeypatch.setenv("JUPYTERHUB_PUBLIC_URL", public)

    assert look_around(shell).server_url == known


def test_a_parent_that_is_no_number_names_no_file(
    shell: SimpleNamespace, runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JPY_PARENT_PID", "../../4321")

    assert look_around(shell).server_root is None
    assert runtime.is_dir()


def test_a_workspace_is_announced_to_its_owner_only(
    runtime: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", "train.ipynb")
    announce(tmp_path / "a/.nbtrack")
    announce(tmp_path / "b/.nbtrack")
    announce(tmp_path / "a/.nbtrack")

    files = sorted((runtime / "nbtrack-workspaces").iterdir())
    paths = {json.loads(file.read_text())["path"] for file in files}
    assert paths == {str(tmp_path / "a/.nbtrack"), str(tmp_path / "b/.nbtrack")}
    assert len(files) == 2
    for file in files:
        assert file.suffix == ".json"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_nothing_is_announced_where_no_server_is(runtime: Path, tmp_path: Path) -> None:
    announce(tmp_path / ".nbtrack")

    assert not (runtime / "nbtrack-workspaces").exists()


def test_a_folder_that_cannot_be_written_is_no_trouble(
    runtime: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", "train.ipynb")
    (runtime / "nbtrack-workspaces").write_text("a file where a folder should be")

    announce(tmp_path / ".nbtrack")
