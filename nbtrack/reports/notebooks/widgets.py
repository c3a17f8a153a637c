"""What widgets of others showed: their kernel is gone, so their words are what is left."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, Final

from nbtrack.reports.notebooks.foreign import tamed

WIDGET_TYPE: Final = "application/vnd.jupyter.widget-view+json"
STATE_TYPE: Final = "application/vnd.jupyter.widget-state+json"

_REFERENCE: Final = "IPY_MODEL_"
_MOST: Final = 200
"""Widgets inside one: nobody reads the words of more, and each is a call deeper."""
_LONGEST: Final = 2_000


class Widgets:
    """The widgets whose state a notebook has kept."""

    def __init__(self, metadata: Mapping[str, Any]) -> None:
        """Find them.

        Args:
            metadata: Of the notebook.
        """
        kept = _mapping(_mapping(metadata.get("widgets")).get(STATE_TYPE))
        self._models = _mapping(kept.get("state"))

    def html(self, view: object) -> str:
        """Return what a widget said; "" where nothing is known of it, or it said nothing."""
        said = list(self._said(str(_mapping(view).get("model_id", "")), set()))
        if not said:
            return ""
        return f'<p class="widget" role="note">{" ".join(said)}</p>\n'

    def _said(self, model: str, seen: set[str]) -> Iterator[str]:
        """Yield the words of a widget and of those inside it, of each once."""
        if model in seen or len(seen) >= _MOST:
            return
        seen.add(model)
        state = _mapping(_mapping(self._models.get(model)).get("state"))
        if isinstance(state.get("description"), str) and state["description"].strip():
            yield escape(state["description"][:_LONGEST])
        yield from _value(state)
        children = state.get("children")
        for child in children if isinstance(children, list) else ():
            if isinstance(child, str) and child.startswith(_REFERENCE):
                yield from self._said(child.removeprefix(_REFERENCE), seen)


def _value(state: Mapping[str, Any]) -> Iterator[str]:
    value, name = state.get("value"), str(state.get("_model_name"))
    if name == "HTMLModel" and isinstance(value, str):
        if told := tamed(value):
            yield f"<span>{told}</span>"
    elif name.startswith(("FloatProgress", "IntProgress")) and _is_number(value):
        low, high = state.get("min", 0), state.get("max", 100)
        if _is_number(low) and _is_number(high) and high > low:
            share = min(max((value - low) / (high - low), 0), 1)
            yield f'<progress value="{share:.3f}" aria-label="Progress">{share:.0%}</progress>'
    elif isinstance(value, str | int | float) and str(value).strip():
        yield f"<code>{escape(str(value)[:_LONGEST])}</code>"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
