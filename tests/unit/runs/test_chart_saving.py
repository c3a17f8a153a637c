"""`save_chart()`: from runs of the store to a file."""

import re

import pytest

import nbtrack
from nbtrack.errors import MissingDependencyError, NbtrackWarning, StoreError, UsageError


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """Three runs of two learning rates."""
    monkeypatch.setenv("NBTRACK_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    made = []
    for number, lr in enumerate((0.1, 0.1, 0.2)):
        with nbtrack.init(project="digits", name=f"otter-{number}", config={"lr": lr}) as run:
            for step in range(20):
                run.log({"loss": lr * (20 - step), "acc": step / 20 - 0.2, "epoch": step // 4})
        made.append(run)
    yield made
    nbtrack.teardown()


def texts(path) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", path.read_text("utf-8"))


def test_a_run_is_drawn_with_a_curve_per_metric(runs, tmp_path):
    path = runs[0].save_chart(tmp_path / "new/both.svg", ["loss", "acc"], title="Digits")

    assert path == tmp_path / "new/both.svg"
    assert {"Digits", "loss", "acc", "step"} <= set(texts(path))


def test_one_metric_stands_beside_its_axis(runs):
    path = runs[0].save_chart("loss.svg", "loss", x="time", x_label="")

    assert "loss" in texts(path)
    assert not any("time" in text for text in texts(path))


def test_a_metric_may_stand_below(runs):
    assert "epoch" in texts(runs[0].save_chart("loss.svg", "loss", x="epoch"))


def test_runs_are_told_by_their_names_and_groups_by_what_makes_them(runs):
    lines = nbtrack.compare(runs, keys="loss", display=False)
    bands = nbtrack.compare(runs, keys="loss", group_by="lr", display=False)

    assert {"otter-0", "otter-1", "otter-2"} <= set(texts(lines.save_chart("lines.svg")))
    assert {"lr 0.1", "lr 0.2"} <= set(texts(bands.save_chart("bands.svg")))


def test_values_that_a_logarithmic_axis_cannot_show_are_counted(runs):
    with pytest.warns(NbtrackWarning, match="5 of 20 values are not above 0"):
        runs[0].save_chart("acc.svg", "acc", log=True)


def test_an_open_run_is_drawn_as_it_stands(runs):
    run = nbtrack.init(project="digits")
    run.log({"loss": 0.25})

    assert run.save_chart("now.svg", "loss").is_file()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("loss.gif", "loss"), "a chart is written as .svg, .png or .pdf, not as 'loss.gif'"),
        (("loss", "loss"), "Type 'loss.svg'"),
        ((7, "loss"), "path is that of a file like 'loss.svg', not 7"),
        (("loss.svg", "lass"), "Did you mean 'loss'"),
    ],
    ids=["gif", "no-ending", "no-path", "no-metric"],
)
def test_what_cannot_be_drawn_is_refused(runs, arguments, said):
    with pytest.raises(UsageError, match=re.escape(said)):
        runs[0].save_chart(*arguments)


@pytest.mark.parametrize("smoothing", [1, -0.1, "much", float("nan"), True])
def test_smoothing_is_a_share(runs, smoothing):
    with pytest.raises(UsageError, match="smoothing is a number from 0"):
        runs[0].save_chart("loss.svg", "loss", smoothing=smoothing)


def test_where_nothing_can_be_written_it_is_said(runs, tmp_path):
    (tmp_path / "file").write_text("no folder")

    with pytest.raises(StoreError, match="cannot write"):
        runs[0].save_chart(tmp_path / "file" / "loss.svg", "loss")


def test_without_a_browser_it_is_said_what_to_do(runs, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("nbtrack.plots.chromium.MAC_APPS", ())

    with pytest.raises(MissingDependencyError, match="export NBTRACK_CHROMIUM="):
        runs[0].save_chart("loss.png", "loss")

    assert not (tmp_path / "loss.png").exists()


def test_a_run_that_was_looked_up_is_drawn_alike(runs):
    there = nbtrack.Api().run(runs[0].id)

    told = there.save_chart("a.svg", "loss", log=True, title="T").read_text("utf-8")

    assert told == runs[0].save_chart("b.svg", "loss", log=True, title="T").read_text("utf-8")


def test_a_disabled_run_has_nothing_to_draw(tmp_path):
    with (
        nbtrack.init(mode="disabled") as run,
        pytest.raises(UsageError, match="nothing of it is kept"),
    ):
        run.save_chart(tmp_path / "loss.svg", "loss")
