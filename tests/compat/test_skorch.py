"""skorch's WandbLogger, which is given a run."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
skorch = pytest.importorskip("skorch", reason="skorch is not installed")


def test_epochs_are_rows_and_the_best_model_lies_with_the_run(only):
    import wandb
    from skorch.callbacks import WandbLogger

    numbers = np.random.default_rng(0).normal(size=(40, 2)).astype("float32")
    with wandb.init(project="nets") as run:
        run.config.update({"lr": 0.1})
        net = skorch.NeuralNetRegressor(
            torch.nn.Linear, module__in_features=2, module__out_features=1, max_epochs=3, verbose=0
        )
        net.set_params(callbacks=[("wandb", WandbLogger(run, save_model=True))], lr=0.1)
        net.fit(numbers, numbers.sum(axis=1, keepdims=True))

    stored = only()
    rows = list(stored.scan_history())
    assert [row["train_loss"] for row in rows] == [epoch["train_loss"] for epoch in net.history]
    assert "best_model.pth" in [file.name for file in stored.files()]
