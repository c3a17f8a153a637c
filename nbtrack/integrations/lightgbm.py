"""LightGBM: every round of `train()`, also of its scikit-learn estimators.

config    lightgbm: the parameters of the booster
rows      <data>/<metric> of each round, for data that is given to evaluate
(`valid_sets`, `eval_set`)
summary   best_iteration where a training stops early
"""

import sys
from typing import Any

from nbtrack.integrations.patching import Function, Patches
from nbtrack.integrations.sinks import Sink, given

_HOLDERS = ("lightgbm.engine", "lightgbm.sklearn", "lightgbm")
_ORDER = 10  # before early stopping, which ends the round by an exception (30)


def patch(_module: Any, patches: Patches, sink: Sink) -> None:  # noqa: ANN401 - lightgbm
    """Follow `train` wherever the library has it."""

    def make(original: Function) -> Function:
        def train(*args: Any, **options: Any) -> object:  # noqa: ANN401
            with sink.guarded():
                parameters = args[0] if args else options.get("params")
                sink.configure({"lightgbm": given(parameters)})
                options["callbacks"] = [*(options.get("callbacks") or ()), _rounds(sink)]
            booster: Any = original(*args, **options)
            with sink.guarded():
                if getattr(booster, "best_iteration", 0) > 0:
                    sink.summarise({"best_iteration": booster.best_iteration})
            return booster

        return train

    for name in _HOLDERS:
        for held in ("train", "_train"):  # its estimators call it by that name
            if hasattr(sys.modules.get(name), held):
                patches.wrap(sys.modules[name], held, make)


def _rounds(sink: Sink) -> Function:
    def rounds(env: Any) -> None:  # noqa: ANN401
        with sink.guarded():
            results = env.evaluation_result_list or ()
            sink.row({f"{data}/{metric}": value for data, metric, value, *_ in results})

    rounds.order = _ORDER  # type: ignore[attr-defined]
    return rounds
