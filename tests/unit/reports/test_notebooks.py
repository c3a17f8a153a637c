"""Notebooks as pages: what of them can be read, and what cannot get out."""

import ast
import base64
import json
import logging
import re
from html import unescape
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbconvert.exporters import get_exporter
from nbconvert.nbconvertapp import NbConvertApp
from traitlets.config import Config

import nbtrack
from nbtrack.errors import MissingDependencyError
from nbtrack.panels import MIME_TYPE
from nbtrack.reports import parcels_in
from nbtrack.reports.notebooks import exporter
from nbtrack.reports.notebooks.document import document
from nbtrack.reports.notebooks.foreign import tamed
from nbtrack.reports.notebooks.formulas import formula
from nbtrack.reports.notebooks.listing import listing, terminal_text

V4 = nbformat.v4
PLOTLY = "application/vnd.plotly.v1+json"
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()


def shown(**data: object) -> nbformat.NotebookNode:
    """Return a code cell that shows one thing; `__` stands for `/` in its type."""
    output = V4.new_output(
        "display_data", {key.replace("__", "/"): one for key, one in data.items()}
    )
    return V4.new_code_cell("show()", outputs=[output], execution_count=3)


def page_of(*cells: nbformat.NotebookNode, **metadata: object) -> str:
    return document(V4.new_notebook(cells=list(cells), metadata=metadata), name="study")


def main_of(page: str) -> str:
    return page.split("<main", 1)[1].split("</main>", maxsplit=1)[0]


def test_the_exporter_is_found_by_its_name(tmp_path):
    notebook = V4.new_notebook(cells=[V4.new_markdown_cell("# Title")])

    page, resources = get_exporter("nbtrack")().from_notebook_node(notebook)

    assert resources["output_extension"] == ".html"
    assert "<title>Title</title>" in page
    assert get_exporter("nbtrackpdf").output_mimetype == "application/pdf"


@pytest.fixture
def without_browser(monkeypatch):
    monkeypatch.setenv("NBTRACK_CHROMIUM", "/no/such/program")


def test_who_has_no_browser_is_told_before_a_cell_is_executed(without_browser):
    """Whoever asks from Python, or from a server that goes on, gets the error itself."""
    with pytest.raises(MissingDependencyError, match="Correct it"):
        get_exporter("nbtrackpdf")().from_notebook_node(None)


def test_nbconvert_ends_with_the_message_and_without_a_traceback(without_browser, tmp_path, caplog):
    nbformat.write(V4.new_notebook(), tmp_path / "study.ipynb")
    app = NbConvertApp.instance(log=logging.getLogger("nbconvert"))
    try:
        app.initialize(["--to", "nbtrackpdf", str(tmp_path / "study.ipynb")])
        with pytest.raises(SystemExit) as ended:
            app.start()
    finally:
        NbConvertApp.clear_instance()

    assert ended.value.code == 1
    (said,) = [one for one in caplog.records if one.levelno >= logging.ERROR]
    assert "is no program that can be started" in said.getMessage()
    assert said.exc_info is None


def test_whoever_converts_with_another_exporter_loads_nothing_of_ours():
    """All exporters are loaded at the start of nbconvert, so each import costs everybody."""
    tree = ast.parse(Path(exporter.__file__).read_text("utf-8"))

    loaded = [getattr(one, "module", None) or one.names[0].name for one in tree.body if _loads(one)]

    assert {name.partition(".")[0] for name in loaded} == {
        *("pathlib", "typing", "nbconvert", "nbformat", "traitlets")
    }


def _loads(node: ast.stmt) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom)


@pytest.mark.parametrize(
    "code",
    ["x = 'a'  # c\n@d\ndef f(n: int = 1) -> str:\n    return f'{n!r}'\n", "x = y % 3 != 4\n"],
    ids=["def", "operators"],
)
def test_plain_python_has_the_colours_that_ipython_gives_it(code):
    assert listing(code, "ipython3") == listing(f"{code}\n%time", "python").replace(MAGIC, "")


MAGIC = '\n\n<span class="o">%</span><span class="k">time</span>'


@pytest.mark.parametrize("line", ["%time f()", "!ls", "files = !ls", "n = %env N", "len?"])
def test_magics_have_colours_of_their_own(line):
    assert '<span class="o">' in listing(f"x\n{line}", "python")
    assert '<span class="err">' not in listing(f"x\n{line}", "python")


