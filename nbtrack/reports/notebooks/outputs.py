"""What cells have printed and shown, as HTML: the liveliest form that works without a kernel."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from nbtrack.panels import MIME_TYPE
from nbtrack.panels.protocol import COMPARE_MIME_TYPE
from nbtrack.reports.notebooks.figures import PLOTLY_TYPE, figure_html
from nbtrack.reports.notebooks.foreign import tamed
from nbtrack.reports.notebooks.formulas import formula
from nbtrack.reports.notebooks.listing import listing, terminal_text
from nbtrack.reports.notebooks.prose import Prose
from nbtrack.reports.notebooks.widgets import WIDGET_TYPE, Widgets
from nbtrack.reports.page import Page

RUN_HEIGHT_PX: Final = 420
COMPARISON_HEIGHT_PX: Final = 560

_HEIGHTS: Final = {MIME_TYPE: RUN_HEIGHT_PX, COMPARE_MIME_TYPE: COMPARISON_HEIGHT_PX}
_RASTERS: Final = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp")
_NEEDS_CODE: Final = (
    '<p class="note" role="note">What stood here is drawn by a script of its own, and a page that '
    "may be sent around runs none but those it was made with.</p>\n"
)


class Outputs:
    """Writes the outputs of one notebook into one page."""

    def __init__(
        self, page: Page, prose: Prose, widgets: Widgets, root: Path | None = None
    ) -> None:
        """Keep what takes part.

        Args:
            page: Holds the data of live views.
            prose: Writes what is Markdown.
            widgets: Says what widgets of others showed.
            root: The workspace that may have more of the runs, None for none.
        """
        self._page = page
        self._prose = prose
        self._widgets = widgets
        self._root = root

    def html(self, outputs: Sequence[Mapping[str, Any]], label: str) -> str:
        """Return outputs one below the other.

        Args:
            outputs: As a notebook of version 4 has them.
            label: Which cell they are of, for those who cannot see it.
        """
        return "".join(self._one(output, label) for output in _streams_joined(outputs))

    def _one(self, output: Mapping[str, Any], label: str) -> str:
        kind = output.get("output_type")
        if kind == "stream":
            name = "stderr" if output.get("name") == "stderr" else "stdout"
            return _printed(_text(output.get("text")), name)
        if kind == "error":
            told = "\n".join(map(str, output.get("traceback") or ())) or _error_line(output)
            return _printed(told, "error")
        data = output.get("data")
        if not isinstance(data, Mapping):
            return ""
        shown = next(filter(None, self._forms(data, label)), "")
        return f'<div class="shown">{shown}</div>\n' if shown else ""

    def _forms(self, data: Mapping[str, Any], label: str) -> Iterator[str]:
        """Yield the forms of an output, the liveliest first; "" for one that does not do."""
        for kind in (MIME_TYPE, COMPARE_MIME_TYPE):
            if isinstance(data.get(kind), Mapping):
                yield self._live(kind, data[kind], data, label)
        if isinstance(data.get(PLOTLY_TYPE), Mapping):
            still = next(filter(None, self._stills(data, label)), "")
            yield figure_html(data[PLOTLY_TYPE], still, label)
        if WIDGET_TYPE in data:
            yield self._widgets.html(data[WIDGET_TYPE])
        yield from self._stills(data, label)

    def _live(
        self, kind: str, bundle: Mapping[str, Any], data: Mapping[str, Any], label: str
    ) -> str:
        # What reads stores is loaded for notebooks that show a run, and for no others.
        from nbtrack.reports.exhibits import saved_parcel
        from nbtrack.reports.notebooks.richer import richer_parcel

        still = next(filter(None, self._stills(data, label)), "")
        try:
            parcel = saved_parcel(kind, bundle, height=_HEIGHTS[kind])
            if kind == MIME_TYPE:
                parcel = richer_parcel(bundle, self._root, RUN_HEIGHT_PX) or parcel
        except ValueError:
            return still  # it is damaged; the picture is there
        what = "Run" if kind == MIME_TYPE else "Runs compared"
        return self._page.live(parcel, still, label=f"{what}, {label}")

    def _stills(self, data: Mapping[str, Any], label: str) -> Iterator[str]:
        """Yield the forms that need nothing but themselves."""
        if "image/svg+xml" in data:
            svg = quote(_text(data["image/svg+xml"]).replace('"', "'"), safe=" =:;/,()'!*-.")
            yield _picture(f"data:image/svg+xml,{svg}", data, label)
        for kind in _RASTERS:
            if kind in data:
                source = "".join(_text(data[kind]).split())
                yield _picture(f"data:{kind};base64,{source}", data, label)
        yield from self._texts(data)

    def _texts(self, data: Mapping[str, Any]) -> Iterator[str]:
        html = _text(data.get("text/html"))
        if told := tamed(html):
            yield f'<div class="foreign" tabindex="0">{told}</div>\n'
        if "text/markdown" in data:
            yield self._prose.html(_text(data["text/markdown"]))
        if "text/latex" in data:
            yield _latex(_text(data["text/latex"]))
        if "application/json" in data:
            yield listing(json.dumps(data["application/json"], indent=2, default=str), "json")
        if html or "application/javascript" in data:
            yield _NEEDS_CODE
        if "text/plain" in data:
            yield _printed(_text(data["text/plain"]), "result")


def _streams_joined(outputs: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Yield outputs; neighbours that were printed to the same stream are one."""
    for stream, some in groupby(outputs, _stream_of):
        if stream is None:
            yield from some
        else:
            text = "".join(_text(output.get("text")) for output in some)
            yield {"output_type": "stream", "name": stream, "text": text}


def _stream_of(output: Mapping[str, Any]) -> str | None:
    """Return to which stream something was printed; None for what was not printed."""
    return str(output.get("name")) if output.get("output_type") == "stream" else None


def _printed(text: str, kind: str) -> str:
    told = terminal_text(text.rstrip("\n"))
    return f'<pre class="{kind}" tabindex="0">{told}</pre>\n' if told.strip() else ""


def _error_line(output: Mapping[str, Any]) -> str:
    return f"{output.get('ename', 'Error')}: {output.get('evalue', '')}"


def _picture(source: str, data: Mapping[str, Any], label: str) -> str:
    said = " ".join(_text(data.get("text/plain")).split())
    # What stands there by itself, `<Figure size 640x480 with 1 Axes>`, says nothing to anybody.
    alt = label if not said or said.startswith("<") else said[:200]
    return f'<img src="{escape(source, quote=True)}" alt="{escape(alt, quote=True)}">\n'


def _latex(text: str) -> str:
    tex = text.strip()
    for sign in ("$$", "$", "\\[", "\\("):
        if tex.startswith(sign):
            tex = tex.removeprefix(sign)
            tex = tex.removesuffix({"\\[": "\\]", "\\(": "\\)"}.get(sign, sign))
            break
    return f'<div class="result">{formula(tex, is_block=True)}</div>\n'


def _text(value: object) -> str:
    """Return text as notebooks keep it: whole, or as lines."""
    if isinstance(value, list | tuple):
        return "".join(map(str, value))
    return "" if value is None else str(value)
