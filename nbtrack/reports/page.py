"""One HTML file that needs nothing else: text, pictures, and live views of embedded data.

Its policy lets run the scripts that were put into it, by their hashes, and nothing else:
no request, no handler in an attribute, no script that a run has smuggled in. Without
JavaScript, and on paper, pictures stand where the live views would be.
"""

import base64
import hashlib
import re
from collections.abc import Sequence

from nbtrack.panels import html, read_script
from nbtrack.reports.parcel import PARCEL_TYPE, Parcel

GENERATOR = "nbtrack"
_ENDING = re.compile(r"<(?=/script|/style|!--)", re.IGNORECASE)
_HEAD = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="{generator}">
<meta name="referrer" content="no-referrer">
{author}<title>{title}</title>
{styles}
</head>
<body class="{classes}">
"""


class Page:
    """A page that is put together and then written.

    Examples:
        >>> page = Page("What I found")
        >>> page.written("<p>Nothing.</p>").startswith("<!doctype html>")
        True
    """

    def __init__(  # noqa: PLR0913 - keywords
        self,
        title: str,
        *,
        author: str = "",
        language: str = "en",
        styles: Sequence[str] = (),
        scripts: Sequence[str] = (),
        inline_styles: bool = False,
    ) -> None:
        """Begin a page.

        Args:
            title: Plain text.
            author: Plain text; "" for none.
            language: As HTML's `lang` has it.
            styles: Style sheets besides those of reports.
            scripts: Scripts (not modules) that are trusted to run, besides ours.
            inline_styles: Whether `style` attributes count: outputs of notebooks need them.
        """
        self.title = title
        self.author = author
        self._language = language
        self._styles = [_inert(style) for style in (read_script(name="report.css"), *styles)]
        self._scripts = [_inert(script) for script in scripts]
        self._inline_styles = inline_styles
        self._parcels: list[Parcel] = []

    def live(
        self, parcel: Parcel, still: str, *, caption: str = "", label: str = "Interactive figure"
    ) -> str:
        """Return the HTML of a place for a live view; its data goes to the end of the page.

        Args:
            parcel: What the view is made of.
            still: HTML that stands there without JavaScript, and on paper.
            caption: HTML that stands below, "" for none.
            label: What the figure is, for those who cannot see it; plain text.
        """
        self._parcels.append(parcel)
        name = _name(len(self._parcels))
        below = f"<figcaption>{caption}</figcaption>\n" if caption else ""
        return (
            f'<figure class="nbr-figure" data-nbtrack="{name}" aria-label="{html(label)}">\n'
            f'<div class="nbr-live" hidden></div>\n<div class="nbr-still">{still}</div>\n'
            f"{below}</figure>\n"
        )

    def written(self, body: str, *, classes: str = "nbr") -> str:
        """Return the whole page.

        Args:
            body: HTML in which everything that a run says is escaped.
            classes: Of the body element.
        """
        modules = [_inert(read_script(name="report.js"))] if self._parcels else []
        author = f'<meta name="author" content="{html(self.author)}">\n' if self.author else ""
        head = _HEAD.format(
            language=html(self._language),
            policy=self._policy(modules),
            generator=GENERATOR,
            author=author,
            title=html(self.title),
            styles="\n".join(f"<style>{style}</style>" for style in self._styles),
            classes=classes,
        )
        return "".join([head, body, *self._data(), *self._code(modules), "</body>\n</html>\n"])

    def _data(self) -> list[str]:
        return [
            f'<script type="{PARCEL_TYPE}" id="{_name(number)}">{parcel.text()}</script>\n'
            for number, parcel in enumerate(self._parcels, 1)
        ]

    def _code(self, modules: Sequence[str]) -> list[str]:
        plain = [f"<script>{script}</script>\n" for script in self._scripts]
        ours = [f'<script type="module">{module}</script>\n' for module in modules]
        return [*plain, *ours]

    def _policy(self, modules: Sequence[str]) -> str:
        scripts = [_source(text) for text in [*self._scripts, *modules]] or ["'none'"]
        styles = ["'unsafe-inline'"] if self._inline_styles else map(_source, self._styles)
        return "; ".join(
            [
                "default-src 'none'",
                f"script-src {' '.join(scripts)}",
                f"style-src {' '.join(styles)}",
                "img-src data: blob:",
                "font-src data:",
                "media-src data:",
                "base-uri 'none'",
                "form-action 'none'",
            ]
        )


def _name(number: int) -> str:
    return f"nbtrack-data-{number}"


def _inert(text: str) -> str:
    r"""Return a script or a style sheet that cannot end its own element: `<\/script>`."""
    return _ENDING.sub(r"<\\", text)


def _source(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
    return f"'sha256-{digest}'"
