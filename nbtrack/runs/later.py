"""Names of the field that nbtrack knows and this version does not fill.

Code written for other trackers imports them, asks `isinstance`, and stores them in
variables long before it calls them, so they are there. Calling one says that it is not
there yet and what works today; nothing here pretends.
"""

from abc import abstractmethod
from functools import cache
from typing import Any, NoReturn, Self

from nbtrack.errors import NotYetError

_FILES = "keep the file with the run: run.save(path)"
_NUMBERS = "log its numbers, text or an nbtrack.Histogram: run.log({name: value})"
_ROWS = "log its rows one by one, run.log({column: value}), or keep it as a file: run.save(path)"
_FIGURE = "show it in the cell, run.plot() for logged metrics, or keep it: run.save(path)"
_VALUES = "log what you want to see of it: run.log({name: value})"
_LOOP = "loop over the settings yourself, nbtrack.init(group=..., config=...) for each"

_UNWATCHED = (
    "run.watch() records no gradients and parameters yet; the training is not affected. "
    'Type run.log({"gradients": nbtrack.Histogram(tensor)}) for those you want to see.'
)

_INSTEAD = {
    "Artifact": _FILES,
    "ArtifactTTL": _FILES,
    "Audio": _FILES,
    "Bokeh": _FIGURE,
    "BoundingBoxes2D": _NUMBERS,
    "Classes": _NUMBERS,
    "EvalTable": _ROWS,
    "Graph": _FILES,
    "Html": _FILES,
    "Image": _FILES,
    "ImageMask": _FILES,
    "JoinedTable": _ROWS,
    "Molecule": _FILES,
    "Object3D": _FILES,
    "PartitionedTable": _ROWS,
    "Plotly": _FIGURE,
    "Table": _ROWS,
    "Video": _FILES,
    "agent": _LOOP,
    "box3d": _FILES,
    "controller": _LOOP,
    "plot_table": _FIGURE,
    "sweep": _LOOP,
    "visualize": _FIGURE,
}
NAMES_TO_COME = tuple(sorted(_INSTEAD))
"""The names that `nbtrack` itself has of these."""

_ROOMS = {
    "plot": _FIGURE,
    "sklearn": _FIGURE,
    "tensorboard": _VALUES,
}


def not_yet(name: str) -> NotYetError:
    """Return the error that says that a name is not filled, and what works today.

    Args:
        name: As it is typed after `nbtrack.`, for example `Image` or `plot.line`.
    """
    instead = _INSTEAD.get(name) or _ROOMS.get(name.partition(".")[0], _VALUES)
    return NotYetError(f"nbtrack.{name} is not there yet. What works today: {instead}.")


@cache
def stand_in(name: str) -> Any:  # noqa: ANN401 - a class or a function
    """Return what stands for a name: a class, or for a lower-case name a function.

    Args:
        name: As for `not_yet`.
    """
    last = name.rpartition(".")[2]
    if last[0].isupper():
        return type(last, (_Later,), {"__doc__": f"{name}, not there yet.", "name": name})

    def refuse(*_: object, **__: object) -> NoReturn:
        raise not_yet(name)

    refuse.__name__ = refuse.__qualname__ = last
    refuse.__doc__ = f"{name}, not there yet."
    return refuse


class _Later:
    """What stands for a class: it can be asked for and derived from, not made."""

    name = ""

    def __new__(cls, *_: object, **__: object) -> NoReturn:
        raise not_yet(cls.name)


class _Idle:
    """Whatever is asked of it, or called of it, is itself; it keeps nothing."""

    def __getattr__(self, name: str) -> Self:
        """Return itself; what Python asks for by itself is not there."""
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *_: object, **__: object) -> Self:
        """Return itself."""
        return self


IDLE = _Idle()
"""What a disabled run gives for an artifact, so that code that tracks runs as it is."""


class LaterMethods:
    """The methods of a run that this version does not fill."""

    __slots__ = ()

    @property
    @abstractmethod
    def disabled(self) -> bool:
        """Whether nothing is kept."""

    @abstractmethod
    def _on_trouble(self, cause: str, text: str) -> None:
        """Take what there is to say."""

    def watch(self, /, *_: object, **__: object) -> None:
        """Take models to watch; nothing is recorded of them yet, which is said once."""
        if not self.disabled:
            self._on_trouble("watch", _UNWATCHED)

    def unwatch(self, /, *_: object, **__: object) -> None:
        """Watch models no more; there is nothing to end yet."""

    def log_artifact(self, /, *_: object, **__: object) -> Any:  # noqa: ANN401 - or an error
        """Say that artifacts are not there yet; a disabled run gives `IDLE`."""
        return self._artifact(
            "log_artifact", "run.save(path) keeps a file or a folder with the run"
        )

    def use_artifact(self, /, *_: object, **__: object) -> Any:  # noqa: ANN401 - or an error
        """Say that artifacts are not there yet; a disabled run gives `IDLE`."""
        return self._artifact("use_artifact", "run.restore(name, run_path) opens a file of a run")

    def upsert_artifact(self, /, *_: object, **__: object) -> Any:  # noqa: ANN401 - or an error
        """Say that artifacts are not there yet; a disabled run gives `IDLE`."""
        return self._artifact("upsert_artifact", "run.save(path) keeps a file or a folder")

    def finish_artifact(self, /, *_: object, **__: object) -> Any:  # noqa: ANN401 - or an error
        """Say that artifacts are not there yet; a disabled run gives `IDLE`."""
        return self._artifact("finish_artifact", "run.save(path) keeps a file or a folder")

    def link_artifact(self, /, *_: object, **__: object) -> Any:  # noqa: ANN401 - or an error
        """Say that artifacts are not there yet; a disabled run gives `IDLE`."""
        return self._artifact("link_artifact", "tags find a run again: run.tags += ('best',)")

    def log_model(self, /, *_: object, **__: object) -> Any:  # noqa: ANN401 - or an error
        """Say that models are not there yet; a disabled run gives `IDLE`."""
        return self._artifact("log_model", "run.save(path) keeps a model's files with the run")

    def use_model(self, /, *_: object, **__: object) -> Any:  # noqa: ANN401 - or an error
        """Say that models are not there yet; a disabled run gives `IDLE`."""
        return self._artifact("use_model", "run.restore(name, run_path) opens a file of a run")

    def link_model(self, /, *_: object, **__: object) -> Any:  # noqa: ANN401 - or an error
        """Say that models are not there yet; a disabled run gives `IDLE`."""
        return self._artifact("link_model", "tags find a run again: run.tags += ('best',)")

    def _artifact(self, name: str, instead: str) -> Any:  # noqa: ANN401 - or an error
        if self.disabled:
            return IDLE
        raise NotYetError(f"run.{name}() is not there yet. What works today: {instead}.")
