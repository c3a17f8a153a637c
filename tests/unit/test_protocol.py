"""The protocol is written once; what is generated from it and checked against it is fresh."""

import importlib.util
import json
import math
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, get_type_hints

import pytest

from nbtrack.panels import protocol

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden"
CASES = sorted(path.stem for path in GOLDEN.glob("*.json"))


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def numbers(buffer: bytes, precision: int) -> Iterator[float]:
    return (n for (n,) in struct.iter_unpack("<d" if precision == 8 else "<f", buffer))


def same(given: list[float], said: list[float | str]) -> bool:
    def equal(one: float, other: float) -> bool:
        return one == other or (math.isnan(one) and math.isnan(other))

    return len(given) == len(said) and all(map(equal, given, map(float, said)))


def test_the_browser_types_are_those_of_the_protocol() -> None:
    """A stale `messages.ts` would let tsc pass over a message that nobody sends."""
    command = [sys.executable, "js/generate_protocol.py", "--check"]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def test_the_generator_refuses_types_that_it_does_not_know() -> None:
    generator = load(ROOT / "js" / "generate_protocol.py")

    text = generator.generate()

    assert "export interface Snapshot" in text
    assert "readonly precision: 4 | 8;" in text
    assert "readonly uid?: string;" in text
    with pytest.raises(TypeError, match="does not know how TypeScript writes"):
        generator.typescript(set[int])


def test_golden_files_are_those_of_their_generator() -> None:
    expected = dict(load(GOLDEN / "make.py").files())

    found = {path: path.read_bytes() for path in expected}

    assert found == expected
    assert {path.stem for path in expected} == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_a_golden_head_has_exactly_the_fields_of_its_message(name: str) -> None:
    head = json.loads((GOLDEN / f"{name}.json").read_text())["head"]
    message = {"snapshot": protocol.Snapshot, "append": protocol.Append}[head["op"]]

    assert set(head) == set(get_type_hints(message))
    if head["run"] is not None:
        assert set(head["run"]) == set(get_type_hints(protocol.RunHead))


@pytest.mark.parametrize("name", CASES)
def test_a_golden_buffer_says_the_numbers_beside_it(name: str) -> None:
    case: dict[str, Any] = json.loads((GOLDEN / f"{name}.json").read_text())
    head = case["head"]
    left = numbers((GOLDEN / f"{name}.bin").read_bytes(), head.get("precision", 8))

    for series, said in zip(head.get("series", []), case.get("series", []), strict=True):
        for column in ("steps", "times", "values"):
            assert same([next(left) for _ in range(series["points"])], said[column])
    for block, said in zip(head.get("blocks", []), case.get("blocks", []), strict=True):
        for column in (said["steps"], said["times"], *said["columns"]):
            assert same([next(left) for _ in range(block["rows"])], column)

    assert next(left, None) is None
