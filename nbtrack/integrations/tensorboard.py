"""TensorBoard: scalars of `SummaryWriter`, PyTorch's and tensorboardX's.

rows      <tag> and global_step; the scalars of one global_step share a row
"""

from typing import Any

from nbtrack.integrations.patching import Function, Patches
from nbtrack.integrations.sinks import Sink


def patch(module: Any, patches: Patches, sink: Sink) -> None:  # noqa: ANN401 - has SummaryWriter
    """Follow the scalars of all writers."""
    rows = _Rows(sink)

    def one(original: Function) -> Function:
        def add_scalar(self: Any, tag: str, value: Any, *args: Any, **options: Any) -> object:  # noqa: ANN401
            done = original(self, tag, value, *args, **options)
            with sink.guarded():
                rows.add({tag: value}, _step(args, options))
            return done

        return add_scalar

    def several(original: Function) -> Function:
        def add_scalars(self: Any, tag: str, values: Any, *args: Any, **options: Any) -> object:  # noqa: ANN401
            done = original(self, tag, values, *args, **options)
            with sink.guarded():
                named = {f"{tag}/{name}": value for name, value in values.items()}
                rows.add(named, _step(args, options))
            return done

        return add_scalars

    patches.wrap(module.SummaryWriter, "add_scalar", one)
    patches.wrap(module.SummaryWriter, "add_scalars", several)


class _Rows:
    """Puts the scalars of one step into one row."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._step: object = None

    def add(self, values: dict[str, object], step: object) -> None:
        if self._step is not None and step != self._step:
            self._sink.finish_row()
        self._step = step
        self._sink.row({**values, "global_step": step}, is_complete=step is None)


def _step(args: tuple[Any, ...], options: dict[str, Any]) -> object:
    return args[0] if args else options.get("global_step")
