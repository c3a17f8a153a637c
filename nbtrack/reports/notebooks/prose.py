"""Markdown of notebooks as HTML: formulas drawn, pictures inside, headings to go to."""

import base64
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Final

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from nbtrack.reports.notebooks.foreign import tamed
from nbtrack.reports.notebooks.formulas import formula
from nbtrack.reports.notebooks.listing import listing

MOST_PICTURE_BYTES: Final = 20_000_000
_TAG: Final = re.compile(r"<[^>]*>")
_MATHML: Final = re.compile(r"<math\b.*?</math>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Heading:
    """A place to go to.

    Attributes:
        level: 1 to 6.
        text: As HTML.
        anchor: Its id on the page.
    """

    level: int
    text: str
    anchor: str


class Prose:
    """Turns Markdown cells of one notebook into HTML.

    Attributes:
        headings: Those that came, in order.
    """

    def __init__(self, folder: Path | None) -> None:
        """Keep where the notebook lies.

        Args:
            folder: Its folder: pictures in it are put into the page. None for no folder.
        """
        self.headings: list[Heading] = []
        self._folder = folder
        self._anchors: set[str] = set()

    def html(self, source: str, attachments: Mapping[str, Mapping[str, str]] | None = None) -> str:
        """Return Markdown as HTML.

        Args:
            source: The text of a cell, or an output that is Markdown.
            attachments: Pictures that the cell has in itself, by name and type.
        """
        renderer = _Renderer(self, attachments or {})
        return tamed(MarkdownWithMath(renderer=renderer).render(source))

    def heading(self, text: str, level: int) -> str:
        """Note a heading and return it."""
        spoken = _TAG.sub("", _MATHML.sub("", text)).strip() or "section"
        slug = re.sub(r"[^\w]+", "-", spoken.lower()).strip("-") or "section"
        anchor, number = f"s-{slug}", 1
        while anchor in self._anchors:
            number += 1
            anchor = f"s-{slug}-{number}"
        self._anchors.add(anchor)
        self.headings.append(Heading(level, text, anchor))
        return f'<h{level} id="{anchor}">{text}</h{level}>\n'

    def picture(self, address: str, attachments: Mapping[str, Mapping[str, str]]) -> str | None:
        """Return a picture as an address that holds it; None where there is none."""
        if address.startswith("data:image/"):
            return address
        if address.startswith("attachment:"):
            forms = attachments.get(address.removeprefix("attachment:"), {})
            for kind, data in sorted(forms.items(), reverse=True):  # svg, png, jpeg
                if kind.startswith("image/"):
                    return f"data:{kind};base64,{''.join(data)}"
            return None
        return self._file(address)

    def _file(self, address: str) -> str | None:
        """Return a picture that lies in the notebook's folder or below, and nowhere else."""
        if self._folder is None or ":" in address:
            return None
        folder = self._folder.resolve()
        try:
            path = (folder / address).resolve()
            kind = mimetypes.guess_type(path.name)[0] or ""
            is_inside = path.is_relative_to(folder) and path.is_file()
            if not is_inside or not kind.startswith("image/"):
                return None
            if path.stat().st_size > MOST_PICTURE_BYTES:
                return None
            data = base64.b64encode(path.read_bytes()).decode("ascii")
        except (OSError, ValueError):
            return None
        return f"data:{kind};base64,{data}"


class _Renderer(IPythonRenderer):
    """What `mistune` calls for each piece of a text."""

    def __init__(self, prose: Prose, attachments: Mapping[str, Mapping[str, str]]) -> None:
        super().__init__(escape=False, exclude_anchor_links=True)
        self.prose = prose
        self.given = attachments

    def heading(self, text: str, level: int, **_: Any) -> str:  # noqa: ANN401 - mistune's
        return self.prose.heading(text, level)

    def block_code(self, code: str, info: str | None = None) -> str:
        language = (info or "").split()[0] if (info or "").split() else ""
        return listing(code, language)

    def block_math(self, body: str) -> str:
        return formula(body, is_block=True)

    def inline_math(self, body: str) -> str:
        return formula(body, is_block=False)

    def latex_environment(self, name: str, body: str) -> str:
        return formula(f"\\begin{{{name}}}{body}\\end{{{name}}}", is_block=True)

    def image(self, text: str, url: str, title: str | None = None) -> str:
        source = self.prose.picture(url, self.given)
        said = escape(_TAG.sub("", text), quote=True)
        if source is None:
            return f'<span class="missing-picture">[{said or "picture"}: {escape(url)}]</span>'
        named = f' title="{escape(title, quote=True)}"' if title else ""
        return f'<img src="{escape(source, quote=True)}" alt="{said}"{named}>'
