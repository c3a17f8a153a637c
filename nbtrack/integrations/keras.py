"""Keras: every epoch of `Model.fit()`.

config    keras: name, parameters, optimizer, and what `fit()` was given
rows      epoch/<metric> of each epoch (epoch/loss, epoch/val_loss, ...), epoch/epoch
"""

import inspect
from typing import Any

from nbtrack.integrations.patching import Function, Patches
from nbtrack.integrations.sinks import Sink


def patch(module: Any, patches: Patches, sink: Sink) -> None:  # noqa: ANN401 - keras
    """Follow `fit` of all models."""
    epochs = _epochs(module, sink)

    def make(original: Function) -> Function:
        signature = inspect.signature(original)

        def fit(*args: Any, **options: Any) -> object:  # noqa: ANN401
            with sink.guarded():
                bound = signature.bind(*args, **options)
                bound.arguments["callbacks"] = _joined(bound.arguments.get("callbacks"), epochs())
                args, options = bound.args, bound.kwargs
            return original(*args, **options)

        return fit

    patches.wrap(module.Model, "fit", make)


def _joined(given: Any, ours: object) -> Any:  # noqa: ANN401
    if given is None:
        return [ours]
    if isinstance(given, list | tuple):
        return [*given, ours]
    if hasattr(given, "append"):  # a CallbackList, which calls them itself
        given.append(ours)
        return given
    return [given, ours]


def _epochs(module: Any, sink: Sink) -> type:  # noqa: ANN401 - keras
    class Epochs(module.callbacks.Callback):  # type: ignore[misc]
        """Logs each epoch."""

        def on_train_begin(self, logs: Any = None) -> None:  # noqa: ANN401, ARG002
            with sink.guarded():
                model = self.model
                optimizer = getattr(model, "optimizer", None)
                settings = optimizer.get_config() if optimizer is not None else {}
                sink.configure(
                    {
                        "keras": {
                            "model": model.name,
                            "parameters": model.count_params() if model.built else None,
                            "optimizer": settings,
                            **(self.params or {}),
                        }
                    }
                )

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:  # noqa: ANN401
            with sink.guarded():
                said = {f"epoch/{name}": value for name, value in (logs or {}).items()}
                sink.row({**said, "epoch/epoch": epoch})

    return Epochs
