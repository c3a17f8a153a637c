"""`Settings`: what can be set of a run besides the arguments of `init()`.

What was given is kept apart from what holds by default, so that layers can be laid over
one another: an argument beats `settings=`, which beat the environment, which beats the
workspace's `settings.toml`, which beats what is built in.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from typing import TYPE_CHECKING, Any, Self, get_type_hints

from nbtrack.errors import UsageError
from nbtrack.settings.checking import (
    expect_one_of,
    expect_web_address,
    fitting,
    from_text,
    without_secrets,
)
from nbtrack.settings.environment import variable_of

SHORTEST_SAMPLING_S = 0.1
LONGEST_SAMPLING_S = 86_400
_CHOICES = {
    "mode": ("online", "offline", "disabled", "shared"),
    "console": ("auto", "off", "wrap", "redirect", "wrap_raw", "wrap_emu"),
    "durability": ("process", "power-loss"),
}
_SAME_MODE = {"dryrun": "offline", "run": "online"}


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Settings:
    """What can be set of a run. Names that begin with `_` are known as `x_...`, too.

    Every setting can be said by a variable as well: `console` by `NBTRACK_CONSOLE` or
    `WANDB_CONSOLE`, `x_label` by `NBTRACK_X_LABEL` or `WANDB__LABEL`; lists with commas,
    yes and no as 1 and 0. `root_dir` is `NBTRACK_DIR`, and `run_name`, `run_notes`,
    `run_tags`, `run_job_type` go without their `run_`. A line in the `settings.toml` of a
    workspace says it for all of its runs. `init(settings=)` beats variables, which beat
    the file; arguments of `init()` beat all of them.

    Attributes:
        mode: `online` and `offline` both keep the run in the local store; `disabled`
            keeps nothing.
        durability: `process`: what `log()` took outlives the process, however that ends;
            when the power fails or the operating system crashes, about the last half
            minute may be lost. `power-loss`: then only the last second or so is lost, and
            nothing of a run that is finished; costs one write to the disk per second, on
            a thread of its own. What a run really has is in `run.status().durability`.
        console: `auto` (or `wrap`, `redirect`, `wrap_raw`, `wrap_emu`, which mean the
            same) records what is printed: all output of a kernel's cells, and of scripts
            and of IPython in a terminal what Python code prints, but not C code and
            subprocesses. `off` does not.
        silent: Whether nbtrack says nothing at all outside of its panel.
        quiet: Whether it says warnings and errors only.
        show_info: Whether news are said; as `quiet` turned round.
        show_warnings: Whether warnings are said.
        show_errors: Whether errors are said.
        watch_for: As the argument of `init()`; a variable says it as JSON.
        strict: Whether a row whose step comes too late raises instead of being dropped
            and counted.
        init_timeout: How long `init()` waits for another `init()` of this process, seconds.
        alert_webhook: Where alerts are posted as JSON, `https://...`: an incoming webhook of
            Slack, Mattermost, Rocket.Chat or Discord, a Gotify server
            (`https://HOST/message?token=...`), an ntfy topic
            (`https://ntfy.sh/TOPIC?tpl=1&t={{.title}}&m={{.message}}`), or a receiver of
            your own. One after the other, 5 s each, on a thread of its own, without a
            proxy. The address is a secret to most of them: a variable keeps it out of
            notebooks.
        alert_webhook_private: Whether that address may lie on this machine or in its own
            network. The file of a workspace cannot say so.
        alert_desktop: Whether alerts are shown as notifications of the desktop on which
            the kernel runs, by `notify-send` (Linux) or `osascript` (macOS).
        stop_fn: Called when somebody stops the run, instead of interrupting its cell or
            script; on a thread of ours.
        project: As the argument of `init()`.
        entity: As the argument of `init()`.
        root_dir: The folder in which the workspace lies: `dir` of `init()`.
        run_id: `id` of `init()`.
        run_name: `name` of `init()`.
        run_notes: `notes` of `init()`.
        run_tags: `tags` of `init()`.
        run_group: `group` of `init()`.
        run_job_type: `job_type` of `init()`.
        resume: As the argument of `init()`.
        resume_from: As the argument of `init()`.
        fork_from: As the argument of `init()`.
        reinit: As the argument of `init()`.
        allow_val_change: As the argument of `init()`.
        resumed: In `run.settings`: whether the run goes on with one that had ended.
        notebook_name: Path of the notebook, where nbtrack cannot find it or finds another.
        username: What its user is called in the run, and the default `entity`.
        sweep_id: Of the sweep that the run belongs to.
        x_stats_sampling_interval: Seconds between two readings of the system, 0.1 to a day.
            A run's first readings come closer together, so that a short run has some.
        x_disable_stats: Whether system readings are off.
        x_network_filesystem: Whether the workspace lies on a network file system, or on
            another one whose locks cannot be trusted; for all processes, until a run says
            something else. None: nbtrack finds out.
        host: Kept in `run.settings`, as all that follows that is not said to be unused.
        email: Of the user.
        program: The main script, where it is another one than Python's.
        program_relpath: Its path in its repository.
        save_code: Whether the main script or the notebook is kept with the run, without
            outputs and secrets; None means yes.
        disable_code: Whether no code is kept at all: neither that nor what was changed in
            the repository nor the cells that were executed.
        save_cells: Whether the cells that were executed are kept with the run.
        disable_git: Whether the repository is not looked at.
        code_dir: A folder whose source files are kept as well, as `run.log_code` does it.
        git_commit: The commit, instead of the one that is checked out.
        git_remote: Name of the remote repository.
        git_remote_url: Its address, instead of the one that the repository knows.
        git_root: The repository's folder, where the code lies elsewhere.
        ignore_globs: Patterns of files that are not kept.
        capture_loggers: The least levels by name of a logger, `root` for all of them:
            `{"transformers": "INFO"}`. Their records are in the run's log with level and
            name, also where no handler shows them and where `console` is `off`; what a
            handler prints is there as it was printed, once.
        console_multipart: Unused: console text is kept as lines.
        console_chunk_max_bytes: Unused.
        console_chunk_max_seconds: Unused.
        max_end_of_run_history_metrics: How many metrics the words at the end show.
        max_end_of_run_summary_metrics: How many values of the summary they show.
        show_colors: Whether words to a terminal may be coloured.
        show_emoji: Unused.
        finish_timeout: Unused: a run is finished by a local write.
        finish_timeout_raises: Unused.
        summary_timeout: Unused: the summary is in memory.
        heartbeat_seconds: Unused: there is a sign of life every 5 s.
        stop_on_fatal_error: Unused.
        symlink: Unused.
        allow_media_symlink: Unused.
        sync_tensorboard: Whether what goes to TensorBoard is logged, too.
        monitor_gym: Whether videos of gymnasium are logged.
        sweep_param_path: Where a sweep's parameters lie.
        table_raise_on_max_row_limit_exceeded: Whether a table that is too long raises.
        use_dot_wandb: Unused: the folder is called `.nbtrack`.
        x_stats_disk_paths: Paths on the disks that are read, by default `/`.
        x_stats_gpu_device_ids: Numbers in nvidia-smi of the GPUs that are read; by default
            those that `CUDA_VISIBLE_DEVICES` leaves.
        x_stats_track_process_tree: Whether child processes count.
        x_disable_meta: Whether nothing is said of the machine and the program.
        x_disable_machine_info: Whether nothing is said of the machine.
        x_save_requirements: Whether the installed packages are kept with the run.
        x_label: What this process is called among those of one run.
        x_primary: With `mode="shared"`: whether the names and the config that `init()` gets
            are taken when it joins a run that is there.
        x_update_finish_state: With `mode="shared"`: whether the run goes on as long as this
            process does, and ends as it ends.
        x_transaction_log_flush_interval: Unused: what is logged is kept at once.
        x_service_wait: Unused: there is no service.
        start_method: Unused: there is no process to start.
        anonymous: Unused: there are no accounts.
        login_timeout: Unused.
        base_url: Unused; in `run.settings` the page of JupyterLab, if there is one.
        api_key: Unused, and not kept.

    Examples:
        >>> Settings(quiet=True)
        Settings(quiet=True)
        >>> Settings(x_stats_sampling_interval=1).x_stats_sampling_interval
        1.0
    """

    mode: str = "online"
    durability: str = "process"
    console: str = "auto"
    silent: bool = False
    quiet: bool = False
    show_info: bool = True
    show_warnings: bool = True
    show_errors: bool = True
    watch_for: Mapping[str, Any] | None = None
    strict: bool = False
    init_timeout: float = 90.0
    alert_webhook: str | None = None
    alert_webhook_private: bool = False
    alert_desktop: bool = False
    stop_fn: Callable[[], object] | None = None
    project: str | None = None
    entity: str | None = None
    root_dir: str | None = None
    run_id: str | None = None
    run_name: str | None = None
    run_notes: str | None = None
    run_tags: Sequence[str] | None = None
    run_group: str | None = None
    run_job_type: str | None = None
    resume: bool | str | None = None
    resume_from: str | None = None
    fork_from: str | None = None
    reinit: bool | str | None = None
    allow_val_change: bool | None = None
    resumed: bool = False
    notebook_name: str | None = None
    host: str | None = None
    username: str | None = None
    sweep_id: str | None = None
    x_stats_sampling_interval: float = 15.0
    x_disable_stats: bool = False
    x_network_filesystem: bool | None = None
    email: str | None = None
    program: str | None = None
    program_relpath: str | None = None
    save_code: bool | None = None
    disable_code: bool = False
    save_cells: bool = True
    disable_git: bool = False
    code_dir: str | None = None
    git_commit: str | None = None
    git_remote: str = "origin"
    git_remote_url: str | None = None
    git_root: str | None = None
    ignore_globs: Sequence[str] = ()
    capture_loggers: Mapping[str, int | str] | None = None
    console_multipart: bool = False
    console_chunk_max_bytes: int = 0
    console_chunk_max_seconds: int = 0
    max_end_of_run_history_metrics: int = 10
    max_end_of_run_summary_metrics: int = 10
    show_colors: bool | None = None
    show_emoji: bool | None = None
    finish_timeout: float | None = None
    finish_timeout_raises: bool = False
    summary_timeout: float = 60.0
    heartbeat_seconds: int = 30
    stop_on_fatal_error: bool = False
    symlink: bool | None = None
    allow_media_symlink: bool = False
    sync_tensorboard: bool = False
    monitor_gym: bool = False
    sweep_param_path: str | None = None
    table_raise_on_max_row_limit_exceeded: bool = False
    use_dot_wandb: bool | None = None
    x_stats_disk_paths: Sequence[str] | None = None
    x_stats_gpu_device_ids: Sequence[int] | None = None
    x_stats_track_process_tree: bool = True
    x_disable_meta: bool = False
    x_disable_machine_info: bool = False
    x_save_requirements: bool = True
    x_label: str | None = None
    x_primary: bool = True
    x_update_finish_state: bool = True
    x_transaction_log_flush_interval: float = 15.0
    x_service_wait: float = 30.0
    start_method: str | None = None
    anonymous: str | None = None
    login_timeout: float | None = None
    base_url: str | None = None
    api_key: str | None = None
    given: frozenset[str] = field(init=False, compare=False)
    """The names that were given; all others hold by default."""

    if not TYPE_CHECKING:  # a type checker sees the fields as arguments

        def __init__(self, **given: object) -> None:
            """Take what is given, and what is built in for all else.

            Raises:
                UsageError: If a name is not known, or a value cannot be taken.
            """
            named = _named(given)
            for name, hint in _hints().items():
                value = named.get(name)
                kept = _default(name) if value is None else fitting(name, value, hint)
                object.__setattr__(self, name, kept)
            told = frozenset(name for name, value in named.items() if value is not None)
            object.__setattr__(self, "given", told)
            self._check()

    def _check(self) -> None:
        object.__setattr__(self, "mode", _SAME_MODE.get(self.mode, self.mode))
        object.__setattr__(self, "api_key", None)  # a secret that nobody needs is not kept
        for name, known in _CHOICES.items():
            expect_one_of(name, getattr(self, name), known)
        interval_s = self.x_stats_sampling_interval
        if not SHORTEST_SAMPLING_S <= interval_s <= LONGEST_SAMPLING_S:
            raise UsageError(
                f"x_stats_sampling_interval must be {SHORTEST_SAMPLING_S} to "
                f"{LONGEST_SAMPLING_S} seconds, not {interval_s:g}. To have no system readings, "
                "type settings={'x_disable_stats': True}."
            )
        expect_web_address("alert_webhook", self.alert_webhook)
        if not self.init_timeout > 0:
            raise UsageError(f"init_timeout must be above 0 seconds, not {self.init_timeout:g}.")

    @classmethod
    def read(
        cls,
        given: "Settings | Mapping[str, Any] | None",
        mode: str | None = None,
        *,
        environment: Mapping[str, str] | None = None,
        file: Mapping[str, Any] | None = None,
        defaults: "Settings | Mapping[str, Any] | None" = None,
    ) -> Self:
        """Settle what holds: each of these beats those that follow.

        Args:
            mode: What `init(mode=)` got.
            given: What `init(settings=)` got.
            defaults: What `nbtrack.setup()` got.
            environment: The variables; by default those of now.
            file: What the workspace's file says.

        Raises:
            UsageError: If a name or a value is not known.
        """
        variables = os.environ if environment is None else environment
        layers = (
            file or {},
            _from_variables(variables),
            cls._of(defaults),
            cls._of(given),
            _chosen({"mode": mode}),
        )
        return cls(**{name: value for layer in layers for name, value in layer.items()})

    @classmethod
    def _of(cls, given: "Settings | Mapping[str, Any] | None") -> dict[str, Any]:
        if given is None:
            return {}
        if isinstance(given, cls):
            return {name: getattr(given, name) for name in given.given}
        if not isinstance(given, Mapping):
            raise UsageError(
                f"settings must be nbtrack.Settings or a dict, not {type(given).__name__}."
            )
        return _chosen(_named(given))

    @staticmethod
    def names() -> list[str]:
        """Return the names of all settings."""
        return list(_hints())

    def with_values(self, **values: Any) -> Self:  # noqa: ANN401 - any setting's type
        """Return a copy in which some values are others."""
        kept = {name: getattr(self, name) for name in self.given}
        return type(self)(**{**kept, **values})

    def says(self, level: str) -> bool:
        """Return whether the user is to be told something.

        Args:
            level: `info`, `warning` or `error`.
        """
        if self.silent:
            return False
        if level == "info":
            return self.show_info and not self.quiet
        return self.show_warnings if level == "warning" else self.show_errors

    def __repr__(self) -> str:
        """Show what was given, except for the secret part of an address."""
        shown = {name: getattr(self, name) for name in _hints() if name in self.given}
        if self.alert_webhook and "alert_webhook" in shown:
            shown["alert_webhook"] = without_secrets(self.alert_webhook)
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in shown.items())})"


@cache
def _hints() -> dict[str, Any]:
    hints = get_type_hints(Settings)
    return {one.name: hints[one.name] for one in fields(Settings) if one.init}


@cache
def _default(name: str) -> Any:  # noqa: ANN401 - any setting's type
    (default,) = [one.default for one in fields(Settings) if one.name == name]
    return default


def _chosen(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}


def _named(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return values by the names of their settings."""
    named = {}
    for name, value in given.items():
        known = f"x{name}" if isinstance(name, str) and name.startswith("_") else name
        if known not in _hints():
            raise UsageError(_unknown(name))
        named[known] = value
    return named


def _unknown(name: object) -> str:
    from difflib import get_close_matches

    close = get_close_matches(str(name), _hints(), n=1)
    hint = f"Did you mean {close[0]!r}?" if close else f"Known are: {', '.join(_hints())}."
    return f"unknown setting {name!r}. {hint}"


def _from_variables(environment: Mapping[str, str]) -> dict[str, Any]:
    said = {name: variable_of(name, environment) for name in _hints()}
    return {
        name: from_text(*found, _hints()[name])
        for name, found in said.items()
        if found is not None and name != "stop_fn"
    }
