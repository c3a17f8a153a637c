"""Settings, and where a workspace lies."""

import copy
import pickle
import re
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
        ({"consol": "off"}, "unknown setting 'consol'. Did you mean 'console'\\?$"),
        ({"zzz": "off"}, "unknown setting 'zzz'. Known are: mode, durability"),
        ({"console": "loud"}, "console must be one of auto, off, .*, not 'loud'"),
        ({"x_stats_sampling_interval": 0}, "must be 0.1 to 86400 seconds, not 0"),
        ([], "must be nbtrack.Settings or a dict, not list"),
    ],
    ids=["mode", "name", "foreign", "console", "interval", "type"],
)
def test_a_wrong_setting_is_refused_with_what_is_known(given, message):
    with pytest.raises(UsageError, match=message):
        Settings.read(given, None)


NAMES = [
    "run_id",
    "run_name",
    "run_notes",
    "run_tags",
    "run_group",
    "run_job_type",
    "project",
    "entity",
    "mode",
    "root_dir",
    "console",
    "console_multipart",
    "console_chunk_max_bytes",
    "console_chunk_max_seconds",
    "capture_loggers",
    "code_dir",
    "save_code",
    "disable_code",
    "disable_git",
    "git_commit",
    "git_remote",
    "git_remote_url",
    "git_root",
    "program",
    "program_relpath",
    "notebook_name",
    "host",
    "email",
    "username",
    "ignore_globs",
    "init_timeout",
    "finish_timeout",
    "finish_timeout_raises",
    "summary_timeout",
    "quiet",
    "silent",
    "show_info",
    "show_warnings",
    "show_errors",
    "show_colors",
    "show_emoji",
    "max_end_of_run_history_metrics",
    "max_end_of_run_summary_metrics",
    "reinit",
    "resume",
    "resume_from",
    "fork_from",
    "resumed",
    "stop_fn",
    "stop_on_fatal_error",
    "strict",
    "symlink",
    "allow_media_symlink",
    "sync_tensorboard",
    "sweep_id",
    "sweep_param_path",
    "table_raise_on_max_row_limit_exceeded",
    "use_dot_wandb",
    "heartbeat_seconds",
    "x_stats_sampling_interval",
    "x_stats_disk_paths",
    "x_stats_gpu_device_ids",
    "x_stats_track_process_tree",
    "x_disable_stats",
    "x_disable_meta",
    "x_disable_machine_info",
    "x_save_requirements",
    "x_label",
    "x_primary",
    "x_update_finish_state",
    "x_transaction_log_flush_interval",
    "anonymous",
    "login_timeout",
    "base_url",
    "api_key",
]


def test_every_name_of_the_field_is_known_and_told_of():
    assert set(NAMES) <= set(Settings.names())
    for name in Settings.names():
        assert re.search(rf"^ +{name}: ", Settings.__doc__ or "", re.MULTILINE), name


def test_names_with_a_line_before_them_are_known():
    assert Settings(_disable_stats=True, _label="main") == Settings(
        x_disable_stats=True, x_label="main"
    )
    with pytest.raises(UsageError, match="unknown setting '_disable_stat'"):
        Settings(_disable_stat=True)


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("silent", "true", True),
        ("silent", 0, False),
        ("init_timeout", 5, 5.0),
        ("run_tags", ["a", "b"], ("a", "b")),
        ("ignore_globs", "*.pt", ("*.pt",)),
        ("x_stats_gpu_device_ids", [0, 1], (0, 1)),
        ("root_dir", Path("/data"), "/data"),
        ("capture_loggers", {"train": 20}, {"train": 20}),
        ("resume", True, True),
        ("resume", "allow", "allow"),
        ("project", None, None),
        ("api_key", "secret", None),
    ],
)
def test_a_value_is_kept_in_the_type_of_its_setting(name, value, kept):
    found = getattr(Settings(**{name: value}), name)

    assert (found, type(found)) == (kept, type(kept))


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("silent", "perhaps", "silent must be True or False, not 'perhaps'"),
        ("init_timeout", "soon", "init_timeout must be a number, not 'soon'"),
        ("init_timeout", 0, "init_timeout must be above 0 seconds, not 0"),
        ("heartbeat_seconds", 1.5, "heartbeat_seconds must be a whole number, not 1.5"),
        ("heartbeat_seconds", True, "heartbeat_seconds must be a whole number, not True"),
        ("run_tags", [3], "run_tags must be a list of str, not"),
        ("stop_fn", "x", "stop_fn must be a function or None, not 'x'"),
        ("capture_loggers", ["x"], "capture_loggers must be a dict or None"),
        ("project", 3, "project must be text or None, not 3"),
    ],
)
def test_a_value_of_another_type_is_refused(name, value, told):
    with pytest.raises(UsageError, match=re.escape(told)):
        Settings(**{name: value})


