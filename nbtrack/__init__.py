"""nbtrack: experiment tracking that lives in the notebook.

    import nbtrack

    run = nbtrack.init(project="digits", config={"lr": 1e-3})
    run.display()
    for epoch in range(10):
        run.log({"train/loss": 1 / (epoch + 1)})
    run.finish()

The public names, by what they are for; `help(nbtrack.log)` and so on say more:

    a run                   attach finish init join run Run setup Settings teardown
    what it logs            alert config define_metric Histogram log log_code restore save summary
    what it says of itself  AlertLevel mark_preempting pin_config_keys
    looking at runs         Api ChartStyle compare report Section
    the machine             add_system_sampler
    errors                  CommError Error NotYetError UsageError
    in place of wandb       install_as_wandb login require termerror termlog termsetup termwarn

Names are loaded when they are first used, so that the import costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbtrack.compat import install_as_wandb
    from nbtrack.errors import CommError, Error, NotYetError, UsageError
    from nbtrack.kernel import Api, compare, init
    from nbtrack.plots import ChartStyle
    from nbtrack.reports import Section, report
    from nbtrack.runs import (
        AlertLevel,
        Config,
        Histogram,
        Run,
        Summary,
        add_system_sampler,
        alert,
        attach,
        define_metric,
        finish,
        join,
        log,
        log_code,
        login,
        mark_preempting,
        pin_config_keys,
        require,
        restore,
        save,
        setup,
        teardown,
        termerror,
        termlog,
        termsetup,
        termwarn,
    )
    from nbtrack.settings import Settings

    config: Config
    run: Run | None
    summary: Summary

__version__ = "0.1.0"

__all__ = [
    "AlertLevel",
    "Api",
    "ChartStyle",
    "CommError",
    "Error",
    "Histogram",
    "NotYetError",
    "Run",
    "Section",
    "Settings",
    "UsageError",
    "add_system_sampler",
    "alert",
    "attach",
    "compare",
    "config",
    "define_metric",
    "finish",
    "init",
    "install_as_wandb",
    "join",
    "log",
    "log_code",
    "login",
    "mark_preempting",
    "pin_config_keys",
    "report",
    "require",
    "restore",
    "run",
    "save",
    "setup",
    "summary",
    "teardown",
    "termerror",
    "termlog",
    "termsetup",
    "termwarn",
]

_NAMES = {
    "nbtrack.compat": (
        "Artifact ArtifactTTL Audio Bokeh BoundingBoxes2D Classes EvalTable Graph Html Image "
        "ImageMask JoinedTable Molecule Object3D PartitionedTable Plotly Table Video _attach "
        "agent apis box3d catboost controller data_types ensure_configured env errors gym "
        "install_as_wandb integration keras lightgbm patched plot plot_table sacred sdk sklearn "
        "sweep tensorboard tensorflow util visualize wandb_run xgboost"
    ),
    "nbtrack.errors": "CommError Error NotYetError UsageError",
    "nbtrack.kernel": "Api compare init load_ipython_extension unload_ipython_extension",
    "nbtrack.plots": "ChartStyle",
    "nbtrack.runs": (
        "AlertLevel Config Histogram Run Summary add_system_sampler alert attach "
        "define_metric finish join "
        "link_artifact link_model log log_artifact log_code log_model login mark_preempting "
        "pin_config_keys require restore save setup teardown termerror termlog termsetup "
        "termwarn unwatch use_artifact use_model watch"
    ),
    "nbtrack.reports": "Section report",
    "nbtrack.settings": "Settings",
}
_HOMES = {name: home for home, names in _NAMES.items() for name in names.split()}
_OF_THE_RUN = ("config", "run", "summary")


def __getattr__(name: str) -> object:
    if name in _OF_THE_RUN:
        runs = import_module("nbtrack.runs")
        return runs.of_the_active_run(name)
    if name == "errors":
        return import_module("nbtrack.errors")
    if name == "_attach":  # Lightning's name for it
        return import_module("nbtrack.runs").attach
    if name not in _HOMES:
        raise AttributeError(f"module 'nbtrack' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*__all__, *_HOMES, "__version__"})
