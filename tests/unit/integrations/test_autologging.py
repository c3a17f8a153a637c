"""`init(magic=)`: scikit-learn and argparse for real, and frameworks that break."""

import argparse
import importlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import nbtrack
from nbtrack.errors import UsageError
from nbtrack.integrations.sinks import plain
from nbtrack.runs import FRAMEWORKS, Run, session
from nbtrack.runs.magic import checked_magic

X = np.array([[0.0], [1.0], [2.0], [3.0]] * 10)
Y = np.array([0, 0, 1, 1] * 10)


@pytest.fixture
def said(monkeypatch) -> Iterator[list[str]]:
    texts: list[str] = []
    for name in list(os.environ):
        if name.startswith(("WANDB_", "NBTRACK_")):
            monkeypatch.delenv(name)
    monkeypatch.setattr(session(), "voice", lambda _level, text: texts.append(text))
    yield texts
    nbtrack.teardown()


@pytest.fixture
def begin(tmp_path, said):
    def begin(magic: object = True, **given: object) -> Run:  # noqa: FBT002 - as of init
        return nbtrack.init(
            project="magic", dir=tmp_path, magic=magic, settings={"x_disable_stats": True}, **given
        )

    return begin


def rows_of(run: Run) -> list[dict[str, Any]]:
    rows = nbtrack.Api(run.root).run(run.path).scan_history()
    return [{key: row[key] for key in row if not key.startswith("_")} for row in rows]


def keys_of(run: Run) -> list[list[str]]:
    return [sorted(row) for row in rows_of(run)]


def test_fits_and_scores_are_rows_and_parameters_config(begin, said):
    run = begin()
    model = LogisticRegression(C=0.5).fit(X, Y)
    score = model.score(X, Y)

    assert keys_of(run) == [
        ["LogisticRegression/fit_seconds", "LogisticRegression/n_iter"],
        ["LogisticRegression/score"],
    ]
    assert rows_of(run)[1]["LogisticRegression/score"] == score
    assert run.config["LogisticRegression"]["C"] == 0.5
    run.finish()
    assert not [text for text in said if "sklearn" in text]


def test_what_an_estimator_calls_itself_is_not_logged(begin):
    run = begin()
    RandomForestClassifier(5, n_jobs=2).fit(X, Y)
    GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2).fit(X, Y)
    make_pipeline(StandardScaler(), LogisticRegression()).fit(X, Y)

    assert keys_of(run) == [
        ["RandomForestClassifier/fit_seconds"],
        ["GridSearchCV/best_score", "GridSearchCV/fit_seconds"],
        ["Pipeline/fit_seconds"],
    ]
    assert run.config["GridSearchCV"]["estimator"] == "LogisticRegression"


def test_an_estimator_that_is_written_later_is_followed(begin):
    run = begin()

    class Mean(BaseEstimator):
        def __init__(self, power: int = 1) -> None:
            self.power = power

        def fit(self, values: np.ndarray, _labels: object = None) -> "Mean":
            self.loss_ = float(values.mean())
            return self

    Mean(power=2).fit(X)

    assert keys_of(run) == [["Mean/fit_seconds", "Mean/loss"]]
    assert run.config["Mean"] == {"power": 2}


def test_when_the_run_ends_everything_is_as_it_was(begin):
    before = (LogisticRegression.fit, argparse.ArgumentParser.parse_known_args, list(sys.meta_path))
    run = begin()
    assert LogisticRegression.fit is not before[0]
    run.finish()

    after = (LogisticRegression.fit, argparse.ArgumentParser.parse_known_args, list(sys.meta_path))
    assert after == before
    assert "__init_subclass__" not in vars(BaseEstimator)
    assert isinstance(LogisticRegression.fit, FunctionType)
    rows = rows_of(run)
    LogisticRegression().fit(X, Y)
    assert rows_of(run) == rows


def test_an_exception_of_a_training_stays_its_own(begin):
    run = begin()

    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        LogisticRegression().fit(X, Y[:3])
    LogisticRegression().fit(X, Y)

    assert len(rows_of(run)) == 1


