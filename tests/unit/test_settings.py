"""Settings, and where a workspace lies."""

from pathlib import Path

import pytest

from nbtrack.errors import UsageError
from nbtrack.settings import Place, Settings, WorkspaceSettings, default_project, find_workspace


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch):
    for name in ("NBTRACK_DIR", "WANDB_DIR", "NBTRACK_MODE", "WANDB_MODE"):
        monkeypatch.delenv(name, raising=False)


def test_the_folder_given_beats_everything(tmp_path, monkeypatch):
    monkeypatch.setenv("NBTRACK_DIR", str(tmp_path / "other"))

    assert find_workspace(tmp_path, Place()) == tmp_path / ".nbtrack"


def test_a_workspace_folder_can_be_given_itself(tmp_path):
    assert find_workspace(tmp_path / ".nbtrack", Place()) == tmp_path / ".nbtrack"


def test_the_environment_names_the_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("WANDB_DIR", str(tmp_path / "theirs"))
    assert find_workspace(None, Place()) == tmp_path / "theirs" / ".nbtrack"

    monkeypatch.setenv("NBTRACK_DIR", str(tmp_path / "ours"))
    assert find_workspace(None, Place()) == tmp_path / "ours" / ".nbtrack"


def test_the_nearest_workspace_above_the_notebook_is_taken(tmp_path, monkeypatch):
    (tmp_path / ".nbtrack").mkdir()
    (tmp_path / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir("/")

    place = Place(notebook=str(tmp_path / "a" / "b" / "x.ipynb"))

    assert find_workspace(None, place) == tmp_path / ".nbtrack"


def test_without_one_the_root_of_the_server_is_taken(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    place = Place(notebook=str(tmp_path / "a" / "x.ipynb"), server_root=tmp_path)

    assert find_workspace(None, place) == tmp_path / ".nbtrack"


def test_a_notebook_outside_of_the_server_uses_the_working_directory(tmp_path, monkeypatch):
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    place = Place(notebook=str(tmp_path / "x.ipynb"), server_root=Path("/srv"))

    assert find_workspace(None, place) == tmp_path / "work" / ".nbtrack"


def test_the_project_is_named_after_the_repository_and_the_folder_in_it(tmp_path, monkeypatch):
    repository = tmp_path / "vision"
    (repository / ".git").mkdir(parents=True)
    (repository / "a" / "b").mkdir(parents=True)

    monkeypatch.chdir(repository)
    assert default_project(Place()) == "vision"

    monkeypatch.chdir(repository / "a" / "b")
    assert default_project(Place()) == "vision-a_b"


def test_an_argument_beats_settings_which_beat_the_environment(monkeypatch):
    monkeypatch.setenv("WANDB_MODE", "disabled")

    assert Settings.read(None, None).mode == "disabled"
    assert Settings.read({"mode": "offline"}, None).mode == "offline"
    assert Settings.read({"mode": "offline"}, "online").mode == "online"


def test_old_names_of_modes_are_known():
    assert Settings.read(None, "dryrun").mode == "offline"
    assert Settings.read(None, "run").mode == "online"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"mode": "cloud"}, "mode must be one of online, offline, disabled, shared, not 'cloud'"),
        ({"consol": "off"}, "unknown setting 'consol'. Did you mean 'console'\\? Known are: mode"),
        ({"console": "loud"}, "console must be one of auto, off, .*, not 'loud'"),
        ({"x_stats_sampling_interval": 0}, "must be 0.1 to 86400 seconds, not 0"),
        ([], "must be nbtrack.Settings or a dict, not list"),
    ],
    ids=["mode", "name", "console", "interval", "type"],
)
def test_a_wrong_setting_is_refused_with_what_is_known(given, message):
    with pytest.raises(UsageError, match=message):
        Settings.read(given, None)


def test_durability_is_one_of_two(monkeypatch):
    assert Settings().durability == "process"
    monkeypatch.setenv("NBTRACK_DURABILITY", "power-loss")
    assert Settings.read({}, None).durability == "power-loss"
    assert Settings.read({"durability": "process"}, None).durability == "process"

    with pytest.raises(UsageError, match="durability must be one of process, power-loss"):
        Settings(durability="fsync")


class TestWorkspaceSettings:
    def test_nothing_is_deleted_unless_somebody_says_so(self, tmp_path):
        assert WorkspaceSettings.read(tmp_path) == WorkspaceSettings(None, 30.0)

    def test_the_file_says_what_holds(self, tmp_path):
        (tmp_path / "settings.toml").write_text("retention_days = 90\n")

        assert WorkspaceSettings.read(tmp_path).retention_days == 90

    def test_the_environment_beats_the_file(self, tmp_path, monkeypatch):
        (tmp_path / "settings.toml").write_text("retention_days = 90\ntrash_days = 3\n")
        monkeypatch.setenv("NBTRACK_RETENTION_DAYS", "off")
        monkeypatch.setenv("NBTRACK_TRASH_DAYS", "0.5")

        assert WorkspaceSettings.read(tmp_path) == WorkspaceSettings(None, 0.5)

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("retention_days = ", "retention_days = 90"),
            ("retenion_days = 9", "unknown setting 'retenion_days'"),
            ("retention_days = 0", "above 0, not 0"),
            ("retention_days = true", "not True"),
            ("retention_days = nan", "not nan"),
            ("trash_days = 'x'", "not 'x'"),
            ("\xff", "cannot be read"),
        ],
    )
    def test_what_cannot_be_understood_is_told(self, tmp_path, text, told):
        (tmp_path / "settings.toml").write_text(text, "latin-1")

        with pytest.raises(UsageError, match=told):
            WorkspaceSettings.read(tmp_path)

    def test_a_variable_that_is_no_number_is_told(self, tmp_path, monkeypatch):
        monkeypatch.setenv("NBTRACK_TRASH_DAYS", "soon")

        with pytest.raises(UsageError, match="NBTRACK_TRASH_DAYS must be a number of days"):
            WorkspaceSettings.read(tmp_path)
