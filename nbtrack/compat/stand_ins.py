"""Classes and contexts that callbacks name and nbtrack has no use for."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from nbtrack.runs import Run, Summary


class _Disabled(type):
    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, Run) and instance.disabled


class RunDisabled(metaclass=_Disabled):
    """The class of which every run with `mode="disabled"` is."""


SummaryDisabled = Summary


class _Unheard:
    """Takes every attribute and forgets it."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - another of its kind
        """Return something that takes every attribute."""
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __setattr__(self, name: str, value: object) -> None:
        """Forget it."""


@contextmanager
def context(*_: object, **__: object) -> Iterator[Any]:
    """Take what a library tells of its use; nbtrack collects none of it."""
    yield _Unheard()
