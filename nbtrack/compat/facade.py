"""Modules that are called `wandb` and look every name up where it lives."""

from functools import cached_property
from importlib import import_module
from types import ModuleType
from typing import Any

import nbtrack
from nbtrack.compat.surface import LATER, MODULES, SURFACE, VERSION, children
from nbtrack.runs import later


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
            if name in children(self._path):
                return self._facades[f"{self._path}.{name}".lstrip(".")]
            if name in SURFACE.get(self._path, {}):
                home, own = SURFACE[self._path][name]
                return getattr(import_module(home), own)
            if name in LATER.get(self._path, ()):
                return later(f"{self._path}.{name}")
            if not self._path and name in self.__all__:
                return getattr(nbtrack, name)
        raise AttributeError(
            f"module {self.__name__!r} has no attribute {name!r}: nbtrack stands in its place "
            "(nbtrack.install_as_wandb) and does not know that name."
        )

    @cached_property
    def __all__(self) -> list[str]:
        """The names that `from wandb import *` takes."""
        if not self._path:
            return sorted(name for name in dir(nbtrack) if not name.startswith("__"))
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
