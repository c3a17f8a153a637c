"""The house itself: what is public, what it costs, and what is packed."""

import ast
import gzip
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from bundles import LAB_SCRIPTS, LIST_AND_TABLE, imports_of, needed_by

import nbtrack

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "nbtrack"
MODULES = sorted(PACKAGE.rglob("*.py"))
LONGEST_MODULE = 600
PROTOCOL = "nbtrack.panels.protocol"
"""The one inner module that all may import: what is said to the browser."""
HEAVY = ("IPython", "anywidget", "duckdb", "ipywidgets", "numpy", "plotly", "psutil", "pynvml")


def test_every_public_name_is_there_and_says_what_it_is() -> None:
    objects = {name: getattr(nbtrack, name) for name in nbtrack.__all__}

    silent = [name for name, value in objects.items() if callable(value) and not value.__doc__]
    assert silent == []


def test_the_public_names_are_sorted_and_shown_by_dir() -> None:
    assert sorted(nbtrack.__all__) == list(nbtrack.__all__)
    assert set(nbtrack.__all__) <= set(dir(nbtrack))


def test_an_unknown_name_is_named_in_the_error() -> None:
    with pytest.raises(AttributeError, match="'nbtrack' has no attribute 'inti'"):
        _ = nbtrack.inti


def test_the_import_loads_nothing_heavy() -> None:
    """People import trackers in every cell's kernel, also where they do not track."""
    report = "import sys, nbtrack; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", report], capture_output=True, text=True, check=True
    )

    assert set(HEAVY) & set(loaded.stdout.split()) == set()


def test_python_and_javascript_have_one_version() -> None:
    package = json.loads((ROOT / "js/package.json").read_text("utf-8"))
    lock = json.loads((ROOT / "js/package-lock.json").read_text("utf-8"))

    assert package["version"] == lock["version"] == nbtrack.__version__


def test_the_changelog_speaks_of_this_version() -> None:
    changelog = (PACKAGE / "CHANGELOG.md").read_text("utf-8")

    heading = rf"^## \[?({re.escape(nbtrack.__version__)}|Unreleased)\b"
    assert re.search(heading, changelog, re.MULTILINE)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_can_be_read_in_one_sitting(module: Path) -> None:
    assert len(module.read_text("utf-8").splitlines()) <= LONGEST_MODULE


def test_packages_import_packages_and_not_their_inner_modules() -> None:
    """What a package shows in its `__init__` is all that others may rely on."""
    reached = [
        f"{importer.relative_to(ROOT)}:{line} reaches into {target}"
        for importer in MODULES
        for line, target in inner_imports(importer)
    ]

    assert reached == []


def inner_imports(importer: Path) -> Iterator[tuple[int, str]]:
    """Yield the imports of other packages' inner modules, with their lines."""
    own = room_of(importer.relative_to(PACKAGE).parts)
    for node in ast.walk(ast.parse(importer.read_text("utf-8"))):
        for target in targets(node):
            parts = target.split(".")[1:]
            inner = len(parts) > 1 and is_module(parts)
            spoken = target.startswith(PROTOCOL)
            if target.startswith("nbtrack.") and inner and not spoken and parts[0] != own:
                yield node.lineno, target  # type: ignore[attr-defined]


def targets(node: ast.AST) -> list[str]:
    """Return everything that a node may import, dotted."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module:
        return [f"{node.module}.{alias.name}" for alias in node.names] + [node.module]
    return []


def room_of(parts: tuple[str, ...]) -> str:
    """Return the package below `nbtrack` in which a file lies."""
    return parts[0].removesuffix(".py")


def is_module(parts: list[str]) -> bool:
    """Tell a module below `nbtrack` from a name inside one."""
    path = PACKAGE.joinpath(*parts)
    return path.is_dir() or path.with_suffix(".py").is_file()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Build the wheel, browser part and all, and return the names inside."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    [path] = folder.glob("nbtrack-*.whl")
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


def test_the_wheel_carries_the_panel(wheel: list[str]) -> None:
    assert "nbtrack/panels/static/panel.js" in wheel
    assert "nbtrack/panels/static/comparison.js" in wheel
    assert "nbtrack/py.typed" in wheel


def test_the_wheel_carries_the_sidebar_and_switches_it_on(wheel: list[str]) -> None:
    """Nothing but `pip install` is asked of the user."""
    data = [name.split(".data/data/", 1)[1] for name in wheel if ".data/data/" in name]

    extension = "share/jupyter/labextensions/nbtrack-lab"
    assert f"{extension}/package.json" in data
    assert f"{extension}/install.json" in data
    assert f"{extension}/schemas/nbtrack-lab/plugin.json" in data
    assert any(re.fullmatch(rf"{extension}/static/remoteEntry\.\w+\.js", name) for name in data)
    assert "etc/jupyter/jupyter_server_config.d/nbtrack.json" in data


def test_the_wheel_carries_the_licences_of_what_is_bundled(wheel: list[str]) -> None:
    """The chart library's licence asks for it, once per copy."""
    licences = [name for name in wheel if name.endswith("/third-party-licences.txt")]

    assert len(licences) == 2


def test_the_wheel_carries_nothing_else(wheel: list[str]) -> None:
    """One copy of each bundle, no sources of the browser part, no tests."""
    roots = {name.split("/", 1)[0] for name in wheel}

    assert roots == {
        "nbtrack",
        f"nbtrack-{nbtrack.__version__}.dist-info",
        f"nbtrack-{nbtrack.__version__}.data",
    }
    assert not [name for name in wheel if name.startswith("nbtrack/lab/labextension")]
    assert not [name for name in wheel if name.endswith((".ts", ".map", ".pyc"))]


@pytest.mark.parametrize("name", ["panel.js", "comparison.js"])
def test_what_a_cell_sends_to_the_browser_stays_small(name: str) -> None:
    """It travels with every panel that is opened."""
    script = (PACKAGE / "panels/static" / name).read_bytes()

    assert len(script) <= 200_000
    assert len(gzip.compress(script, 9)) <= 60_000


def test_what_every_report_carries_stays_small() -> None:
    """Besides its numbers: both views, which share most of their code, and the style sheets."""
    static = PACKAGE / "panels/static"

    assert (static / "report.js").stat().st_size <= 220_000
    assert (static / "report.css").stat().st_size <= 60_000


def test_what_every_page_of_jupyterlab_loads_stays_small() -> None:
    [script] = LAB_SCRIPTS.glob("remoteEntry.*.js")

    assert script.stat().st_size <= 80_000


def test_the_extension_of_jupyterlab_stays_small_as_a_whole() -> None:
    """What its parts have in common is there once."""
    scripts = [path.read_bytes() for path in LAB_SCRIPTS.glob("*.js")]

    assert sum(map(len, scripts)) <= 450_000
    assert sum(len(gzip.compress(script, 9)) for script in scripts) <= 160_000


def test_the_list_and_the_table_need_little_of_what_draws_runs() -> None:
    """The parts that draw runs have limits of their own, above."""
    needed = needed_by(*LIST_AND_TABLE)

    assert len(needed) > len(LIST_AND_TABLE)
    assert sum(path.stat().st_size for path in needed) <= 250_000


def test_every_part_of_the_extension_finds_the_parts_that_it_needs() -> None:
    """They are imported from beside it, wherever Jupyter's base URL puts them."""
    there = {path.name for path in LAB_SCRIPTS.glob("*.js")}
    asked = [name for path in LAB_SCRIPTS.glob("*.js") for name in imports_of(path)]

    assert asked
    assert {name.removeprefix("./") for name in asked} <= there
    assert all(name.startswith("./shared-") for name in asked)
