"""Who a run is once its names were changed: the same for its writer and for all readers."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from nbtrack.records import Json, Opened
from nbtrack.store.control import sayable


def renamed(opened: Opened, changes: Mapping[str, Json]) -> Opened:
    """Return who a run is after fields of `Opened` were set anew.

    Args:
        opened: Who it was.
        changes: From anybody; what is no field that can change, or no value of it, says
            nothing.
    """
    changed: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in changes.items()
        if _is_field(name, value)
    }
    return said(replace(opened, **changed))


def said(opened: Opened) -> Opened:
    """Return who the run is, as the database can keep it."""
    known: dict[str, Any] = {field.name: getattr(opened, field.name) for field in fields(opened)}
    texts = {name: sayable(text) for name, text in known.items() if isinstance(text, str)}
    return replace(opened, **(known | texts))


def _is_field(name: str, value: object) -> bool:
    if name == "tags":
        return isinstance(value, list | tuple) and all(isinstance(tag, str) for tag in value)
    if name == "notes":
        return value is None or isinstance(value, str)
    return name in ("name", "group", "job_type") and isinstance(value, str)
