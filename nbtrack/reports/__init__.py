"""Runs as pages that stand alone: one HTML file, to be sent, kept and opened in years.

Reads through `query`, draws with what `panels` and `plots` draw with. Importing it loads
no numpy.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbtrack.reports.exhibits import saved_parcel
    from nbtrack.reports.page import Page
    from nbtrack.reports.parcel import Parcel, parcels_in
    from nbtrack.reports.sections import KINDS, Kind, Part, Section
    from nbtrack.reports.writing import (
        report,
        report_of_run,
        report_page,
        run_page,
        write_report,
    )

__all__ = [
    "KINDS",
    "Kind",
    "Page",
    "Parcel",
    "Part",
    "Section",
    "parcels_in",
    "report",
    "report_of_run",
    "report_page",
    "run_page",
    "saved_parcel",
    "write_report",
]

_HOMES = {
    **dict.fromkeys(("KINDS", "Kind", "Part", "Section"), "sections"),
    **dict.fromkeys(
        ("report", "report_of_run", "report_page", "run_page", "write_report"),
        "writing",
    ),
    "Page": "page",
    "Parcel": "parcel",
    "parcels_in": "parcel",
    "saved_parcel": "exhibits",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'nbtrack.reports' has no attribute {name!r}")
    return getattr(import_module(f"nbtrack.reports.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
