"""Every test runs in a home of its own and with none of the user's settings."""

import atexit
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HOMES = ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR")
JUPYTER = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")


def pytest_configure() -> None:
    """Take signals as a terminal's programs do, and keep pytest's summary the last word.

    Who starts the tests in the background may ignore both signals, and so would children.
    Hypothesis holds on to what tests used until the interpreter is gone, and DuckDB's
    bindings then print a list of it. Registered first, so that it happens last.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    atexit.register(lambda: os.dup2(os.open(os.devnull, os.O_WRONLY), 2))


@pytest.fixture(scope="session", autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep nbtrack, Jupyter and IPython out of the real home, for the whole session."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in (*HOMES, *JUPYTER):
            folder = home if name == "HOME" else home / name.lower()
            folder.mkdir(mode=0o700, exist_ok=True)
            patch.setenv(name, str(folder))
        for name in list(os.environ):
            if name.startswith(("NBTRACK_", "WANDB_", "JPY_")):
                patch.delenv(name)
        yield home


@pytest.fixture(autouse=True)
def _fresh_settings() -> Iterator[None]:
    """Let the next test's first `init()` read variables anew."""
    yield
    runs = sys.modules.get("nbtrack.runs")
    if runs is not None:
        runs.session().forget()
