"""A workspace with one run that is being written by the test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from storekit import UID, opened_run

from nbtrack.store import Ingester, Journal, Reader


@pytest.fixture
def root(tmp_path) -> Path:
    return tmp_path / ".nbtrack"


@pytest.fixture
def journal(root) -> Iterator[Journal]:
    journal = Journal.create(root, opened_run(UID))
    yield journal
    journal.close()


@pytest.fixture
def ingester(root) -> Ingester:
    return Ingester(root)


@pytest.fixture
def reader(root) -> Iterator[Reader]:
    reader = Reader(root)
    yield reader
    reader.close()
