"""`init(magic=True)` with frameworks that a unit test has not."""

import sys

import numpy as np
import pytest

import nbtrack
from nbtrack.query import ApiRun

X = np.linspace(0, 1, 40).reshape(-1, 1)
Y = (X[:, 0] > 0.5).astype(int)


@pytest.fixture
def followed(tmp_path):
    """Return a function that ends the run and looks it up."""
    run = nbtrack.init(project="magic", dir=tmp_path, magic=True)

    def end() -> ApiRun:
        run.finish()
        return nbtrack.Api(run.root).run(run.path)

    yield end
    run.finish()


def values(run: ApiRun, key: str) -> list[float]:
    return [row[key] for row in run.scan_history(keys=[key])]


def test_rounds_of_xgboost_are_rows(followed):
    xgboost = pytest.importorskip("xgboost")
    data = xgboost.DMatrix(X, label=Y)
    found = {}
    xgboost.train(
        {"objective": "binary:logistic", "eta": 0.3},
        data,
        5,
        evals=[(data, "train")],
        evals_result=found,
        verbose_eval=False,
    )
    run = followed()

    assert values(run, "train/logloss") == found["train"]["logloss"]
    assert run.config["xgboost"] == {"objective": "binary:logistic", "eta": 0.3}
    assert xgboost.train.__module__ == "xgboost.training"


def test_rounds_of_its_estimator_and_where_it_stopped(followed):
    xgboost = pytest.importorskip("xgboost")
    model = xgboost.XGBClassifier(
        n_estimators=50, early_stopping_rounds=2, eval_metric="error"
    ).fit(X, Y, eval_set=[(X, Y)], verbose=False)
    run = followed()

    assert values(run, "validation_0/error") == model.evals_result()["validation_0"]["error"]
    assert run.summary["best_iteration"] == model.best_iteration


def test_rounds_of_lightgbm_are_rows(followed):
    lightgbm = pytest.importorskip("lightgbm")
    model = lightgbm.LGBMClassifier(n_estimators=4, min_child_samples=2, verbose=-1)
    model.fit(X, Y, eval_set=[(X, Y)])
    run = followed()

    (name,) = model.evals_result_
    assert values(run, f"{name}/binary_logloss") == model.evals_result_[name]["binary_logloss"]


def test_scalars_of_one_step_share_a_row(followed, tmp_path):
    writers = pytest.importorskip("tensorboardX")
    with writers.SummaryWriter(str(tmp_path / "events")) as writer:
        for step in range(3):
            writer.add_scalar("loss", 1 / (step + 1), step)
            writer.add_scalar("accuracy", step, global_step=step)
        writer.add_scalars("both", {"a": 1.0, "b": 2.0}, 3)
    run = followed()

    rows = [{key: row[key] for key in row if key[0] != "_"} for row in run.scan_history()]
    assert rows == [
        {"loss": 1.0, "accuracy": 0, "global_step": 0},
        {"loss": 0.5, "accuracy": 1, "global_step": 1},
        {"loss": 1 / 3, "accuracy": 2, "global_step": 2},
        {"both/a": 1.0, "both/b": 2.0, "global_step": 3},
    ]


def test_epochs_of_keras_are_rows(followed, monkeypatch):
    if "keras" not in sys.modules:
        monkeypatch.setenv("KERAS_BACKEND", "torch")
    keras = pytest.importorskip("keras")
    model = keras.Sequential([keras.layers.Dense(2, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(X, Y, epochs=3, verbose=0).history
    run = followed()

    assert values(run, "epoch/loss") == pytest.approx(history["loss"])
    assert values(run, "epoch/epoch") == [0, 1, 2]
    assert run.config["keras"]["epochs"] == 3
    assert "fit" not in vars(keras.Model)