@pytest.mark.parametrize(
    ("variable", "text", "name", "value"),
    [
        ("WANDB_SILENT", "true", "silent", True),
        ("NBTRACK_SILENT", "off", "silent", False),
        ("WANDB_DIR", "/data", "root_dir", "/data"),
        ("WANDB__DISABLE_STATS", "1", "x_disable_stats", True),
        ("NBTRACK_X_LABEL", "main", "x_label", "main"),
        ("WANDB_IGNORE_GLOBS", "*.pt, *.tmp", "ignore_globs", ("*.pt", "*.tmp")),
        ("WANDB_INIT_TIMEOUT", "7", "init_timeout", 7.0),
        ("NBTRACK__STATS_GPU_DEVICE_IDS", "0,2", "x_stats_gpu_device_ids", (0, 2)),
        ("WANDB_RESUME", "allow", "resume", "allow"),
        ("WANDB_RESUME", "true", "resume", True),
        ("WANDB_CAPTURE_LOGGERS", '{"train": "INFO"}', "capture_loggers", {"train": "INFO"}),
        ("WANDB_RUN_ID", "7", "run_id", "7"),
        ("WANDB_API_KEY", "secret", "api_key", None),
    ],
)
def test_a_variable_says_a_setting(variable, text, name, value):
    assert getattr(Settings.read(None, environment={variable: text}), name) == value


@pytest.mark.parametrize(
    ("variable", "text", "told"),
    [
        ("WANDB_SILENT", "perhaps", "WANDB_SILENT must be 1 (yes) or 0 (no), not 'perhaps'"),
        ("NBTRACK_INIT_TIMEOUT", "soon", "NBTRACK_INIT_TIMEOUT must be a number, not 'soon'"),
        ("WANDB_HEARTBEAT_SECONDS", "1.5", "WANDB_HEARTBEAT_SECONDS must be a whole number"),
        ("WANDB_CAPTURE_LOGGERS", "{", "WANDB_CAPTURE_LOGGERS must be a dict or None, not '{'"),
        ("WANDB__STATS_GPU_DEVICE_IDS", "a", "WANDB__STATS_GPU_DEVICE_IDS must be a list"),
    ],
)
def test_a_variable_that_says_nothing_is_told_by_its_name(variable, text, told):
    with pytest.raises(UsageError, match=re.escape(told)):
        Settings.read(None, environment={variable: text})


def test_what_is_given_beats_setup_which_beats_variables_which_beat_the_file():
    layers = {
        "file": {"project": "file", "entity": "file", "run_group": "file", "run_name": "file"},
        "environment": {
            "WANDB_ENTITY": "said", "WANDB_RUN_GROUP": "said", "WANDB_NAME": "said",
        },
        "defaults": {"run_group": "setup", "run_name": "setup"},
    }  # fmt: skip

    settled = Settings.read(Settings(run_name="given"), **layers)

    found = [settled.project, settled.entity, settled.run_group, settled.run_name]
    assert found == ["file", "said", "setup", "given"]


def test_settings_can_be_copied_pickled_and_are_frozen():
    settings = Settings(quiet=True, run_tags=["a"])

    for copied in (copy.deepcopy(settings), pickle.loads(pickle.dumps(settings))):  # noqa: S301 - ours
        assert copied == settings
        assert copied.given == {"quiet", "run_tags"}
    assert repr(settings) == "Settings(quiet=True, run_tags=('a',))"
    with pytest.raises(AttributeError):
        settings.quiet = False


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
