"""What callbacks take from `wandb.util`: what a value looks like, what is installed."""

import re
import sys
from importlib import import_module
from typing import Any

from nbtrack.errors import Error
from nbtrack.values import jsonable

LONGEST_NAME = 128


def get_module(name: str, required: str | None = None, lazy: bool = True) -> Any:  # noqa: ANN401, ARG001, FBT001, FBT002 - the field's signature
    """Return a module, or None where it cannot be imported.

    Args:
        name: Its whole name.
        required: What the error says if it cannot be imported; None for no error.
        lazy: Taken for compatibility; the module is imported at once.

    Raises:
        Error: If it cannot be imported and is required.
    """
    try:
        return import_module(name)
    except Exception as error:
        if required:
            raise Error(required) from error
        return None


def make_artifact_name_safe(name: str) -> str:
    """Return a name with `_` in place of what artifacts' names must not have."""
    safe = re.sub(r"[^a-zA-Z0-9_\-.]", "_", name)
    half = LONGEST_NAME // 2 - 1
    return safe if len(safe) <= LONGEST_NAME else f"{safe[:half]}..{safe[-half:]}"


def json_friendly(value: object) -> tuple[Any, bool]:
    """Return a value as JSON, and whether it had to be turned into it."""
    friendly = jsonable(value)
    return friendly, friendly is not value


def get_full_typename(value: object) -> str:
    """Return module and name of a value's class; builtins without the module."""
    kind = type(value)
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"


def is_numpy_array(value: object) -> bool:
    """Return whether a value is an array of numpy."""
    return _is_a(value, "numpy", "ndarray")


def is_pandas_data_frame(value: object) -> bool:
    """Return whether a value is a data frame of pandas."""
    return _is_a(value, "pandas", "DataFrame")


def is_pytorch_tensor(value: object) -> bool:
    """Return whether a value is a tensor of torch."""
    return _is_a(value, "torch", "Tensor")


def _is_a(value: object, library: str, name: str) -> bool:
    """Ask without importing: a value of a library that is not loaded cannot be there."""
    kind = getattr(sys.modules.get(library), name, None)
    return isinstance(kind, type) and isinstance(value, kind)
