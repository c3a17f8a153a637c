"""What holds for a run that is begun: settings, variables, the workspace's file.

Variables are read once, at the first `init()`: a notebook's cells see the same ones
whatever is set meanwhile, until `teardown()`.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nbtrack.errors import Error
from nbtrack.runs.session import Session
from nbtrack.settings import Settings, find_workspace, of_the_tracker, settings_of_runs

_NO_EFFECT = {
    "force": "nobody has to log in",
    "anonymous": "there are no accounts",
    "tensorboard": "what goes to TensorBoard is not logged yet; call run.log()",
    "sync_tensorboard": "what goes to TensorBoard is not logged yet; call run.log()",
    "monitor_gym": "videos of gymnasium are not logged yet; run.save('*.mp4') keeps files",
}
"""Arguments that are taken for compatibility, and why nothing comes of them."""


def settle(
    here: Session, given: Settings | dict[str, Any] | None, mode: str | None, folder: object
) -> tuple[Settings, Path]:
    """Return the settings that hold, and the workspace.

    Args:
        here: The session; it keeps what is settled.
        given: What `init(settings=)` got.
        mode: What `init(mode=)` got.
        folder: What `init(dir=)` got.

    Raises:
        UsageError: If a name or a value is not known.
    """
    variables = known_variables(here)
    settled = Settings.read(given, mode, defaults=here.defaults, environment=variables)
    named: Any = settled.root_dir if folder is None else folder
    root = find_workspace(named, here.place, variables)
    file = settings_of_runs(root)
    if file:
        settled = Settings.read(
            given, mode, defaults=here.defaults, environment=variables, file=file
        )
    here.settings = settled
    return settled, root


def known_variables(here: Session) -> Mapping[str, str]:
    """Return the variables as the first `init()` read them; say which are others now."""
    now = of_the_tracker(os.environ)
    if here.environment is None:
        here.environment = now
    for name in sorted(now.keys() | here.environment.keys()):
        if now.get(name) != here.environment.get(name):
            here.say(
                f"variable {name}",
                f"{name} has changed since the first nbtrack.init() and is not read again. To "
                "read it, type nbtrack.teardown(): it ends the runs that are open.",
            )
    return here.environment


def tell_unused(here: Session, **arguments: object) -> None:
    """Say once of each argument that has no effect that it has none."""
    for name, value in arguments.items():
        if value is not None and value is not False:
            here.say(
                f"argument {name}",
                f"nbtrack.init({name}={value!r}) is taken and has no effect: {_NO_EFFECT[name]}.",
            )


@contextmanager
def alone(here: Session, timeout_s: float) -> Iterator[None]:
    """Hold the session for one `init()` after the other.

    Raises:
        Error: If another thread's takes longer than `timeout_s`.
    """
    opening = here.opening
    if not opening.acquire(timeout=min(timeout_s, 1e6)):
        raise Error(
            f"nbtrack.init() of another thread goes on for more than {timeout_s:g} s. To wait "
            "longer, type settings={'init_timeout': 300}."
        )
    try:
        yield
    finally:
        opening.release()
