"""What nbconvert and JupyterLab's "Save and Export Notebook As" call.

nbconvert loads every exporter that there is, whichever is asked for: what a page is made
with is loaded when one is made.
"""

from pathlib import Path
from typing import Any, ClassVar

from nbconvert.exporters.exporter import Exporter
from nbformat import NotebookNode
from traitlets import Bool, default
from traitlets.config import Application


class NbtrackExporter(Exporter):
    """A notebook as one HTML file: its runs can still be looked at closely, without network.

        jupyter nbconvert --to nbtrack notebook.ipynb

    Options of nbconvert hold: `--execute`, `--no-input`, `--output`, tags that remove cells.
    """

    export_from_notebook: ClassVar[str] = "nbtrack page"  # type: ignore[misc]
    output_mimetype: ClassVar[str] = "text/html"  # type: ignore[misc]

    exclude_input = Bool(default_value=False, help="Leave out the code of cells.").tag(config=True)
    all_points = Bool(
        default_value=True,
        help="Take the points of runs from their store, if that still has them as the notebook "
        "shows them; else those that the notebook has kept, 400 of a series at most.",
    ).tag(config=True)

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".html"

    @default("optimistic_validation")
    def _optimistic_validation_default(self) -> bool:
        # Once for all preprocessors, not once for each of eleven, most of which do nothing.
        return True

    def from_notebook_node(
        self,
        nb: NotebookNode,
        resources: dict[str, Any] | None = None,
        **kw: Any,  # noqa: ANN401 - nbconvert's signature
    ) -> tuple[Any, dict[str, Any]]:
        """Return a notebook as a page, and what nbconvert keeps beside it.

        Args:
            nb: The notebook, of any version; it is read as one of version 4.
            resources: What nbconvert knows of it: its name, its folder.
            kw: Taken for nbconvert.

        Raises:
            Error: If the page cannot be made. nbconvert's command ends with its message.
        """
        from nbtrack.errors import Error

        try:
            self._expect_means()
            return self._exported(*super().from_notebook_node(nb, resources, **kw))
        except Error as error:
            _end_command(error)
            raise

    def _exported(
        self, notebook: NotebookNode, resources: dict[str, Any]
    ) -> tuple[Any, dict[str, Any]]:
        from nbtrack.reports.notebooks.document import document

        resources["output_extension"] = self.file_extension
        about = resources.get("metadata") or {}
        folder = about.get("path")
        page = document(
            notebook,
            name=str(about.get("name") or ""),
            folder=Path(folder) if folder is not None else None,
            root=_workspace(folder) if self.all_points else None,
            code=not self._hides_code(),
        )
        return self._finished(page), resources

    def _hides_code(self) -> bool:
        """Tell whether code is left out: by our option, or by nbconvert's `--no-input`."""
        template = self.config.get("TemplateExporter", {})
        given = template.get("exclude_input", False)
        return self.exclude_input or given is True

    def _expect_means(self) -> None:
        """Expect what it takes, before cells are executed for an hour."""

    def _finished(self, page: str) -> Any:  # noqa: ANN401 - text or bytes
        return page


def _end_command(error: Exception) -> None:
    """End `jupyter nbconvert` with what is wrong, without a traceback.

    Whoever else asks gets the error: a server goes on, and its page says it.
    """
    from nbconvert.nbconvertapp import NbConvertApp

    app = Application.instance() if Application.initialized() else None
    if isinstance(app, NbConvertApp):
        app.log.error(str(error))
        app.exit(1)


def _workspace(folder: str | None) -> Path:
    """Return where the runs of a notebook lie that is in a folder."""
    from nbtrack.settings import Place, find_workspace

    notebook = None if folder is None else str(Path(folder) / "notebook.ipynb")
    return find_workspace(None, Place(notebook=notebook))


class NbtrackPdfExporter(NbtrackExporter):
    """A notebook as PDF, printed by the installed Chromium or Chrome.

    jupyter nbconvert --to nbtrackpdf notebook.ipynb
    """

    export_from_notebook: ClassVar[str] = "nbtrack PDF"  # type: ignore[misc]
    output_mimetype: ClassVar[str] = "application/pdf"  # type: ignore[misc]

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".pdf"

    def _expect_means(self) -> None:
        from nbtrack.plots import find_chromium

        find_chromium()

    def _finished(self, page: str) -> bytes:
        from nbtrack.reports.paper import printed

        return printed(page)