def test_headings_are_a_table_of_contents():
    told = page_of(V4.new_markdown_cell("# One\n\n## Two $x^2$\n\n## Two\n\n#### Deep"))

    links = re.findall(r'<a href="#([^"]+)">', told)
    assert links == ["s-one", "s-two", "s-two-2"]
    assert all(f'id="{link}"' in told for link in links)


def test_a_page_has_one_heading_of_the_first_level():
    assert page_of(V4.new_markdown_cell("text")).count("<h1") == 1
    assert page_of(V4.new_markdown_cell("# Own")).count("<h1") == 1


def test_formulas_are_drawn_without_a_script():
    told = page_of(
        V4.new_markdown_cell("$$\\begin{aligned} a &= \\frac{1}{2} \\\\ b &= 3 \\end{aligned}$$")
    )

    assert '<math display="block"' in re.sub(r' xmlns="[^"]*"', "", told)
    assert "<mfrac>" in told
    assert "<mtr>" in told


@pytest.mark.parametrize("tex", [r"\unknown{x}", r"\frac{1", "x" * 30_000, r"\left("])
def test_a_formula_that_cannot_be_drawn_stays_readable(tex):
    assert tex in unescape(formula(tex, is_block=True)) or "<math" in formula(tex, is_block=True)


def test_code_folds_and_what_was_hidden_is_folded():
    open_, hidden = V4.new_code_cell("x = 1"), V4.new_code_cell("y = 2")
    hidden.metadata["jupyter"] = {"source_hidden": True}

    told = main_of(page_of(open_, hidden))

    assert re.findall(r'<details class="source"( open)?>', told) == [" open", ""]


def test_code_can_be_left_out(tmp_path):
    notebook = V4.new_notebook(cells=[V4.new_code_cell("secret = 1")])
    config = {"NbtrackExporter": {"exclude_input": True}}

    page, _ = get_exporter("nbtrack")(config=Config(config)).from_notebook_node(notebook)
    without, _ = get_exporter("nbtrack")(
        config=Config({"TemplateExporter": {"exclude_input": True}})
    ).from_notebook_node(notebook)

    assert "secret" not in page
    assert "secret" not in without


def test_printed_text_keeps_its_colours_and_how_lines_ended():
    told = terminal_text("10 %\r20 %\r\n\x1b[31mred\x1b[0m <b> \x1b]0;title\x07end")

    assert told == '20 %\n<span class="ansi-red-fg">red</span> &lt;b&gt; end'


def test_what_is_shown_takes_its_liveliest_form_that_works():
    told = main_of(page_of(shown(text__html="<i>html</i>", image__png=PNG, text__plain="plain")))

    assert f"data:image/png;base64,{PNG}" in told
    assert "html</i>" not in told
    assert "<p>" not in main_of(page_of(shown(text__html="<p onclick=x>a</p>"))).split("<p>")[0]


def test_an_output_that_needs_its_own_script_says_so():
    told = main_of(page_of(shown(text__html="<div id=x></div><script>draw('x')</script>")))

    assert "runs none" in told
    assert "draw(" not in told


def test_figures_of_plotly_bring_its_script_once_and_only_then():
    figure = {"data": [{"type": "scattergl", "y": [1, 2]}], "layout": {"title": "</script>"}}

    without = page_of(shown(text__plain="1"))
    told = page_of(shown(**{PLOTLY: figure}), shown(**{PLOTLY: figure}))

    assert len(without) < 200_000
    assert 4_000_000 < len(told) < 6_000_000
    [one, two] = re.findall(r'vnd.nbtrack.figure">(.*?)</script>', told)
    assert json.loads(one)["layout"] == {"title": "</script>"}
    assert json.loads(two)["data"][0]["type"] == "scatter"


def test_widgets_of_others_leave_their_words():
    state = {
        "box": {"state": {"_model_name": "HBoxModel", "children": ["IPY_MODEL_a", "IPY_MODEL_b"]}},
        "a": {"state": {"_model_name": "HTMLModel", "value": "<b>epoch</b><script>x</script>"}},
        "b": {"state": {"_model_name": "FloatProgressModel", "value": 3, "min": 0, "max": 4}},
        "loop": {"state": {"children": ["IPY_MODEL_loop"] * 20}},
        **{
            f"deep-{number}": {"state": {"children": [f"IPY_MODEL_deep-{number + 1}"] * 9}}
            for number in range(2_000)
        },
    }
    kept = {"application/vnd.jupyter.widget-state+json": {"state": state}}
    views = [
        shown(
            **{
                "application/vnd.jupyter.widget-view+json": {"model_id": model},
                "text/plain": f"Box of {model}",
            }
        )
        for model in ("box", "gone", "loop", "deep-0")
    ]

    told = main_of(page_of(*views, widgets=kept))

    assert "<b>epoch</b>" in told
    assert ">75%</progress>" in told
    assert "Box of box" not in told
    assert "Box of gone" in told
    assert "Box of loop" in told


