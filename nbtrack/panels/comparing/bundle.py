"""What a notebook keeps of runs beside each other: JSON, a card, a table of text.

Its size is bounded as that of a single run is; what is left out is said.
"""

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from nbtrack.panels.comparing.card import card
from nbtrack.panels.comparing.drawing import pack_drawing, short_name
from nbtrack.panels.comparing.messages import comparison_message, key_heads
from nbtrack.panels.protocol import COMPARE_MIME_TYPE, PROTOCOL_VERSION, Comparison
from nbtrack.query import Drawing, Question

if TYPE_CHECKING:
    from nbtrack import query
    from nbtrack.panels.protocol import ComparedKey
    from nbtrack.store import RunFacts

MOST_KEYS = 12
MOST_LINES = 24
_ALL_POINTS = 9_000  # 4-byte floats: 72 KB, 96 KB as text
_HEAD_CHARACTERS = 120_000


@dataclass(frozen=True, slots=True)
class Picture:
    """Runs beside each other as they stood, with as many points as a notebook keeps.

    Attributes:
        comparison: The runs.
        facts: As they were when the drawing was made.
        keys: Their metrics.
        drawing: Of the first metrics.
    """

    comparison: "query.Comparison"
    facts: "list[RunFacts]"
    keys: "list[ComparedKey]"
    drawing: Drawing

    @classmethod
    def take(cls, comparison: "query.Comparison") -> Self:
        """Look at runs.

        Raises:
            Error: If they cannot be read.
        """
        outlook, facts = comparison.outlook, comparison.facts
        heads = key_heads(comparison.keys(), facts)
        named = outlook.keys or tuple(head["key"] for head in heads if not head["hidden"])
        question = Question(
            keys=named[:MOST_KEYS],
            x=outlook.x,
            group_by=outlook.group_by,
            band=outlook.band,
            lines=MOST_LINES,
            points=_ALL_POINTS // max(1, min(len(named), MOST_KEYS)),
        )
        return cls(comparison, facts, heads, comparison.draw(question))


def frozen_bundle(picture: Picture, uid: str) -> dict[str, Any]:
    """Return the bundle that stays.

    Args:
        picture: The runs.
        uid: Of the comparison.
    """
    return {
        COMPARE_MIME_TYPE: _saved(picture, uid),
        "text/html": card(picture.facts, picture.drawing, picture.comparison.outlook),
        "text/plain": str(picture.comparison),
    }


def _saved(picture: Picture, uid: str) -> dict[str, Any]:
    head = comparison_message(picture.comparison, picture.keys, uid, 0)
    charts, buffer = pack_drawing(
        picture.drawing, picture.facts, picture.comparison.outlook.x, precision=4
    )
    return {
        "version": PROTOCOL_VERSION,
        "comparison": _trimmed(head),
        "drawing": {
            "op": "reply",
            "id": "saved",
            "charts": charts,
            "groups": [short_name(name) for name in picture.drawing.groups],
        },
        "precision": 4,
        "buffer": base64.b64encode(buffer).decode("ascii"),
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
