"""Where a report is put together: its page, its runs, and the numbers of figures and tables."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from nbtrack.reports.markup import Child, Html, h, joined
from nbtrack.reports.page import Page
from nbtrack.reports.parcel import Parcel
from nbtrack.reports.subject import Subject

_NAME_AND_VALUE = 2
_NUMBER = re.compile(r"[-+]?([\d,]+(\.\d+)?(e[-+]?\d+)?|nan|inf)", re.IGNORECASE)


@dataclass(slots=True)
class Desk:
    """What the writers of sections share.

    Attributes:
        subject: The runs.
        page: Takes live views.
        counts: How many captions of each kind there are.
    """

    subject: Subject
    page: Page
    counts: dict[str, int] = field(default_factory=dict)

    def figure(self, parcel: Parcel, still: Html, said: Html, label: str) -> Html:
        """Return a live view with its picture and its caption.

        Args:
            parcel: What the view is made of.
            still: The picture.
            said: What the caption says.
            label: What it is, for those who cannot see it.
        """
        caption = self._numbered("Figure", said)
        return Html(self.page.live(parcel, still, caption=caption, label=label))

    def table(
        self,
        heads: Sequence[Child],
        rows: Iterable[Sequence[Child]],
        said: Child,
        *,
        class_: str = "",
    ) -> Html:
        """Return a table with its caption; the first cell of each row is its name.

        Args:
            heads: Names of the columns.
            rows: Cells, `heads` many each.
            said: What the caption says.
            class_: Of the table.
        """
        rows = list(rows)
        classes = _classes(len(heads), rows)
        head = h(
            "tr",
            *(
                h("th", one, scope="col", class_=its)
                for one, its in zip(heads, classes, strict=True)
            ),
        )
        body = [
            h(
                "tr",
                h("th", first, scope="row"),
                *(h("td", cell, class_=its) for cell, its in zip(rest, classes[1:], strict=True)),
            )
            for first, *rest in rows
        ]
        caption = h("caption", h("span", self._numbered("Table", said)))
        table = h("table", caption, h("thead", head), h("tbody", *body), class_=class_ or None)
        return h("div", table, class_="nbr-scroll", tabindex=0, role="group", aria_label="Table")

    def _numbered(self, kind: str, said: Child) -> Html:
        number = self.counts[kind] = self.counts.get(kind, 0) + 1
        return joined(h("b", f"{kind} {number}."), " ", said)


def _classes(count: int, rows: Sequence[Sequence[Child]]) -> list[str | None]:
    """Return the class of each column: numbers below numbers are read digit by digit."""
    is_wide = count > _NAME_AND_VALUE
    return [
        "nbr-digits" if is_wide and place and all(_is_number(row[place]) for row in rows) else None
        for place in range(count)
    ]


def _is_number(cell: Child) -> bool:
    return not cell or _NUMBER.fullmatch(cell) is not None


def facts_list(facts: Iterable[tuple[str, Child]]) -> Html:
    """Return names and what they stand for; those that stand for nothing are left out."""
    return h(
        "dl",
        *(h("div", h("dt", name), h("dd", value)) for name, value in facts if value),
        class_="nbr-facts",
    )


def note(*children: Child) -> Html:
    """Return a remark in small print."""
    return h("p", *children, class_="nbr-note")


def folded(summary: str, *children: Child, is_open: bool = False) -> Html:
    """Return what can be unfolded."""
    return h("details", h("summary", summary), *children, open=is_open)
