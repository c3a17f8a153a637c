"""Modules that are called `wandb` and look every name up where it lives."""

from functools import cached_property
from importlib import import_module
from types import ModuleType
from typing import Any

from nbtrack.compat.surface import LATER, MODULES, SURFACE, VERSION, children
from nbtrack.runs import NAMES_TO_COME, attach, require, stand_in

_MISSING = object()
_tracker = import_module("nbtrack")


class Facade(ModuleType):
    """One module of `wandb`. Nothing is kept in it: `wandb.run` is the run of now."""

    def __init__(self, path: str, facades: "Facades") -> None:
        """Stand for a module.

        Args:
            path: What follows `wandb.` in its name; "" for `wandb`.
            facades: Those beside it.
        """
        super().__init__(f"wandb.{path}" if path else "wandb", "nbtrack, in place of wandb.")
        self._path = path
        self._facades = facades
        self.__version__ = VERSION

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the name means
        """Look a name up.

        Raises:
            AttributeError: If the module has none of that name.
        """
        if not name.startswith("__"):
            found = self._found(name)
            if found is not _MISSING:
                return found
        raise AttributeError(
            f"module {self.__name__!r} has no attribute {name!r}: nbtrack stands in its place "
            "(nbtrack.install_as_wandb) and does not know that name."
        )

    def _found(self, name: str) -> Any:  # noqa: ANN401 - whatever the name means
        path = self._path
        if name in children(path):
            return self._facades[f"{path}.{name}".lstrip(".")]
        if name in SURFACE.get(path, {}):
            home, own = SURFACE[path][name]
            return getattr(import_module(home), own)
        if name in LATER.get(path, ()):
            return stand_in(f"{path}.{name}")
        found = _MISSING if path else getattr(_tracker, name, _MISSING)
        return _MISSING if isinstance(found, ModuleType) else found  # our own rooms stay ours

    @cached_property
    def __all__(self) -> list[str]:
        """The names that `from wandb import *` takes."""
        if not self._path:
            return sorted({*_tracker.__all__, *NAMES_TO_COME})
        return sorted({*SURFACE.get(self._path, ()), *LATER.get(self._path, ())})

    def __dir__(self) -> list[str]:
        """Return its names, and those of the modules inside."""
        return sorted({*super().__dir__(), *self.__all__, *children(self._path)})


class Facades:
    """The modules of one installation, each made when it is first asked for."""

    def __init__(self) -> None:
        """Begin without any."""
        self._made: dict[str, Facade] = {}

    def __getitem__(self, path: str) -> Facade:
        """Return the module whose name is `wandb.<path>`.

        Raises:
            KeyError: If there is none of that name.
        """
        if path and path not in MODULES:
            raise KeyError(path)
        return self._made.setdefault(path, Facade(path, self))


_own = Facades()
_MORE = {
    "_attach": attach,
    "ensure_configured": require,
    "patched": {"tensorboard": [], "keras": [], "gym": []},
}


def known(name: str) -> object:
    """Return what a name of the field means directly below `nbtrack`.

    It makes `import nbtrack as wandb` do: `wandb.util`, `wandb.Image`, `wandb.join`.

    Args:
        name: One that nbtrack does not have itself.

    Returns:
        A module, or what stands for a name; None where the field has none.
    """
    if name == "errors":
        return import_module("nbtrack.errors")
    if name in children(""):
        return _own[name]
    if name in NAMES_TO_COME:
        return stand_in(name)
    return _MORE.get(name)