def test_a_damaged_panel_leaves_its_picture():
    broken = {"snapshot": {}, "buffer": "%%%not base64"}

    told = page_of(shown(**{MIME_TYPE: broken, "text/html": "<p>picture</p>"}))
    wrong = page_of(shown(**{MIME_TYPE: [1], "text/html": "<p>picture</p>"}))

    assert "<p>picture</p>" in told
    assert "<p>picture</p>" in wrong


def test_a_panel_is_carried_as_the_notebook_has_it():
    bundle = {
        "version": 1,
        "snapshot": {"op": "snapshot"},
        "buffer": base64.b64encode(bytes(8)).decode(),
    }

    [parcel] = parcels_in(page_of(shown(**{MIME_TYPE: bundle, "text/html": "<p>still</p>"})))

    assert parcel.bundle == {"version": 1, "snapshot": {"op": "snapshot"}}
    assert parcel.buffer == bytes(8)


@pytest.fixture
def logged(tmp_path, monkeypatch):
    """A run of 1,000 exact values, and what a notebook has kept of it."""
    monkeypatch.delenv("NBTRACK_DIR", raising=False)
    with nbtrack.init(project="digits", dir=tmp_path) as run:
        for step in range(1_000):
            run.log({"loss": 1 / (step + 3)})
    kept = nbtrack.Api(tmp_path).run(run.id)
    yield kept, V4.new_notebook(cells=[shown(**kept._repr_mimebundle_())])
    nbtrack.teardown()


def exported(notebook, folder, **options) -> str:
    exporter = get_exporter("nbtrack")(config=Config({"NbtrackExporter": options}))
    return exporter.from_notebook_node(notebook, {"metadata": {"path": str(folder)}})[0]


def losses(page: str) -> list[float]:
    """Return the values that a page carries of the one metric of its one run."""
    [parcel] = parcels_in(page)
    [head] = [one for one in parcel.bundle["snapshot"]["series"] if one["key"] == "loss"]
    numbers = np.frombuffer(parcel.buffer, "<f8")
    return numbers[2 * head["points"] : 3 * head["points"]].tolist()


def test_a_page_has_all_points_of_the_store(logged, tmp_path):
    run, notebook = logged
    (tmp_path / "below").mkdir()

    told = losses(exported(notebook, tmp_path / "below"))

    assert told == [row["loss"] for row in run.scan_history()]


def test_what_has_changed_since_then_is_no_part_of_a_page(logged, tmp_path):
    run, notebook = logged
    run.name = "renamed"

    [parcel] = parcels_in(exported(notebook, tmp_path))

    assert parcel.bundle["snapshot"]["run"]["name"] != "renamed"
    assert parcel.bundle["snapshot"]["series"][0]["points"] <= 400


def test_without_its_store_a_page_has_what_the_notebook_kept(logged, tmp_path, monkeypatch):
    _, notebook = logged
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.setenv("NBTRACK_DIR", str(elsewhere))

    [gone] = parcels_in(exported(notebook, elsewhere))
    monkeypatch.delenv("NBTRACK_DIR")
    [refused] = parcels_in(exported(notebook, tmp_path, all_points=False))

    assert gone.buffer == refused.buffer
    assert gone.bundle["snapshot"]["series"][0]["points"] <= 400


