"""Runs as pages that stand alone: one HTML file, to be sent, kept and opened in years.

Reads through `query`, draws with what `panels` draws with. Importing it loads no numpy.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbtrack.reports.page import Page
    from nbtrack.reports.parcel import Parcel, parcels_in

__all__ = ["Page", "Parcel", "parcels_in"]

_HOMES = {"Page": "page", "Parcel": "parcel", "parcels_in": "parcel"}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'nbtrack.reports' has no attribute {name!r}")
    return getattr(import_module(f"nbtrack.reports.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
