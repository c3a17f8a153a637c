"""XGBoost: every round of `train()`, also of its scikit-learn estimators.

config    xgboost: the parameters of the booster
rows      <data>/<metric> of each round, for data that is given to evaluate (`evals`,
`eval_set`)
summary   best_score, best_iteration where a training stops early
"""

import sys
from typing import Any

from nbtrack.integrations.patching import Function, Patches
from nbtrack.integrations.sinks import Sink, given

_HOLDERS = ("xgboost.training", "xgboost.sklearn", "xgboost")


def patch(module: Any, patches: Patches, sink: Sink) -> None:  # noqa: ANN401 - xgboost
    """Follow `train` wherever the library has it."""
    rounds = _rounds(module, sink)

    def make(original: Function) -> Function:
        def train(*args: Any, **options: Any) -> object:  # noqa: ANN401
            with sink.guarded():
                parameters = args[0] if args else options.get("params")
                sink.configure({"xgboost": given(parameters)})
                options["callbacks"] = [*(options.get("callbacks") or ()), rounds()]
            return original(*args, **options)

        return train

    for name in _HOLDERS:
        if hasattr(sys.modules.get(name), "train"):
            patches.wrap(sys.modules[name], "train", make)


def _rounds(module: Any, sink: Sink) -> type:  # noqa: ANN401 - xgboost
    class Rounds(module.callback.TrainingCallback):  # type: ignore[misc]
        """Logs each round."""

        def after_iteration(self, _model: object, _epoch: int, evals_log: Any) -> bool:  # noqa: ANN401
            with sink.guarded():
                sink.row(
                    {
                        f"{data}/{metric}": values[-1]
                        for data, metrics in evals_log.items()
                        for metric, values in metrics.items()
                    }
                )
            return False

        def after_training(self, model: Any) -> Any:  # noqa: ANN401
            with sink.guarded():
                names = ("best_score", "best_iteration")
                sink.summarise({name: getattr(model, name, None) for name in names})
            return model

    return Rounds
