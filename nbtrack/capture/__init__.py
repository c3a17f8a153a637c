"""What is recorded without a call: machine, program, printed text, repository, packages.

Everything here makes records and hands them to an `emit` function; it knows no run and
no store. Nothing here is loaded by `import nbtrack`, what takes long (patterns of secrets,
psutil) only by threads of ours.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from nbtrack.capture.program import Scene, program_facts
from nbtrack.capture.system import Reading, SystemSampler, Wanted

if TYPE_CHECKING:
    from nbtrack.capture.gpu import gpus_of_machine
    from nbtrack.capture.hardware import machine_facts
    from nbtrack.capture.lines import LineAssembler
    from nbtrack.capture.loggers import LoggerCapture, levels_of, unheard
    from nbtrack.capture.outstreams import OutStreamCapture, hooked_streams
    from nbtrack.capture.packages import installed_packages
    from nbtrack.capture.redaction import (
        address_without_secrets,
        arguments_without_secrets,
        variables_without_secrets,
        without_secrets,
    )
    from nbtrack.capture.repository import Repository, differences, repository_of
    from nbtrack.capture.sharing import SharedLines
    from nbtrack.capture.sources import source_of
    from nbtrack.capture.tee import StreamTee

__all__ = [
    "LineAssembler",
    "LoggerCapture",
    "OutStreamCapture",
    "Reading",
    "Repository",
    "Scene",
    "SharedLines",
    "StreamTee",
    "SystemSampler",
    "Wanted",
    "address_without_secrets",
    "arguments_without_secrets",
    "differences",
    "gpus_of_machine",
    "hooked_streams",
    "installed_packages",
    "levels_of",
    "machine_facts",
    "program_facts",
    "repository_of",
    "source_of",
    "unheard",
    "variables_without_secrets",
    "without_secrets",
]

_LAZY = {
    "LineAssembler": "nbtrack.capture.lines",
    "LoggerCapture": "nbtrack.capture.loggers",
    "OutStreamCapture": "nbtrack.capture.outstreams",
    "Repository": "nbtrack.capture.repository",
    "SharedLines": "nbtrack.capture.sharing",
    "StreamTee": "nbtrack.capture.tee",
    "address_without_secrets": "nbtrack.capture.redaction",
    "arguments_without_secrets": "nbtrack.capture.redaction",
    "differences": "nbtrack.capture.repository",
    "gpus_of_machine": "nbtrack.capture.gpu",
    "hooked_streams": "nbtrack.capture.outstreams",
    "installed_packages": "nbtrack.capture.packages",
    "levels_of": "nbtrack.capture.loggers",
    "machine_facts": "nbtrack.capture.hardware",
    "repository_of": "nbtrack.capture.repository",
    "source_of": "nbtrack.capture.sources",
    "unheard": "nbtrack.capture.loggers",
    "variables_without_secrets": "nbtrack.capture.redaction",
    "without_secrets": "nbtrack.capture.redaction",
}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module 'nbtrack.capture' has no attribute {name!r}")
    return getattr(import_module(_LAZY[name]), name)
