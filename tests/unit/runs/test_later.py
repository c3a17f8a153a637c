"""Names of the field that are there and not filled yet."""

import pytest

import nbtrack
from nbtrack.compat.surface import children
from nbtrack.runs import NAMES_TO_COME, session


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("NBTRACK_DIR", str(tmp_path))
    with nbtrack.init() as run:
        yield run


def test_every_name_of_the_field_is_reached_below_nbtrack():
    for name in (*NAMES_TO_COME, *children(""), "_attach", "ensure_configured", "patched"):
        assert getattr(nbtrack, name) is not None


@pytest.mark.parametrize("name", NAMES_TO_COME)
def test_a_name_to_come_says_what_works_today(name):
    with pytest.raises(nbtrack.NotYetError, match=f"nbtrack.{name} is not there yet. What works"):
        getattr(nbtrack, name)("anything", key="word")


def test_a_class_to_come_can_be_asked_for_and_derived_from():
    class Mine(nbtrack.Table):
        pass

    assert not isinstance(1, nbtrack.Table)
    with pytest.raises(nbtrack.NotYetError, match="log its rows one by one"):
        Mine(columns=["a"])


METHODS_TO_COME = (
    "finish_artifact",
    "link_artifact",
    "link_model",
    "log_artifact",
    "log_model",
    "upsert_artifact",
    "use_artifact",
    "use_model",
)


@pytest.mark.parametrize("name", METHODS_TO_COME)
def test_a_method_to_come_says_what_works_today(run, name):
    with pytest.raises(nbtrack.NotYetError, match=rf"run\.{name}\(\) is not there yet. What works"):
        getattr(run, name)("model.pt")


@pytest.mark.parametrize("name", METHODS_TO_COME)
def test_a_disabled_run_takes_what_is_to_come(tmp_path, name):
    """Whoever turns tracking off has turned off its gaps as well."""
    with nbtrack.init(mode="disabled", dir=tmp_path) as run:
        given = getattr(run, name)("model.pt", aliases=["best"])

        assert given.wait().version.download(root="here") is given
        assert not hasattr(given, "__len__")
    assert list(tmp_path.iterdir()) == []


def test_not_yet_is_an_error_of_ours_and_of_python():
    assert issubclass(nbtrack.NotYetError, nbtrack.Error)
    assert issubclass(nbtrack.NotYetError, NotImplementedError)


def test_to_watch_says_once_that_nothing_is_recorded_and_goes_on(run, monkeypatch):
    said: list[str] = []
    monkeypatch.setattr(session(), "voice", lambda _level, text: said.append(text))

    run.watch(object(), log="all", log_freq=10)
    nbtrack.watch(object())
    run.unwatch()
    with nbtrack.init(mode="disabled", reinit="create_new") as disabled:
        disabled.watch(object())

    assert len(said) == 1
    assert "nbtrack.Histogram" in said[0]


def test_a_shortcut_means_the_run_that_is_open(run, tmp_path):
    (tmp_path / "notes.txt").write_text("hello")

    [kept] = nbtrack.save(tmp_path / "notes.txt", base_path=tmp_path)

    assert kept.startswith(run.dir)
    with nbtrack.restore("notes.txt") as file:
        assert file.read() == "hello"


def test_a_shortcut_without_a_run_says_what_to_type():
    with pytest.raises(nbtrack.Error, match=r"nbtrack\.init\(\) before nbtrack\.alert\(\)"):
        nbtrack.alert("title", "text")
