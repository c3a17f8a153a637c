"""What wandb's callback for xgboost does with a run, in the order in which it does it."""

import json

import pytest

xgboost = pytest.importorskip("xgboost", reason="xgboost is not installed")
np = pytest.importorskip("numpy", reason="numpy is not installed")


class Callback(xgboost.callback.TrainingCallback):
    """Config, metrics and the best score, as wandb's own callback logs them."""

    def before_training(self, model):
        import wandb
        from wandb.sdk.lib import telemetry

        with telemetry.context() as told:
            told.feature.xgboost_wandb_callback = True
        wandb.config.update(json.loads(model.save_config()))
        return model

    def after_iteration(self, model, epoch, evals_log):  # noqa: ARG002 - the signature
        import wandb

        for data, metrics in evals_log.items():
            for name, values in metrics.items():
                wandb.define_metric(f"{data}-{name}", summary="min")
                wandb.log({f"{data}-{name}": values[-1]}, commit=False)
        wandb.log({"epoch": epoch})
        return False

    def after_training(self, model):
        import wandb

        best = {"best_score": float(model.attr("best_score"))}
        wandb.log({**best, "best_iteration": int(model.attr("best_iteration"))})
        wandb.run.summary["rounds"] = model.num_boosted_rounds()
        return model


def test_a_booster_is_recorded_round_by_round(only):
    import wandb

    points = np.random.default_rng(0).normal(size=(80, 3))
    table = xgboost.DMatrix(points, points.sum(axis=1))

    with wandb.init(project="boosting"):
        xgboost.train(
            {"max_depth": 2},
            table,
            num_boost_round=5,
            evals=[(table, "train")],
            early_stopping_rounds=3,
            callbacks=[Callback()],
            verbose_eval=False,
        )

    run = only()
    rows = list(run.scan_history())
    assert run.config["learner"]["gradient_booster"]["name"] == "gbtree"
    assert [row["epoch"] for row in rows[:-1]] == [0, 1, 2, 3, 4]
    losses = [row["train-rmse"] for row in rows[:-1]]
    assert run.summary["train-rmse"]["min"] == min(losses)
    assert run.summary["best_score"] == pytest.approx(min(losses))
    assert run.summary["rounds"] == 5
