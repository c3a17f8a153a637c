"""Runs beside each other as a page keeps them: with as many points as it has room for."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbtrack.panels.comparing.drawing import pack_drawing, short_name
from nbtrack.panels.comparing.messages import comparison_message, key_heads
from nbtrack.panels.protocol import PROTOCOL_VERSION
from nbtrack.query import Question

if TYPE_CHECKING:
    from nbtrack.query import Comparison, Drawing

_MOST_KEYS = 48
_MOST_LINES = 50


@dataclass(frozen=True, slots=True)
class KeptComparison:
    """A comparison for good.

    Attributes:
        bundle: The JSON of our MIME type, without its buffer.
        buffer: Little-endian 8-byte floats.
        runs: How many numbers of the buffer belong together, in order.
        drawing: What is drawn of it.
    """

    bundle: dict[str, Any]
    buffer: bytes
    runs: list[int]
    drawing: "Drawing"


def kept_comparison(comparison: "Comparison", uid: str, *, points: int) -> KeptComparison:
    """Look at runs and keep what there is to see.

    Args:
        comparison: The runs.
        uid: Of what is kept.
        points: Of all lines of all charts, about.

    Raises:
        Error: If they cannot be read.
    """
    outlook = comparison.outlook
    heads = key_heads(comparison.keys(), comparison.facts)
    named = outlook.keys or tuple(head["key"] for head in heads if not head["hidden"])
    keys = named[:_MOST_KEYS]
    question = Question(
        keys=keys,
        x=outlook.x,
        group_by=outlook.group_by,
        band=outlook.band,
        lines=_MOST_LINES,
        points=points // max(1, len(keys)),
    )
    drawing = comparison.draw(question)
    charts, buffer = pack_drawing(drawing, comparison.facts, outlook.x, precision=8)
    bundle = {
        "version": PROTOCOL_VERSION,
        "comparison": comparison_message(comparison, heads, uid, 0),
        "drawing": {
            "op": "reply",
            "id": "saved",
            "charts": charts,
            "groups": [short_name(name) for name in drawing.groups],
        },
        "precision": 8,
    }
    return KeptComparison(bundle, buffer, _runs(drawing), drawing)


def _runs(drawing: "Drawing") -> list[int]:
    """Return how the buffer of a drawing is cut: two runs per line, five per band."""
    found: list[int] = []
    for chart in drawing.charts:
        for line in chart.lines.values():
            found += [len(line.values)] * 2
        for band in chart.bands.values():
            found += [len(band.steps)] * 5
    return found
