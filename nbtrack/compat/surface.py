"""What the modules of `wandb` are called, which names they have, and where those live.

The names are those that other libraries import or look up. What is listed nowhere is
not there: an AttributeError tells a library more than something that does nothing.
"""

from collections.abc import Mapping
from functools import cache

VERSION = "0.31.0"
"""The version that is answered to those who ask: the one whose behaviour is kept."""

Homes = Mapping[str, tuple[str, str]]
"""By name: the module that has it, and its name there."""


def _in(home: str, names: str) -> dict[str, tuple[str, str]]:
    """Return where names live: `Error` or, under another name there, `Failure=Error`."""
    pairs = (name.partition("=") for name in names.split())
    return {name: (home, own or name) for name, _, own in pairs}


_MEDIA = (
    "Audio Bokeh BoundingBoxes2D Classes EvalTable Graph Html Image ImageMask JoinedTable "
    "Molecule Object3D PartitionedTable Plotly Table Video box3d"
)
_SDK = (
    "AlertLevel Artifact Config Settings Summary _attach=attach controller finish init login "
    "require setup sweep teardown"
)

SURFACE: dict[str, Homes] = {
    "apis": _in("nbtrack", "PublicApi=Api"),
    "apis.public": {
        **_in("nbtrack", "Api"),
        **_in("nbtrack.query", "Run=ApiRun Runs Project=ApiProject File=ApiFile"),
        **_in("nbtrack.errors", "RunNotFoundError"),
    },
    "data_types": {**_in("nbtrack", _MEDIA), **_in("nbtrack", "Histogram")},
    "env": _in(
        "nbtrack.compat.environment",
        "DIR ENTITY MODE NAME NOTES PROJECT RESUME RUN_GROUP RUN_ID SILENT TAGS "
        "get_dir get_entity get_project get_run get_tags is_offline set_entity set_project",
    ),
    "errors": _in(
        "nbtrack.errors",
        "AuthenticationError CommError Error UnsupportedError UsageError",
    ),
    "errors.term": _in("nbtrack", "termerror termlog termsetup termwarn"),
    "integration": {},
    "sdk": _in("nbtrack", _SDK),
    "sdk.artifacts": {},
    "sdk.artifacts.artifact": _in("nbtrack", "Artifact"),
    "sdk.data_types": {},
    "sdk.data_types.histogram": _in("nbtrack", "Histogram"),
    "sdk.lib": _in("nbtrack.compat.stand_ins", "RunDisabled SummaryDisabled"),
    "sdk.lib.config_util": _in("nbtrack.errors", "ConfigError Error"),
    "sdk.lib.disabled": _in("nbtrack.compat.stand_ins", "RunDisabled SummaryDisabled"),
    "sdk.lib.runid": _in("nbtrack.runs", "generate_id=new_id"),
    "sdk.lib.telemetry": _in("nbtrack.compat.stand_ins", "context"),
    "sdk.wandb_alerts": _in("nbtrack", "AlertLevel"),
    "sdk.wandb_config": _in("nbtrack.runs", "Config"),
    "sdk.wandb_run": _in("nbtrack", "Run"),
    "sdk.wandb_settings": _in("nbtrack", "Settings"),
    "sdk.wandb_summary": _in("nbtrack.runs", "Summary"),
    "util": {
        **_in(
            "nbtrack.compat.looks",
            "get_full_typename get_module is_numpy_array is_pandas_data_frame "
            "is_pytorch_tensor json_friendly make_artifact_name_safe",
        ),
        **_in("nbtrack.runs", "generate_id=new_id"),
    },
    "wandb_run": _in("nbtrack", "Run"),
}
"""By the name of the module after `wandb.`."""

_LATER = {
    "catboost": "WandbCallback log_summary",
    "diffusers": "autolog",
    "fastai": "WandbCallback",
    "gym": "monitor",
    "huggingface": "autolog",
    "keras": "WandbCallback WandbEvalCallback WandbMetricsLogger WandbModelCheckpoint",
    "kfp": "wandb_log",
    "lightgbm": "log_summary wandb_callback",
    "lightning": "",
    "lightning.fabric": "WandbLogger",
    "metaflow": "wandb_log wandb_track wandb_use",
    "openai": "autolog",
    "sacred": "WandbObserver",
    "sb3": "WandbCallback",
    "sklearn": (
        "plot_calibration_curve plot_class_proportions plot_classifier plot_clusterer "
        "plot_confusion_matrix plot_elbow_curve plot_feature_importances plot_learning_curve "
        "plot_outlier_candidates plot_precision_recall plot_regressor plot_residuals plot_roc "
        "plot_silhouette plot_summary_metrics"
    ),
    "tensorboard": "WandbHook log patch tf_summary_to_dict unpatch",
    "tensorflow": "WandbHook log",
    "torch": "",
    "ultralytics": "add_wandb_callback",
    "xgboost": "WandbCallback wandb_callback",
}
_SHORT = ("catboost", "gym", "keras", "lightgbm", "sacred", "sklearn", "tensorboard", "xgboost")
"""The integrations that are also modules directly below `wandb`."""

_PLOT = (
    "CustomChart bar confusion_matrix histogram line line_series plot_table pr_curve roc_curve "
    "scatter visualize"
)

LATER: dict[str, frozenset[str]] = {
    "plot": frozenset(_PLOT.split()),
    **{f"integration.{room}": frozenset(names.split()) for room, names in _LATER.items()},
    **{room: frozenset(_LATER[room].split()) for room in _SHORT},
    "tensorflow": frozenset(_LATER["tensorflow"].split()),
}
"""By module: the names that are known and not filled yet."""

MODULES = frozenset((*SURFACE, *LATER))


@cache
def children(module: str) -> frozenset[str]:
    """Return the names of the modules directly inside one; "" is `wandb` itself."""
    above = f"{module}." if module else ""
    below = (name[len(above) :] for name in MODULES if name.startswith(above))
    return frozenset(name.partition(".")[0] for name in below if name)
