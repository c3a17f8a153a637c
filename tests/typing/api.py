"""What a type checker in a user's editor sees. mypy reads this file; nothing runs it.

An ignore that mypy finds unused is an error, so every `type: ignore` below proves that
a mistake is seen.
"""

from pathlib import Path
from typing import assert_type

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


def reading() -> None:
    """Reading runs back."""
    run = nbtrack.Api().run("digits/first")
    assert_type(run.id, str)
    losses = [row["train/loss"] for row in run.scan_history(keys=["train/loss"])]
    assert_type(losses[:1] == [0.5], bool)


def mistakes() -> None:
    """Each of these is underlined."""
    nbtrack.init(projekt="digits")  # type: ignore[call-arg]
    nbtrack.init(mode="onlne")  # type: ignore[arg-type]
    run = nbtrack.init()
    run.log("loss")  # type: ignore[arg-type]
    run.log({"loss": 1}, step="3")  # type: ignore[arg-type]
    run.id = "another"  # type: ignore[misc]


def errors() -> None:
    """The exceptions are each other's kind, and the builtins'."""
    try:
        nbtrack.init(project="a/b")
    except UsageError as error:
        as_builtin: ValueError = error
        as_ours: nbtrack.Error = error
        raise as_ours from as_builtin
