"""Modules that are there and modules that come are told once, and load as they would."""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nbtrack.integrations.arrivals import Arrivals


@pytest.fixture
def arrivals() -> Iterator[Arrivals]:
    arrivals = Arrivals()
    yield arrivals
    arrivals.stop()


@pytest.fixture
def make(tmp_path, monkeypatch):
    """Write modules that can be imported and are forgotten afterwards."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(name: str, code: str) -> str:
        Path(tmp_path / f"{name}.py").write_text(code)
        importlib.invalidate_caches()
        monkeypatch.delitem(sys.modules, name, raising=False)
        return name

    return write


def test_a_module_that_is_there_is_told_at_once(arrivals):
    came = []

    arrivals.when_there("json", came.append)

    assert came == [sys.modules["json"]]
    assert arrivals not in sys.meta_path


def test_a_module_that_comes_is_told_when_its_code_has_run(arrivals, make):
    name, came = make("comes_later", "value = 3\n"), []
    arrivals.when_there(name, lambda module: came.append(module.value))
    assert came == []

    module = importlib.import_module(name)
    importlib.import_module(name)

    assert came == [3]
    assert type(module.__loader__).__name__ == "SourceFileLoader"
    assert module.__spec__.loader is module.__loader__


def test_who_only_looks_for_a_module_finds_it(arrivals, make):
    """Libraries ask whether another is installed, and for its source, without importing it."""
    name = make("looked_for", "value = 3\n")
    arrivals.when_there(name, lambda _module: None)

    spec = importlib.util.find_spec(name)

    assert spec.loader.get_source(name) == "value = 3\n"
    assert not spec.loader.is_package(name)


def test_an_import_that_fails_fails_as_it_would(arrivals, make):
    name, came = make("fails_always", "raise ValueError('mine')\n"), []
    arrivals.when_there(name, came.append)

    with pytest.raises(ValueError, match="mine"):
        importlib.import_module(name)
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("is_not_there_at_all")

    assert came == []


def test_other_modules_are_not_touched_and_nothing_stays(arrivals, make):
    name = make("waited_for", "")
    arrivals.when_there(name, lambda _module: None)
    other = importlib.import_module(make("another_one", ""))

    arrivals.stop()

    assert type(other.__loader__).__name__ == "SourceFileLoader"
    assert arrivals not in sys.meta_path
