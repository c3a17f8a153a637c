"""The tracker of accelerate, `log_with="wandb"`."""

import pytest

accelerate = pytest.importorskip("accelerate", reason="accelerate is not installed")


def test_a_tracker_keeps_config_and_steps(only):
    accelerator = accelerate.Accelerator(log_with="wandb", cpu=True)
    accelerator.init_trackers("digits", {"lr": 0.1}, {"wandb": {"name": "first", "tags": ["a"]}})
    for step in (0, 10, 20):
        accelerator.log({"loss": 1.0 / (step + 1), "nested": {"acc": step}}, step=step)
    assert accelerator.get_tracker("wandb", unwrap=True).project == "digits"
    accelerator.end_training()

    run = only()
    assert (run.project, run.name, run.tags, run.state) == ("digits", "first", ["a"], "finished")
    assert run.config == {"lr": 0.1}
    assert [(row["_step"], row["nested.acc"]) for row in run.scan_history()] == [
        (0, 0),
        (10, 10),
        (20, 20),
    ]