def test_a_loop_that_gives_steps_keeps_them(begin):
    run = begin()
    for step in range(3):
        run.log({"epoch": step}, step=step)
        LogisticRegression().fit(X, Y)
    run.finish()

    assert [row["epoch"] for row in rows_of(run)] == [0, 1, 2]
    assert all("LogisticRegression/fit_seconds" in row for row in rows_of(run))


def test_only_what_is_wanted_is_followed(begin):
    run = begin({"sklearn": False})
    LogisticRegression().fit(X, Y)
    argparse.ArgumentParser().parse_args([])

    assert rows_of(run) == []


def test_the_last_run_that_wants_it_gets_it(begin):
    first = begin()
    second = begin(reinit="create_new")
    LogisticRegression().fit(X, Y)
    second.finish()
    LogisticRegression().fit(X, Y)

    assert (len(rows_of(first)), len(rows_of(second))) == (1, 1)


def test_nothing_is_patched_without_magic_or_for_a_disabled_run(begin):
    before = LogisticRegression.fit
    for given in ({"magic": None}, {"magic": False}, {"mode": "disabled"}):
        run = begin(**given)
        assert LogisticRegression.fit is before
        run.finish()


def test_a_command_line_is_config_and_its_secrets_are_masked(begin):
    run = begin()
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", type=float, default=0.1)
    parser.add_argument("--model", default="mlp")
    parser.add_argument("--layers", type=int, nargs="*")
    parser.add_argument("--password", default="hunter2-and-more")
    given = parser.parse_args(["--lr", "0.5", "--layers", "64", "32"])

    assert given.password.startswith("hunter2")
    assert run.config.as_dict() == {
        "lr": 0.5,
        "model": "mlp",
        "layers": [64, 32],
        "password": "***",
    }


def test_a_parser_of_a_library_says_nothing(begin):
    class Theirs(argparse.ArgumentParser):
        pass

    run = begin()
    Theirs().parse_args([])
    parser = argparse.ArgumentParser()
    parser.add_argument("--inner", default=1)
    exec(compile("p.parse_args([])", "/x/site-packages/lib.py", "exec"), {"p": parser})  # noqa: S102

    assert run.config.as_dict() == {}


def test_a_framework_that_is_not_as_expected_is_told_once_and_works(
    begin, said, tmp_path, monkeypatch
):
    for name in ("xgboost", "lightgbm", "keras"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    Path(tmp_path / "xgboost.py").write_text("def train(): return 'trained'\n")
    monkeypatch.syspath_prepend(tmp_path)
    run = begin()
    xgboost = importlib.import_module("xgboost")
    monkeypatch.delitem(sys.modules, "xgboost")

    assert xgboost.train() == "trained"
    run.finish()
    (told,) = [text for text in said if "xgboost" in text]
    assert told.startswith("xgboost is not logged as it should be: AttributeError")
    assert told.endswith("Its work goes on.")


@pytest.mark.parametrize(
    ("magic", "wanted"),
    [
        (None, set()),
        (False, set()),
        (True, set(FRAMEWORKS)),
        ({}, set(FRAMEWORKS)),
        ({"keras": False, "sklearn": True}, set(FRAMEWORKS) - {"keras"}),
    ],
)
def test_magic_chooses_frameworks(magic, wanted):
    assert checked_magic(magic) == wanted


@pytest.mark.parametrize(
    ("magic", "message"),
    [
        ("yes", "must be True, False or a dict"),
        (1, "must be True, False or a dict"),
        ({"sklern": True}, "Did you mean 'sklearn'"),
        ({"sklearn": 1}, r"magic\['sklearn'\] must be True or False"),
        ({3: True}, "magic knows no 3"),
    ],
)
def test_wrong_magic_is_refused_at_once(begin, magic, message):
    with pytest.raises(UsageError, match=message):
        begin(magic)

    assert nbtrack.run is None


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (np.float32(0.5), 0.5),
        (np.int64(3), 3),
        (np.arange(30), "ndarray"),
        ([1, "a", None], [1, "a", None]),
        (list(range(1_000)), "list"),
        ({"a": {"b": np.float64(1)}}, {"a": {"b": 1.0}}),
        ("x" * 10_000, "x" * 500),
        (object, "type"),
    ],
)
def test_what_goes_to_the_config_is_small_and_plain(value, kept):
    assert plain(value) == kept
