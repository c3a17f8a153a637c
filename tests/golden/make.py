"""Write the golden messages: what both test suites must read in the same way.

Run it after a change of the protocol: `python tests/golden/make.py`. A case is
`<name>.json` with the message's head and the numbers that its buffer says, and
`<name>.bin` with the buffer. In JSON a number that is not finite is text.
"""

import json
import math
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
nan, inf = math.nan, math.inf

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    'a" onmouseover="alert(1)',
    "javascript:alert(1)",
    "\x1b[31mred\x1b[0m \x1b]8;;https://example.org\x07link\x1b]8;;\x07",
    "\u202egnp.exe \u2066x\u2069",
    "${alert(1)} {{7*7}} %3Cb%3E",
    "\U0001f9ea emoji, accents é, null \x00 end",
)


def run(**changed: Any) -> dict[str, Any]:  # noqa: ANN401  JSON
    """Return the head of a run."""
    return {
        "uid": "20261120-181500-0a1b2c3d",
        "id": "k3v9x2ab",
        "entity": "ada",
        "project": "digits",
        "name": "brave-otter-1",
        "notes": None,
        "tags": ["baseline"],
        "group": "",
        "job_type": "",
        "state": "running",
        "reason": "",
        "started": 1795198500.25,
        "ended": None,
        "seen": 1795198512.5,
        "active": 12.25,
        "ticking": True,
        "step": 3,
        "rows": 4,
        "notebook": "01-quickstart.ipynb",
        "host": "workstation",
        "user": "ada",
        "config": {"lr": 0.1, "layers": [64, 32], "nested": {"seed": 7, "name": None}},
        "summary": {"train/loss": 0.25, "broken": "NaN"},
        "environment": {"os": "Linux-6.8", "python": "3.11.9", "cpu_count": 8, "git": {}},
        "pinned": ["lr"],
        "notices": [],
        "metrics": [
            {
                "key": "train/loss",
                "step_metric": "epoch",
                "hidden": False,
                "summary": ["min"],
                "goal": "minimize",
            }
        ],
        **changed,
    }


def line(number: int, text: str, stream: str = "stdout") -> dict[str, Any]:
    """Return one line of the console."""
    return {"number": number, "time": 1795198501.0 + number, "stream": stream, "text": text}


def packed(columns: Sequence[Sequence[float]], precision: int = 8) -> bytes:
    """Return little-endian floats, column after column."""
    numbers = [number for column in columns for number in column]
    return struct.pack(f"<{len(numbers)}{'d' if precision == 8 else 'f'}", *numbers)


def plain(numbers: Sequence[float]) -> list[float | str]:
    """Return numbers as JSON writes them here."""
    names = {inf: "Infinity", -inf: "-Infinity"}
    return ["NaN" if math.isnan(n) else names.get(n, n) for n in numbers]


def series_case(
    head: dict[str, Any], series: Sequence[tuple[str, str, int, list[list[float]]]]
) -> tuple[dict[str, Any], bytes]:
    """Return a case whose buffer holds series."""
    head["series"] = [
        {"key": key, "stream": stream, "points": len(columns[0]), "count": count}
        for key, stream, count, columns in series
    ]
    said = [
        dict(zip(("steps", "times", "values"), map(plain, columns), strict=True))
        for *_, columns in series
    ]
    columns = [column for *_, group in series for column in group]
    return {"head": head, "series": said}, packed(columns, head.get("precision", 8))


def snapshot(precision: int = 8) -> tuple[dict[str, Any], bytes]:
    """Two series: a metric that was reduced, and a reading of the machine."""
    head = {
        "op": "snapshot",
        "version": 1,
        "sequence": 7,
        "precision": precision,
        "run": run(),
        "series": [],
        "lines": [line(41, "epoch 1"), line(42, "careful", "stderr")],
        "line_count": 43,
    }
    loss = [[0.0, 1.0, 2.0, 3.0], [0.5, 1.0, 1.5, 2.0], [2.5, 1.0, nan, 0.25]]
    cpu = [[nan, nan], [0.0, 1.0], [12.5, 99.0]]
    return series_case(head, [("train/loss", "metric", 4000, loss), ("cpu", "system", 2, cpu)])


def append() -> tuple[dict[str, Any], bytes]:
    """Rows with values that are not finite, in two blocks."""
    blocks: list[tuple[str, list[str], list[list[float]]]] = [
        (
            "metric",
            ["train/loss", "train/accuracy"],
            [[4.0, 5.0, 6.0], [2.5, 3.0, 3.5], [inf, nan, 0.125], [0.5, -inf, 1e-300]],
        ),
        ("system", ["cpu"], [[nan], [2.0], [50.0]]),
    ]
    head = {
        "op": "append",
        "uid": run()["uid"],
        "sequence": 8,
        "run": None,
        "blocks": [
            {"stream": stream, "keys": keys, "rows": len(columns[0])}
            for stream, keys, columns in blocks
        ],
        "lines": [line(43, "epoch 2")],
    }
    said = [
        {
            "steps": plain(columns[0]),
            "times": plain(columns[1]),
            "columns": [plain(column) for column in columns[2:]],
        }
        for *_, columns in blocks
    ]
    columns = [column for *_, group in blocks for column in group]
    return {"head": head, "blocks": said}, packed(columns)


def hostile() -> tuple[dict[str, Any], bytes]:
    """Text that would do harm where somebody took it for markup."""
    head = {
        "op": "snapshot",
        "version": 1,
        "sequence": 0,
        "precision": 8,
        "run": run(
            name=HOSTILE[0],
            project=HOSTILE[1],
            notes="\n".join(HOSTILE),
            tags=list(HOSTILE),
            reason=HOSTILE[2],
            notebook=HOSTILE[3],
            config={text: text for text in HOSTILE},
            environment={"program": HOSTILE[0], "args": list(HOSTILE), HOSTILE[1]: HOSTILE[2]},
            summary={
                "__proto__": 1.0,
                "constructor": {"prototype": 2.0},
                **dict.fromkeys(HOSTILE, 0.5),
            },
            notices=[
                {
                    "level": "warning",
                    "cause": "x",
                    "text": text,
                    "count": 1,
                    "time": 0.0,
                    "kind": "alert",
                    "title": text,
                }
                for text in HOSTILE
            ],
        ),
        "series": [],
        "lines": [line(number, text) for number, text in enumerate(HOSTILE)],
        "line_count": len(HOSTILE),
    }
    keys = [*HOSTILE, "__proto__", "constructor", "/", "a/", "/b", ""]
    return series_case(head, [(key, "metric", 1, [[0.0], [0.0], [1.0]]) for key in keys])


def cases() -> Iterator[tuple[str, dict[str, Any], bytes]]:
    """Yield the name, the JSON and the buffer of every case."""
    yield "snapshot", *snapshot()
    yield "snapshot-single", *snapshot(precision=4)
    yield "append", *append()
    yield "hostile", *hostile()


def files() -> Iterator[tuple[Path, bytes]]:
    """Yield every golden file with what must stand in it."""
    for name, case, buffer in cases():
        text = json.dumps(case, indent=1, allow_nan=False) + "\n"
        yield HERE / f"{name}.json", text.encode()
        yield HERE / f"{name}.bin", buffer


if __name__ == "__main__":
    for path, content in files():
        path.write_bytes(content)
