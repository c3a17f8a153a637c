"""`import wandb` means nbtrack, and afterwards what it meant before."""

import importlib.metadata
import importlib.util
import subprocess
import sys
import textwrap
from threading import Barrier, Thread

import pytest

import nbtrack
from nbtrack.runs import session


@pytest.fixture(autouse=True)
def _workspace(tmp_path, monkeypatch):
    monkeypatch.setenv("NBTRACK_DIR", str(tmp_path))
    before = (list(sys.meta_path), sys.modules.get("wandb"))
    yield
    nbtrack.teardown()
    assert (list(sys.meta_path), sys.modules.get("wandb")) == before


@pytest.fixture
def wandb():
    """nbtrack, by the name of wandb."""
    with nbtrack.install_as_wandb():
        import wandb

        yield wandb


@pytest.fixture
def real(tmp_path, monkeypatch):
    """A package that is called wandb, installed and imported, as the real one would be."""
    site = tmp_path / "site"
    (site / "wandb" / "sdk").mkdir(parents=True)
    (site / "wandb" / "__init__.py").write_text("from wandb import sdk\n__version__ = '0.9'\n")
    (site / "wandb" / "sdk" / "__init__.py").write_text("")
    (site / "wandb-0.9.dist-info").mkdir()
    (site / "wandb-0.9.dist-info" / "METADATA").write_text("Name: wandb\nVersion: 0.9\n")
    monkeypatch.syspath_prepend(str(site))
    importlib.invalidate_caches()
    import wandb

    yield wandb
    for name in [name for name in sys.modules if name.partition(".")[0] == "wandb"]:
        del sys.modules[name]


def test_the_module_has_the_names_of_both(wandb):
    assert wandb.init is nbtrack.init
    assert wandb.Error is nbtrack.Error
    assert hasattr(wandb, "run")
    assert wandb.__version__ >= "0.12.10"


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("wandb", "Api"),
        ("wandb.apis.public", "Run"),
        ("wandb.data_types", "Histogram"),
        ("wandb.env", "set_project"),
        ("wandb.errors", "CommError"),
        ("wandb.integration.keras", "WandbMetricsLogger"),
        ("wandb.integration.lightning.fabric", "WandbLogger"),
        ("wandb.keras", "WandbCallback"),
        ("wandb.plot", "confusion_matrix"),
        ("wandb.sdk", "Artifact"),
        ("wandb.sdk.lib", "RunDisabled"),
        ("wandb.sdk.lib.config_util", "ConfigError"),
        ("wandb.sdk.lib.runid", "generate_id"),
        ("wandb.sdk.lib.telemetry", "context"),
        ("wandb.sdk.wandb_run", "Run"),
        ("wandb.sklearn", "plot_roc"),
        ("wandb.tensorboard", "patch"),
        ("wandb.util", "get_module"),
        ("wandb.wandb_run", "Run"),
    ],
)
def test_a_submodule_is_imported_with_its_names(wandb, module, name):
    assert hasattr(importlib.import_module(module), name)


def test_every_name_that_is_promised_is_there(wandb):
    from nbtrack.compat.surface import LATER, SURFACE

    for path, names in (*SURFACE.items(), *LATER.items()):
        module = importlib.import_module(f"wandb.{path}")
        for name in names:
            assert getattr(module, name) is not None
        assert set(names) <= set(dir(module))


def test_submodules_are_reached_without_importing_them(wandb):
    """Transformers says `import wandb` and then `wandb.sdk.lib.config_util.ConfigError`."""
    assert wandb.sdk.lib.config_util.ConfigError is nbtrack.errors.ConfigError
    assert nbtrack.sdk.lib.config_util.ConfigError is nbtrack.errors.ConfigError


def test_a_module_that_is_not_known_is_not_there(wandb):
    assert importlib.util.find_spec("wandb.nothing") is None
    with pytest.raises(ModuleNotFoundError, match=r"wandb\.nothing"):
        importlib.import_module("wandb.nothing")
    with pytest.raises(AttributeError, match="nbtrack stands in its place"):
        _ = wandb.nothing
    assert not hasattr(wandb, "store")


def test_package_metadata_is_answered(wandb):
    assert importlib.metadata.version("wandb") == wandb.__version__
    assert importlib.metadata.version("WandB") == wandb.__version__
    assert importlib.util.find_spec("wandb") is not None
    assert "wandb" in {found.name for found in importlib.metadata.distributions()}
    assert importlib.metadata.version("numpy") != wandb.__version__


def test_run_config_and_summary_are_those_of_now(wandb):
    assert wandb.run is None

    run = wandb.init(config={"lr": 1})
    wandb.log({"loss": 0.5})

    assert wandb.run is run
    assert (wandb.config.lr, wandb.summary["loss"]) == (1, 0.5)
    wandb.join()
    assert wandb.run is None
    with pytest.raises(wandb.Error, match="no run is open"):
        _ = wandb.config.lr


