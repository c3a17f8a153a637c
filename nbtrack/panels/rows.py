"""Runs in lists, as messages say them."""

import json
import math
from typing import TYPE_CHECKING, Any

from nbtrack.clock import MICROSECONDS
from nbtrack.panels.messages import clean, plain
from nbtrack.panels.protocol_lists import RunRow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbtrack.query import Field
    from nbtrack.store import RunFacts

_MOST_CHARACTERS = 300  # of one value: a cell of a table shows less
_MOST_SPARKS = 40


def run_row(facts: "RunFacts", workspace: str, columns: "Iterable[Field]" = ()) -> RunRow:
    """Return one run of a list.

    Args:
        facts: The run.
        workspace: Id of the workspace that holds it.
        columns: Fields whose values come along.
    """
    opened = facts.opened
    row = RunRow(
        uid=opened.uid,
        id=clean(opened.id),
        project=clean(opened.project),
        name=clean(opened.name),
        state=facts.state.value,
        started=opened.time_us / MICROSECONDS,
        ended=_seconds(facts.ended_us),
        seen=facts.seen_us / MICROSECONDS,
        active=facts.active_us / MICROSECONDS,
        ticking=facts.ticking,
        step=facts.step,
        idle=_seconds(facts.idle_us),
        notebook=None if opened.notebook is None else clean(opened.notebook),
        workspace=workspace,
        group=clean(opened.group),
        job_type=clean(opened.job_type),
        tags=[clean(tag) for tag in opened.tags],
        spark_key=clean(facts.spark_key),
        spark=[value if math.isfinite(value) else None for value in facts.spark[:_MOST_SPARKS]],
    )
    read = ((one.name, one.read(facts)) for one in columns)
    if values := {clean(name): _value(found[0]) for name, found in read if found}:
        row["values"] = values
    return row


def _value(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Return a value as a table shows it: numbers as they are, lists and the like as text."""
    shown = plain(value)
    if isinstance(shown, dict | list):
        shown = json.dumps(shown, ensure_ascii=False)
    if isinstance(shown, str) and len(shown) > _MOST_CHARACTERS:
        return f"{shown[:_MOST_CHARACTERS]}…"
    return shown


def _seconds(time_us: int | None) -> float | None:
    return None if time_us is None else time_us / MICROSECONDS
