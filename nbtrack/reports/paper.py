"""Pages on paper: what the installed Chromium or Chrome prints of them.

Apart from the writing of reports, which loads all that reads runs.
"""

from nbtrack.plots import printer

_PAGE_NUMBER = (
    '<div style="width:100%;text-align:center;font:8px sans-serif;color:#59626d">'
    '<span class="pageNumber"></span> / <span class="totalPages"></span></div>'
)
_A4_IN = {"paperWidth": 8.27, "paperHeight": 11.69}


def printed(page: str) -> bytes:
    """Return a page as PDF.

    Raises:
        MissingDependencyError: If no Chromium is installed.
        PrintError: If it cannot print the page.
    """
    with printer() as press:
        press.show(page)
        return press.pdf(
            preferCSSPageSize=True,
            displayHeaderFooter=True,
            headerTemplate="<i></i>",
            footerTemplate=_PAGE_NUMBER,
            **_A4_IN,
        )
