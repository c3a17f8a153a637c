"""The rows that every tracker gets: the same ones, made before the clock starts.

Of ten metrics six are noisy and come from 32-bit arithmetic as a loss does, two are
smooth, one is rounded and one is whole: what they take on a disk is that of a real run.
"""

import math
import random
import struct

COUNTED = "train/metric0"
"""The metric that is counted and read back; every row has it."""


def rows(metrics: int, count: int) -> list[dict[str, float]]:
    """Return `count` rows of `metrics` Python floats, always the same."""
    source = random.Random(7)
    names = [COUNTED, *(f"train/metric{index}" for index in range(1, metrics))]
    return [
        {name: value_of(index, step, source) for index, name in enumerate(names)}
        for step in range(count)
    ]


def value_of(index: int, step: int, source: random.Random) -> float:
    """Return the value of a metric at a step."""
    kind = index % 10
    trend = math.exp(-step / 5_000) + index
    if kind < 6:
        return single(trend * (1 + 0.05 * source.gauss(0, 1)))
    if kind < 8:
        return trend
    return round(trend, 4) if kind == 8 else float(step // 100)


def single(value: float) -> float:
    """Return the nearest 32-bit float."""
    (rounded,) = struct.unpack("f", struct.pack("f", value))
    return rounded


def config() -> dict[str, float | str | int]:
    """Return a configuration of ten entries."""
    numbers = {f"parameter{index}": 0.1 * index for index in range(8)}
    return {**numbers, "optimizer": "adam", "layers": 12}


def curve(chart: int, line: int, step: int) -> float:
    """Return a value of one line of a chart, as the panel's benchmark draws it."""
    return math.sin(step / (20 + chart)) + 0.1 * line + 0.02 * ((step * 7919 + chart) % 11)