def test_classes_tell_runs_from_disabled_ones(wandb):
    from wandb.sdk.lib import RunDisabled
    from wandb.wandb_run import Run

    run = wandb.init(mode="disabled")

    assert isinstance(run, Run)
    assert isinstance(run, RunDisabled)
    run.finish()
    assert not isinstance(wandb.init(), RunDisabled)


def test_telemetry_is_taken_and_forgotten(wandb):
    from wandb.sdk.lib import telemetry

    with telemetry.context(run=None) as told:
        told.feature.keras = True

    assert told.feature.keras is not True


def test_the_environment_names_the_project(wandb, monkeypatch):
    monkeypatch.setenv("WANDB_PROJECT", "")
    import wandb.env

    wandb.env.set_project("digits")

    assert wandb.env.get_project() == "digits"
    assert wandb.init().project == "digits"


def test_texts_are_said_once_or_every_time(wandb, monkeypatch):
    said: list[tuple[str, str]] = []
    monkeypatch.setattr(session(), "voice", lambda level, text: said.append((level, text)))

    for _ in range(2):
        wandb.termwarn("mind the gap", repeat=False)
        wandb.termlog("news")

    assert said == [("warning", "mind the gap"), ("info", "news"), ("info", "news")]


def test_a_module_that_is_asked_for_is_given_or_its_lack_is_said(wandb):
    assert wandb.util.get_module("json").__name__ == "json"
    assert wandb.util.get_module("no_such_module") is None
    with pytest.raises(wandb.Error, match="pip install it"):
        wandb.util.get_module("no_such_module", required="pip install it")


def test_what_a_server_would_ask_for_is_answered(wandb):
    assert wandb.login(key="secret", relogin=True)
    wandb.setup()
    wandb.require("service")


def test_a_run_is_found_again_by_its_id(wandb):
    first = wandb.init(reinit="create_new")
    wandb.init(reinit="create_new")

    assert wandb._attach(first.id) is first
    with pytest.raises(nbtrack.Error, match="no run 'nobody' is open"):
        wandb._attach("nobody")


def test_teardown_ends_every_run(wandb):
    runs = [wandb.init(reinit="create_new") for _ in range(2)]

    wandb.teardown(exit_code=3)

    assert [run.state for run in runs] == ["failed", "failed"]


def test_afterwards_the_name_is_unknown_again():
    with nbtrack.install_as_wandb():
        importlib.import_module("wandb.sdk.lib")

    assert [name for name in sys.modules if name.partition(".")[0] == "wandb"] == []
    assert importlib.util.find_spec("wandb") is None
    with pytest.raises(importlib.metadata.PackageNotFoundError):
        importlib.metadata.version("wandb")


def test_the_real_one_comes_back_as_it_was(real):
    sdk = sys.modules["wandb.sdk"]

    with nbtrack.install_as_wandb():
        import wandb

        assert wandb is not real
        assert importlib.metadata.version("wandb") == wandb.__version__ != "0.9"
        assert importlib.import_module("wandb.sdk") is not sdk

    assert importlib.import_module("wandb") is real
    assert importlib.import_module("wandb.sdk") is real.sdk is sdk
    assert importlib.metadata.version("wandb") == real.__version__ == "0.9"


def test_it_lasts_until_the_last_block_ends():
    with nbtrack.install_as_wandb(), nbtrack.install_as_wandb():
        pass
    assert "wandb" not in sys.modules

    outside = nbtrack.install_as_wandb()
    with nbtrack.install_as_wandb():
        pass
    assert "wandb" in sys.modules
    outside.uninstall()


def test_it_is_installed_once_and_undone_by_any_of_its_handles():
    handles = [nbtrack.install_as_wandb() for _ in range(3)]
    import wandb

    assert sys.modules["wandb"] is wandb
    handles[-1].uninstall()
    handles[0].uninstall()
    assert "wandb" not in sys.modules
    assert "undone" in repr(handles[0])


def test_threads_may_come_and_go():
    together, seen = Barrier(8), []

    def use():
        together.wait()
        for _ in range(50):
            with nbtrack.install_as_wandb():
                seen.append(importlib.import_module("wandb").init is nbtrack.init)

    threads = [Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert seen == [True] * 400


def test_importing_nbtrack_installs_and_loads_nothing_of_it():
    code = """
        import sys, nbtrack
        assert "nbtrack.compat" not in sys.modules
        import nbtrack as wandb
        assert wandb.util.generate_id() != wandb.util.generate_id()
        assert "wandb" not in sys.modules
        print("light")
    """

    told = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False
    )

    assert told.stdout == "light\n", told.stderr
