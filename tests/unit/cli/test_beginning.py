"""A workspace is made, and shells learn the commands."""

import json
import shutil
import stat
import subprocess

import pytest

from nbtrack.cli import main

_ASK_BASH = """
COMP_WORDS=({words})
COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 ))
_nbtrack
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def test_a_workspace_is_made_where_one_is(tmp_path, monkeypatch, capsys):
    """Not in the one above: whoever types this wants one here."""
    (tmp_path / ".nbtrack").mkdir()
    here = tmp_path / "inner"
    here.mkdir()
    monkeypatch.chdir(here)

    assert main(["init"]) == 0

    made = here / ".nbtrack"
    assert str(made) in capsys.readouterr().out
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert main(["ls"]) == 0


def test_a_workspace_is_made_in_a_folder_and_once(tmp_path, capsys):
    said = []
    for _ in range(2):
        assert main(["init", str(tmp_path / "new"), "--json"]) == 0
        said.append(json.loads(capsys.readouterr().out))

    workspace = str(tmp_path / "new" / ".nbtrack")
    assert said == [
        {"workspace": workspace, "is_new": True},
        {"workspace": workspace, "is_new": False},
    ]


def test_a_folder_that_cannot_be_written_is_told(tmp_path, capsys):
    (tmp_path / "file").write_text("no folder")

    assert main(["init", str(tmp_path / "file")]) == 1
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_knows_every_command_and_is_understood(shell, capsys, tmp_path):
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out

    for name in ("ls", "show", "tail", "stop", "tag", "rm", "doctor", "completion"):
        assert name in script
    assert "name-regex" in script
    if shutil.which(shell):
        path = tmp_path / "script"
        path.write_text(script)
        subprocess.run([shell, "-n", str(path)], check=True)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("nbtrack sh", ["show"]),
        ("nbtrack --dir x ls --name", ["--name-regex"]),
        ("nbtrack completion z", ["zsh"]),
        ("nbtrack --ver", ["--version"]),
    ],
)
def test_bash_completes(words, expected, capsys):
    main(["completion", "bash"])
    script = capsys.readouterr().out + _ASK_BASH.format(words=words)

    done = subprocess.run(
        [shutil.which("bash"), "-c", script], capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == expected
