"""What a type checker in a user's editor sees. mypy reads this file; nothing runs it.

An ignore that mypy finds unused is an error, so every `type: ignore` below proves that
a mistake is seen.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, assert_type

import nbtrack
from nbtrack import Run, Settings, UsageError


def training() -> None:
    """A run from its beginning to its end."""
    run = nbtrack.init(project="digits", name="first", config={"lr": 1e-3}, tags=["try"])
    assert_type(run, Run)

    run.log({"train/loss": 0.5, "train/acc": 0.8})
    run.log({"val/loss": 0.6}, step=10, commit=False)
    run.config["batch"] = 32
    run.config.update({"optimizer": "sgd"})
    run.summary["best"] = 0.4

    assert_type(run.id, str)
    assert_type(run.tags, tuple[str, ...])
    assert_type(run.notes, str | None)
    assert_type(run.start_time, float)
    assert_type(run.step, int)
    assert_type(run.root, Path)
    if not run.display(height=300):
        raise RuntimeError("no notebook")
    run.finish(exit_code=0)


def block() -> float:
    """The `with` form gives the run, and swallows no exception."""
    with nbtrack.init(mode="disabled", settings=Settings(silent=True)) as run:
        assert_type(run, Run)
        return 1.0


def module_level() -> None:
    """The names of the module that mean the open run."""
    assert_type(nbtrack.run, Run | None)
    nbtrack.log({"loss": 0.1}, step=3)
    nbtrack.config["lr"] = 0.1
    nbtrack.finish()


def beginning() -> None:
    """What `init()` and `Settings` take."""
    settings = Settings(quiet=True, run_tags=["a"], x_disable_stats=True)
    assert_type(settings.init_timeout, float)
    assert_type(settings.run_tags, Sequence[str] | None)
    run = nbtrack.init("me", "digits", force=False, magic=True, settings=settings)
    assert_type(run.settings, Settings)
    assert_type(run.url, str | None)
    assert_type(run.sweep_id, str | None)
    assert_type(nbtrack.login(key="x"), bool)
    assert_type(nbtrack.setup({"quiet": True}), Settings)
    assert_type(nbtrack.save("*.py"), list[str])
    nbtrack.alert("title", "text", level=nbtrack.AlertLevel.WARN)
    nbtrack.termwarn("careful", repeat=False)
    nbtrack.join(exit_code=1)
    nbtrack.teardown()


def reading() -> None:
    """Reading runs back."""
    api = nbtrack.Api()
    run = api.run("digits/first")
    assert_type(run.id, str)
    assert_type(run.tags, list[str])
    assert_type(run.config["lr"], Any)
    assert_type(run.history(pandas=False), list[dict[str, Any]])
    losses = [row["train/loss"] for row in run.scan_history(keys=["train/loss"])]
    assert_type(sum(losses) / len(losses) < 1.0, Any)
    assert_type(run.history()["train/loss"].mean(), float)
    assert_type([one.size for one in run.files()], list[int])


def choosing() -> None:
    """Runs that meet filters, in order, and in SQL."""
    api = nbtrack.Api()
    runs = api.runs("digits", {"config.lr": {"$lt": 0.1}}, order="-summary_metrics.acc")
    assert_type(len(runs), int)
    assert_type(runs[0].name, str)
    assert_type([run.state for run in runs[:3]], list[str])
    assert_type(next(runs).created_at, str)
    found = api.sql("SELECT name FROM runs WHERE state = ?", ["finished"])
    assert_type(found.rows, list[tuple[Any, ...]])
    assert_type(found.columns, list[str])
    assert_type([project.name for project in api.projects()], list[str])


def changing() -> None:
    """Runs are changed where they are read."""
    run = nbtrack.Api().run("digits/first")
    run.name = "renamed"
    run.tags = ["best"]
    run.config["note"] = "kept"
    run.summary.update({"best": 0.9})
    run.update()
    assert_type(run.update_state("failed"), bool)
    assert_type(run.to_html(height=300, hidden=True), str)
    assert_type(run.url, str)
    assert_type(run.alerts, list[dict[str, Any]])
    assert_type(bool(run.display()), bool)


def in_print() -> None:
    """Charts for papers."""
    run = nbtrack.init()
    style = nbtrack.ChartStyle(width_mm=85, font="Times", theme="light", legend="right")
    assert_type(run.save_chart("loss.svg", "loss", smoothing=0.6, style=style), Path)
    nbtrack.compare("digits", display=False).save_chart("loss.pdf", log=True)
    api = nbtrack.Api()
    assert_type(api.run("digits/first").save_chart("loss.svg", ["loss"], x="time"), Path)
    assert_type([one.step for one in api.diff("a", "b", tolerance=0.01).metrics], list[int | None])


def in_place_of_another() -> None:
    """Libraries that know only `wandb`, and methods of the open run by the module."""
    with nbtrack.install_as_wandb() as installation:
        installation.uninstall()
    run = nbtrack.init()
    assert_type(run.log_code("src", include_fn=lambda path: path.endswith(".py")), list[str] | None)
    assert_type(nbtrack.log_code(), list[str] | None)
    assert_type(nbtrack.Histogram([0.1, 0.2], num_bins=8).bins, list[float])
    nbtrack.pin_config_keys(["lr"])


def of_the_open_run() -> None:
    """What the names of the module give back, and what they take."""
    loss = nbtrack.define_metric("val/loss", summary=["min", "last"], goal="minimize")
    assert_type(loss.summary, tuple[str, ...])
    assert_type(nbtrack.restore("models/best.pt"), IO[str] | None)
    nbtrack.mark_preempting()
    nbtrack.summary["best"] = 0.4
    take_away = nbtrack.add_system_sampler("lab", lambda: {"temperature": 21.5})
    take_away()
    nbtrack.termsetup()
    nbtrack.termlog("ready")
    nbtrack.termerror("broken", repeat=False)
    nbtrack.require("core")


def several_processes() -> None:
    """One run, and those that log to it."""
    run = nbtrack.init(mode="shared", id="one", settings=Settings(x_label="w1", x_primary=False))
    assert_type(nbtrack.attach(run.id), nbtrack.Run)
    assert_type(run.status().dropped_values, int)
    assert_type(str(nbtrack.compare({"group": "digits"}, display=False)), str)


def beside() -> None:
    """Several runs beside each other."""
    comparison = nbtrack.compare("digits", group_by=["lr"], band="t95", display=False)
    assert_type(comparison.keys(), dict[str, int])
    assert_type(comparison.best("loss", "minimize").name, str)
    assert_type(len(nbtrack.compare({"state": "finished"}, keys="loss", x="epoch")), int)
    run = nbtrack.init()
    if not run.display(with_=["first", nbtrack.Api().run("digits/second")]):
        raise RuntimeError("no notebook")
    nbtrack.compare([run], band="iqr")  # type: ignore[arg-type]


def mistakes() -> None:
    """Each of these is underlined."""
    nbtrack.init(projekt="digits")  # type: ignore[call-arg]
    nbtrack.init(mode="onlne")  # type: ignore[arg-type]
    Settings(quite=True)  # type: ignore[call-arg]
    Settings(quiet=True).quiet = False  # type: ignore[misc]
    run = nbtrack.init()
    run.log("loss")  # type: ignore[arg-type]
    run.log({"loss": 1}, step="3")  # type: ignore[arg-type]
    run.id = "another"  # type: ignore[misc]
    nbtrack.Api().runs(filter={"state": "finished"})  # type: ignore[call-arg]
    nbtrack.Api().run("digits/first").update_state("good")  # type: ignore[arg-type]
    nbtrack.Api().run("digits/first").history(stream="gpu")  # type: ignore[call-overload]


def errors() -> None:
    """The exceptions are each other's kind, and the builtins'."""
    try:
        nbtrack.init(project="a/b")
    except nbtrack.NotYetError as later:
        as_not_implemented: NotImplementedError = later
        raise as_not_implemented from later
    except nbtrack.CommError as unanswered:
        raise nbtrack.UsageError(str(unanswered)) from unanswered
    except UsageError as error:
        as_builtin: ValueError = error
        as_ours: nbtrack.Error = error
        raise as_ours from as_builtin


def reports(run: Run) -> None:
    """Runs as pages."""
    section = nbtrack.Section("comparison", keys=["val/*"], group_by=["config.lr"], band="t95")
    written = nbtrack.report("digits", title="What I saw", sections=["# Why", section, "log"])
    assert_type(written.path, Path)
    assert_type(Path(run.report(sections="charts")), Path)
    nbtrack.Api().run("digits/first").report("first.html", author="Ada")
    nbtrack.Section("chart")  # type: ignore[arg-type]
    nbtrack.report("digits", sections=[3])  # type: ignore[list-item]
