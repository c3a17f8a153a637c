"""`install_as_wandb()`: the import hook, and how it goes away again."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from importlib.metadata import Distribution, DistributionFinder
from os import PathLike
from pathlib import Path
from threading import RLock
from types import ModuleType, TracebackType
from typing import Literal, Self

from nbtrack.compat.facade import Facade, Facades
from nbtrack.compat.surface import MODULES, VERSION, children

_NAME = "wandb"
_METADATA = f"""Metadata-Version: 2.1
Name: {_NAME}
Version: {VERSION}
Summary: nbtrack, in place of wandb
"""
_installing = RLock()


class _Package(Distribution):
    """What package metadata says of `wandb` while nbtrack stands for it."""

    def read_text(self, filename: str | PathLike[str]) -> str | None:
        """Return a file of the metadata; None if it has none of that name."""
        return {"METADATA": _METADATA, "top_level.txt": _NAME}.get(str(filename))

    def locate_file(self, path: str | PathLike[str]) -> Path:
        """Return where a file would be; there is none."""
        return Path(path)


class _Standing(DistributionFinder, Loader):
    """Finds `wandb`, its modules and its metadata, before anybody else does.

    Attributes:
        holders: Those for whom it does so.
    """

    def __init__(self) -> None:
        self.holders: set[Installation] = set()
        self._facades = Facades()
        self._before: dict[str, ModuleType] = {}

    def begin(self) -> None:
        """Put away the modules that are loaded, and find others from now on."""
        self._facades = Facades()
        self._before = dict(_modules())
        for name in self._before:
            del sys.modules[name]
        sys.meta_path.insert(0, self)
        import_module(_NAME)

    def end(self) -> None:
        """Find nothing more, and put back what was loaded."""
        self.holders.clear()
        if self not in sys.meta_path:
            return
        sys.meta_path.remove(self)
        for name in [name for name, module in _modules() if isinstance(module, Facade)]:
            del sys.modules[name]
        sys.modules.update(self._before)
        self._before = {}

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG002 - the protocol's signature
        target: ModuleType | None = None,  # noqa: ARG002 - the protocol's signature
    ) -> ModuleSpec | None:
        """Return how a module is loaded; None if it is not one of ours."""
        name, _, inner = fullname.partition(".")
        if name != _NAME or (inner and inner not in MODULES):
            return None
        is_package = not inner or bool(children(inner))
        return ModuleSpec(fullname, self, origin="nbtrack", is_package=is_package)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the module for a name."""
        return self._facades[spec.name.partition(".")[2]]

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing: there is nothing in it to be run."""

    def find_distributions(
        self, context: DistributionFinder.Context | None = None
    ) -> Iterable[Distribution]:
        """Return the metadata of `wandb` to those who ask for it, or for all, anywhere."""
        name = getattr(context, "name", None)
        is_anywhere = context is None or "path" not in vars(context)
        return [_Package()] if is_anywhere and (name or _NAME).lower() == _NAME else []


_standing = _Standing()


class Installation:
    """nbtrack in place of `wandb`, until `uninstall()` or the end of a `with` block."""

    def uninstall(self) -> None:
        """Let `import wandb` mean what it meant before; a second time nothing happens."""
        with _installing:
            _standing.end()

    def __enter__(self) -> Self:
        """Begin a block; if nobody else asked for it, it is undone with the block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> Literal[False]:
        """End the block; an exception goes on."""
        with _installing:
            _standing.holders.discard(self)
            if not _standing.holders:
                _standing.end()
        return False

    def __repr__(self) -> str:
        """Say whether it holds."""
        return f"<nbtrack in place of wandb: {'installed' if _standing.holders else 'undone'}>"


def install_as_wandb() -> Installation:
    """Let `import wandb` mean nbtrack, for libraries that log to nothing else.

    Modules, package metadata and version are answered as wandb's, also where the real
    one is installed. Call it before a library is imported that says `import wandb`:
    who holds the real module already goes on with it. A second call changes nothing.

    Returns:
        What undoes it: `.uninstall()` at once and for all, the end of a block,
        `with nbtrack.install_as_wandb():`, for those who asked in that place.

    Examples:
        >>> with nbtrack.install_as_wandb():  # or without `with`, for the whole process
        ...     import wandb
        ...     wandb.run is nbtrack.run
        True
    """
    with _installing:
        installation = Installation()
        if not _standing.holders:
            _standing.begin()
        _standing.holders.add(installation)
        return installation


def _modules() -> Iterator[tuple[str, ModuleType]]:
    for name, module in tuple(sys.modules.items()):
        if name == _NAME or name.startswith(f"{_NAME}."):
            yield name, module
