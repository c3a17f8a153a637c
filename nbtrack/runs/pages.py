"""The page that `run.url` leads to where no server shows the run.

Whoever asks for the address gets a page that says what to type; when the run ends, its
picture takes the page's place. Nothing is written for those who never ask.
"""

import shlex
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from nbtrack.errors import StoreError
from nbtrack.query import the_artist
from nbtrack.records import Opened
from nbtrack.store import page_path, run_folder, write_file
from nbtrack.values import one_line

if TYPE_CHECKING:
    from nbtrack.runs.run import Run

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>{name}</title>
<body style="font:15px/1.5 system-ui,sans-serif;max-width:42em;margin:3em auto;padding:0 1em">
<h1 style="font-size:1.4em">{name}</h1>
<p>This run of project <b>{project}</b> had not ended when this page was written. Its picture
takes this place at its end.</p>
<p>To see it as it goes on, type in a terminal</p>
<pre>nbtrack show {id} --dir {folder}</pre>
<p>or <code>%nbtrack open {id}</code> in a notebook.</p>
"""


def page_of_run(opened: Opened, root: Path) -> str:
    """Return the address of a run's page, which is begun where there is none.

    Where it cannot be written, the address of the run's folder.
    """
    path = page_path(root.absolute(), opened.uid)
    if not path.is_file():
        try:
            write_file(path, _begun(opened, root.absolute()))
        except StoreError:
            return run_folder(root.absolute(), opened.uid).as_uri()
    return path.as_uri()


def complete_page(run: "Run") -> None:
    """Put the picture of a run that has ended into its page, if somebody asked for one.

    Raises:
        Error: If it cannot be drawn or written.
    """
    path = page_path(run.root, run.uid)
    if not run.disabled and path.is_file():
        write_file(path, the_artist().page(run.root, run.uid))


def _begun(opened: Opened, root: Path) -> str:
    return _PAGE.format(
        name=_html(opened.name or opened.id),
        project=_html(opened.project),
        id=_html(shlex.quote(opened.id)),
        folder=_html(shlex.quote(str(root.parent)), most=4_096),
    )


def _html(text: str, most: int = 200) -> str:
    return escape(one_line(text, most))
