"""optuna's WeightsAndBiasesCallback."""

import pytest

optuna = pytest.importorskip("optuna", reason="optuna is not installed")
integration = pytest.importorskip(
    "optuna_integration", reason="optuna-integration is not installed"
)


def square(trial):
    return trial.suggest_float("x", -1, 1) ** 2


@pytest.fixture
def study():
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna.create_study(study_name="squares", sampler=optuna.samplers.RandomSampler(1))


@pytest.fixture
def callback():
    """What is old at optuna is said by it, not by us."""

    def callback(**kwargs):
        with pytest.warns(FutureWarning):
            return integration.WeightsAndBiasesCallback(
                metric_name="loss", wandb_kwargs={"project": "search"}, **kwargs
            )

    return callback


def test_trials_are_steps_of_one_run(study, callback, only):
    import wandb

    study.optimize(square, n_trials=3, callbacks=[callback()])
    wandb.finish()

    run = only()
    rows = list(run.scan_history())
    assert run.config["direction"] == ["MINIMIZE"]
    assert [row["_step"] for row in rows] == [0, 1, 2]
    assert [row["loss"] for row in rows] == [trial.value for trial in study.trials]


def test_trials_are_runs_of_their_own(study, callback, stored):
    study.optimize(square, n_trials=3, callbacks=[callback(as_multirun=True)])

    runs = stored()
    assert [run.name.rpartition("/")[0] for run in runs] == ["trial/0", "trial/1", "trial/2"]
    assert [run.tags for run in runs] == [["squares"]] * 3
    assert [run.summary["loss"] for run in runs] == [trial.value for trial in study.trials]
    assert [run.config["x"] for run in runs] == [trial.params["x"] for trial in study.trials]


def test_an_objective_logs_to_the_run_of_its_trial(study, callback, stored):
    tracked = callback(as_multirun=True)

    @tracked.track_in_wandb()
    def objective(trial):
        import wandb

        value = square(trial)
        wandb.log({"half": value / 2})
        return value

    study.optimize(objective, n_trials=2, callbacks=[tracked])

    runs = stored()
    assert [run.summary["half"] * 2 for run in runs] == [trial.value for trial in study.trials]
    assert [run.state for run in runs] == ["finished", "finished"]


def test_a_score_that_comes_at_a_step_that_is_over_is_counted(study, callback, said):
    """The callback logs trial 0's score at step 0, which the objective's row has taken."""
    tracked = callback(as_multirun=True)
    runs = []

    @tracked.track_in_wandb()
    def objective(trial):
        import wandb

        runs.append(wandb.run)
        wandb.log({"half": square(trial) / 2})
        return square(trial)

    study.optimize(objective, n_trials=1, callbacks=[tracked])

    assert runs[0].status().dropped_rows == 1
    assert "Steps must increase" in said[-1][1]
