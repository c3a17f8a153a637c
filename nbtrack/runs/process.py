"""What concerns the process and not a run: `setup`, `teardown`, `login`, `termlog`."""

from collections.abc import Callable, Mapping
from typing import Any

from nbtrack.runs.lifecycle import Outcome
from nbtrack.runs.session import session
from nbtrack.runs.settling import known_variables
from nbtrack.settings import Settings


def setup(settings: Settings | dict[str, Any] | None = None) -> Settings:
    """Say what holds for every run of this process; need not be called.

    Args:
        settings: What every `init()` begins with; its own `settings=` beat them.

    Returns:
        What holds now, before a workspace's file is read.

    Raises:
        UsageError: If a name or a value is not known.

    Examples:
        >>> nbtrack.setup({"quiet": True}).quiet
        True
    """
    here = session()
    variables = known_variables(here)
    settled = Settings.read(settings, environment=variables)
    if settings is not None:
        here.defaults = settings
    return settled


def teardown(exit_code: int | None = None) -> None:
    """End all runs and forget what was read: variables, files, `setup()`.

    Args:
        exit_code: As for `finish()`.

    Examples:
        >>> nbtrack.teardown()
        >>> nbtrack.run is None
        True
    """
    here = session()
    here.end(Outcome.of_exit_code(exit_code), reason="nbtrack.teardown()")
    here.forget()


def add_system_sampler(name: str, read: Callable[[], Mapping[str, float]]) -> Callable[[], None]:
    """Have something else read whenever the machine is read: a fan, a meter, another GPU.

    Processor, memory, disks, network and NVIDIA's GPUs are read anyway; AMD's and Apple's
    are not. `read` is called on a thread of nbtrack's, every 15 s (see the setting
    `x_stats_sampling_interval`), while a run is open. When it raises, that is told once
    and it is tried less often; everything else goes on.

    Args:
        name: What it is called when it cannot be read; one of the same name replaces it.
        read: Returns numbers by name. Names that begin with `gpu.0.` are shown beside
            those of other GPUs.

    Returns:
        What takes it away again.

    Raises:
        UsageError: If the name is no text, or `read` cannot be called.

    Examples:
        >>> from pathlib import Path
        >>> card = Path("/sys/class/drm/card0/device")
        >>> def read_amd():
        ...     return {
        ...         "gpu.0.gpu": float((card / "gpu_busy_percent").read_text()),
        ...         "gpu.0.memoryAllocatedBytes": float((card / "mem_info_vram_used").read_text()),
        ...     }
        >>> take_away = nbtrack.add_system_sampler("AMD GPU", read_amd)
        >>> take_away()
    """
    return session().sampling.add(name, read)


def login(*_: object, **__: object) -> bool:
    """Return True: there is no account. Takes what other trackers take.

    Examples:
        >>> nbtrack.login(key="not needed")
        True
    """
    return True


def require(*_: object, **__: object) -> None:
    """Do nothing: there are no features to be asked for. Takes what other trackers take.

    Examples:
        >>> nbtrack.require("core")
    """


def termsetup(*_: object, **__: object) -> None:
    """Do nothing. Takes what other trackers take.

    Examples:
        >>> nbtrack.termsetup()
    """


def termlog(
    string: str = "",
    newline: bool = True,  # noqa: ARG001, FBT001, FBT002 - the field's signature
    repeat: bool = True,  # noqa: FBT001, FBT002 - the field's signature
    prefix: bool = True,  # noqa: ARG001, FBT001, FBT002 - the field's signature
) -> None:
    """Say something as nbtrack does.

    Args:
        string: The text.
        newline: Taken for compatibility; a line always ends.
        repeat: Whether to say it also when it was said before.
        prefix: Taken for compatibility; `nbtrack:` always stands before it.

    Examples:
        >>> nbtrack.termlog("the data are ready")
    """
    _say("info", string, repeat=repeat)


def termwarn(
    string: str,
    newline: bool = True,  # noqa: ARG001, FBT001, FBT002 - the field's signature
    repeat: bool = True,  # noqa: FBT001, FBT002 - the field's signature
    prefix: bool = True,  # noqa: ARG001, FBT001, FBT002 - the field's signature
) -> None:
    """Warn as nbtrack does; see `termlog`.

    Examples:
        >>> nbtrack.termwarn("three files are missing", repeat=False)
    """
    _say("warning", string, repeat=repeat)


def termerror(
    string: str,
    newline: bool = True,  # noqa: ARG001, FBT001, FBT002 - the field's signature
    repeat: bool = True,  # noqa: FBT001, FBT002 - the field's signature
    prefix: bool = True,  # noqa: ARG001, FBT001, FBT002 - the field's signature
) -> None:
    """Say an error as nbtrack does; see `termlog`.

    Examples:
        >>> nbtrack.termerror("the data are not there")
    """
    _say("error", string, repeat=repeat)


def _say(level: str, text: str, *, repeat: bool) -> None:
    here = session()
    if repeat:
        here.tell(level, text)
    else:
        here.say(f"term {level} {text}", text, level=level)
