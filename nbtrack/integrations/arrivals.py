"""Modules that are there, and those that come: each is told once.

The finder only listens: it lets the other finders find a module, and is told when the
module's code has run.
"""

import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, TypeAlias

Act: TypeAlias = Callable[[Any], None]
"""Takes a module; must not raise."""


class Arrivals(MetaPathFinder):
    """Waits for modules."""

    def __init__(self) -> None:
        """Begin with none to wait for."""
        self._acts: dict[str, Act] = {}

    def when_there(self, name: str, act: Act) -> None:
        """Call `act` with a module, now if it is there, else when it was imported."""
        module = sys.modules.get(name)
        if module is not None and not getattr(module.__spec__, "_initializing", False):
            act(module)
            return
        self._acts[name] = act
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)

    def stop(self) -> None:
        """Wait no more."""
        self._acts.clear()
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec that the other finders give, if the module is waited for."""
        if fullname not in self._acts:
            return None
        for finder in sys.meta_path:
            if finder is self:
                continue
            spec = finder.find_spec(fullname, path, target)
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _Listening(spec.loader, self._came)
                return spec
        return None

    def _came(self, module: ModuleType) -> None:
        act = self._acts.pop(module.__name__, None)
        if act is not None:
            act(module)


class _Listening(Loader):
    """Loads a module as its own loader does, and tells."""

    def __init__(self, loader: Loader, came: Act) -> None:
        self._loader = loader
        self._came = came

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever that loader has
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader  # whoever asks the module sees no listener
        module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._came(module)
