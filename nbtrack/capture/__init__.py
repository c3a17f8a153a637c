"""What is recorded without a call: machine, printed text, repository, packages.

Everything here makes records and hands them to an `emit` function; it knows no run and
no store. Nothing here is loaded by `import nbtrack`, and psutil only once a sampler runs.
"""

from nbtrack.capture.lines import LineAssembler
from nbtrack.capture.outstreams import OutStreamCapture, hooked_streams
from nbtrack.capture.packages import installed_packages
from nbtrack.capture.redaction import (
    address_without_secrets,
    arguments_without_secrets,
    variables_without_secrets,
    without_secrets,
)
from nbtrack.capture.repository import Repository, differences, repository_of
from nbtrack.capture.sources import source_of
from nbtrack.capture.system import SystemSampler
from nbtrack.capture.tee import StreamTee

__all__ = [
    "LineAssembler",
    "OutStreamCapture",
    "Repository",
    "StreamTee",
    "SystemSampler",
    "address_without_secrets",
    "arguments_without_secrets",
    "differences",
    "hooked_streams",
    "installed_packages",
    "repository_of",
    "source_of",
    "variables_without_secrets",
    "without_secrets",
]
