"""What is recorded without a call: the machine under a run, and what its cells print.

Everything here makes records and hands them to an `emit` function; it knows no run and
no store. Nothing here is loaded by `import nbtrack`, and psutil only once a sampler runs.
"""

from nbtrack.capture.console import LineAssembler, OutStreamCapture, hooked_streams
from nbtrack.capture.redaction import (
    address_without_secrets,
    arguments_without_secrets,
    variables_without_secrets,
    without_secrets,
)
from nbtrack.capture.system import SystemSampler

__all__ = [
    "LineAssembler",
    "OutStreamCapture",
    "SystemSampler",
    "address_without_secrets",
    "arguments_without_secrets",
    "hooked_streams",
    "variables_without_secrets",
    "without_secrets",
]
