"""What a notebook keeps of runs beside each other: JSON, a card, a table of text.

Its size is bounded as that of a single run is; what is left out is said.
"""

import base64
import json
from dataclasses import dataclass
from operator import is_
from typing import TYPE_CHECKING, Any, Self

from nbtrack.panels.comparing.card import card
from nbtrack.panels.comparing.drawing import pack_drawing, short_name
from nbtrack.panels.comparing.messages import comparison_message, key_heads
from nbtrack.panels.messages import Precision
from nbtrack.panels.protocol import COMPARE_MIME_TYPE, PROTOCOL_VERSION, Comparison, Drawn
from nbtrack.query import Drawing, Question

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbtrack import query
    from nbtrack.panels.protocol import ComparedKey
    from nbtrack.store import RunFacts

MOST_KEYS = 12
MOST_LINES = 24
_ALL_POINTS = 9_000  # 4-byte floats: 72 KB, 96 KB as text
_HEAD_CHARACTERS = 120_000
_PRECISION: Precision = 4


@dataclass(frozen=True, slots=True)
class Picture:
    """Runs beside each other as they stood, with as many points as a notebook keeps.

    Attributes:
        comparison: The runs.
        facts: As they were when the drawing was made.
        keys: Their metrics.
        drawing: Of the first metrics.
        head: What is said of the runs.
        drawn: What is said of the drawing.
        buffer: Its numbers, 4 bytes each.
    """

    comparison: "query.Comparison"
    facts: "list[RunFacts]"
    keys: "list[ComparedKey]"
    drawing: Drawing
    head: Comparison
    drawn: Drawn
    buffer: bytes

    @classmethod
    def take(cls, comparison: "query.Comparison", uid: str) -> Self:
        """Look at runs.

        Args:
            comparison: The runs.
            uid: Of the comparison.

        Raises:
            Error: If they cannot be read.
        """
        facts, keys = comparison.facts, key_heads(comparison.keys(), comparison.facts)
        drawing = comparison.draw(_question(comparison.outlook, keys))
        charts, buffer = pack_drawing(drawing, facts, comparison.outlook.x, precision=_PRECISION)
        groups = [short_name(name) for name in drawing.groups]
        return cls(
            comparison=comparison,
            facts=facts,
            keys=keys,
            drawing=drawing,
            head=comparison_message(comparison, keys, uid, 0),
            drawn=Drawn(charts=charts, groups=groups, precision=_PRECISION),
            buffer=buffer,
        )

    def is_of(self, facts: "Sequence[RunFacts]") -> bool:
        """Tell whether runs stand as they did."""
        return len(facts) == len(self.facts) and all(map(is_, facts, self.facts))


def frozen_bundle(picture: Picture) -> dict[str, Any]:
    """Return the bundle that stays."""
    return {
        COMPARE_MIME_TYPE: _saved(picture),
        "text/html": card(picture.facts, picture.drawing, picture.comparison.outlook),
        "text/plain": str(picture.comparison),
    }


def _question(outlook: "query.Outlook", heads: "Sequence[ComparedKey]") -> Question:
    named = outlook.keys or tuple(head["key"] for head in heads if not head["hidden"])
    return Question(
        keys=named[:MOST_KEYS],
        x=outlook.x,
        group_by=outlook.group_by,
        band=outlook.band,
        lines=MOST_LINES,
        points=_ALL_POINTS // max(1, min(len(named), MOST_KEYS)),
    )


def _saved(picture: Picture) -> dict[str, Any]:
    charts, groups = picture.drawn["charts"], picture.drawn["groups"]
    return {
        "version": PROTOCOL_VERSION,
        "comparison": _trimmed(picture.head),
        "drawing": {"op": "reply", "id": "saved", "charts": charts, "groups": groups},
        "precision": _PRECISION,
        "buffer": base64.b64encode(picture.buffer).decode("ascii"),
    }


def _trimmed(head: Comparison) -> Comparison:
    """Return the first runs that have room; `total` says how many there are."""
    room = _HEAD_CHARACTERS
    kept = []
    for run in head["runs"]:
        room -= len(json.dumps(run))
        if room < 0:
            break
        kept.append(run)
    return {**head, "runs": kept, "order": [run["uid"] for run in kept]}