@pytest.mark.parametrize("uid", ["../../etc", "", 7, None, "20260102-030405-0000abcd"])
def test_a_uid_that_is_none_of_ours_leaves_what_the_notebook_kept(logged, tmp_path, uid):
    _, notebook = logged
    told = notebook.cells[0].outputs[0].data[MIME_TYPE]
    told["snapshot"]["run"]["uid"] = uid

    [parcel] = parcels_in(exported(notebook, tmp_path))

    assert parcel.bundle["snapshot"]["series"][0]["points"] <= 400


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        '<a href="javascript:alert(1)">x</a>',
        '<a href=" jAvascript:alert(1)">x</a>',
        "<svg><script>alert(1)</script></svg>",
        '<svg onload="alert(1)"><use href="https://evil/x.svg#a"></svg>',
        "<svg><foreignObject><iframe srcdoc='<script>alert(1)</script>'></foreignObject></svg>",
        '<iframe src="https://evil"></iframe>',
        '<meta http-equiv="refresh" content="0;url=https://evil">',
        '<base href="https://evil">',
        '<form action="https://evil"><input name=x><button>go</button></form>',
        '<link rel="stylesheet" href="https://evil/x.css">',
        '<img src="https://evil/x.png" srcset="https://evil/y.png 2x">',
        '<object data="https://evil"></object><embed src="https://evil">',
        '<div data-commandlinker-command="x" data-nbtrack="nbtrack-data-1">a</div>',
        "<style><script>alert(1)</script></style>",
        "</div></main><h1>out</h1>",
        "<b><i>unclosed",
        "<!--<img src=x onerror=alert(1)>-->",
        "<p style='x' style=\"</p><script>alert(1)</script>\">",
        "\x00<scr\x00ipt>alert(1)</script>",
    ],
)
def test_html_of_others_keeps_to_its_place(html):
    told = tamed(html)

    assert not re.search(r"<(script|iframe|meta|base|form|link|object|embed|input|button)", told)
    assert not re.search(r"<[^>]*\s(on\w+|srcset|srcdoc|data-[\w-]+)=", told)
    assert not re.search(r'(src|href)="[^"]*(evil|javascript)', told)
    assert told.count("<div") == told.count("</div")
    assert told.count("<b>") == told.count("</b>")
    assert "</main>" not in told


@pytest.mark.parametrize(
    "piece", ["<a", "<!--", "<a x='", "</a ", "<?", "<b>", "<![", "&#", "<style>", "<!x"]
)
def test_html_that_is_never_closed_is_read_in_one_go(piece):
    """The standard library's parser would look for its end again and again, for hours."""
    told = tamed(f">{20_000 * piece}") + tamed(f"{20_000 * piece}>")

    assert told.count("<b>") == told.count("</b>")


def test_html_of_word_processors_keeps_its_text():
    assert tamed("<!DOCTYPE html><![if !x]><p>a</p><![endif]-->") == "<p>a</p>"


def test_pictures_come_from_the_notebooks_folder_and_from_nowhere_else(tmp_path):
    """A notebook of others must not carry away files of whoever exports it."""
    folder, secret = tmp_path / "work", tmp_path / "secret.png"
    (folder / "plots").mkdir(parents=True)
    secret.write_bytes(b"secret")
    (folder / "plots/a.png").write_bytes(b"mine")
    (folder / "link.png").symlink_to(secret)
    names = (
        "plots/a.png",
        "../secret.png",
        "link.png",
        str(secret),
        secret.as_uri(),
        "plots",
        "x.png",
    )
    text = "\n\n".join(f"![{name}]({name})" for name in names)

    told = document(V4.new_notebook(cells=[V4.new_markdown_cell(text)]), folder=folder)

    assert re.findall(r'src="data:image/png;base64,([^"]+)"', told) == ["bWluZQ=="]


def test_attachments_are_in_the_page():
    cell = V4.new_markdown_cell("![x](attachment:x.png) ![gone](attachment:y.png)")
    cell["attachments"] = {"x.png": {"image/png": PNG}}

    told = main_of(page_of(cell))

    assert f'<img src="data:image/png;base64,{PNG}" alt="x">' in told
    assert "[gone: attachment:y.png]" in told


@pytest.mark.parametrize(
    "notebook",
    [
        {},
        {"cells": None, "metadata": None},
        {"cells": [{"cell_type": "code", "source": ["a\n", "b"], "outputs": None}]},
        {"cells": [{"cell_type": "code", "outputs": [{"output_type": "display_data"}]}]},
        {"cells": [{"cell_type": "odd"}, {}], "metadata": {"language_info": None}},
        {"cells": [{"cell_type": "code", "outputs": [{"output_type": "error"}]}]},
        {"cells": [], "metadata": {"widgets": "none", "language_info": {"name": "no-such"}}},
    ],
    ids=["empty", "null", "lists", "no-data", "odd", "no-traceback", "odd-metadata"],
)
def test_a_notebook_that_lacks_something_is_a_page_all_the_same(notebook):
    assert document(notebook, name="odd <name>").startswith("<!doctype html>")
