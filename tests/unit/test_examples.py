"""What the documentation of every public name shows is what happens."""

import doctest
import re
from pathlib import Path

import pytest

import nbtrack

OF_THE_RUN = ("config", "run", "summary")
"""Names that stand for what is open: the documentation of the module shows them."""
ELSEWHERE = ("Api", "add_system_sampler")
"""Whose examples run in a workspace, or on a machine, of their own."""
SHOWN = [name for name in nbtrack.__all__ if name not in OF_THE_RUN]
PARTS = {f"Run.{part.__name__}": part for part in nbtrack.Run.__mro__[1:-1]}
EXAMPLES = [
    test
    for name, shown in {**{name: getattr(nbtrack, name) for name in SHOWN}, **PARTS}.items()
    if name not in ELSEWHERE
    for test in doctest.DocTestFinder().find(shown, name, globs={})
    if test.examples
]
TYPING = Path(__file__).parents[1] / "typing" / "api.py"


@pytest.fixture
def names(tmp_path, monkeypatch):
    """A folder with some files, a run that has ended, and one that is open."""
    monkeypatch.chdir(tmp_path)
    for name, value in {"DIR": tmp_path, "QUIET": 1, "PROJECT": "digits"}.items():
        monkeypatch.setenv(f"NBTRACK_{name}", str(value))
    for name, text in {"models/best.pt": "weights", "src/train.py": "lr = 0.1"}.items():
        path = tmp_path / name
        path.parent.mkdir()
        path.write_text(text)
    nbtrack.teardown()
    with nbtrack.init(name="brave-otter-1", config={"lr": 0.1}) as ended:
        ended.log({"loss": 0.3})
    run = nbtrack.init(id="first")
    yield {"nbtrack": nbtrack, "run": run}
    nbtrack.teardown()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda test: test.name)
def test_an_example_does_what_it_shows(example, names):
    example.globs = {**names, **{name: getattr(nbtrack, name) for name in SHOWN}}

    found = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(example)

    assert found.attempted
    assert not found.failed


@pytest.mark.parametrize("name", SHOWN)
def test_every_public_name_shows_an_example(name):
    assert "Examples:" in getattr(nbtrack, name).__doc__
    assert ">>> " in getattr(nbtrack, name).__doc__


@pytest.mark.parametrize("name", nbtrack.__all__)
def test_what_an_editor_sees_of_every_public_name_is_checked(name):
    """Mypy reads that file as it reads a user's."""
    assert re.search(rf"\b(nbtrack\.{name}|{name}\()", TYPING.read_text("utf-8"))


def test_the_documented_names_are_the_public_ones():
    """`help(nbtrack)` begins with the list of them."""
    lists = re.findall(r"^    [a-z][a-z ]{1,22} {2,}(\S.*)$", nbtrack.__doc__, re.MULTILINE)
    named = [name for line in lists for name in line.split()]

    assert sorted(named) == sorted(set(named)) == nbtrack.__all__
