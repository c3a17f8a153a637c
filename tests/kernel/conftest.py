"""A real kernel for every test, in a folder of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from kernel.process import Kernel


@pytest.fixture
def environment() -> dict[str, str]:
    """Variables of the kernel's process; tests may override it."""
    return {}


@pytest.fixture
def kernel(tmp_path: Path, environment: dict[str, str]) -> Iterator[Kernel]:
    """Start a kernel without nbtrack in it yet."""
    process = Kernel(tmp_path, environment)
    process.start()
    yield process
    process.close()


@pytest.fixture
def other_kernel(tmp_path: Path, environment: dict[str, str]) -> Iterator[Kernel]:
    """Start one more kernel in the same folder."""
    process = Kernel(tmp_path, environment)
    process.start()
    yield process
    process.close()
