"""ignite's WandBLogger."""

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
engine = pytest.importorskip("ignite.engine", reason="pytorch-ignite is not installed")


def test_outputs_and_learning_rates_are_recorded(only):
    from ignite.handlers.wandb_logger import WandBLogger

    model = torch.nn.Linear(2, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

    def step(_engine, batch):
        optimizer.zero_grad()
        loss = model(batch).square().mean()
        loss.backward()
        optimizer.step()
        return loss.item()

    trainer = engine.Engine(step)
    logger = WandBLogger(project="ignite", name="first", config={"lr": 0.1})
    logger.attach_output_handler(
        trainer,
        event_name=engine.Events.ITERATION_COMPLETED,
        tag="training",
        output_transform=lambda loss: {"loss": loss},
    )
    logger.attach_opt_params_handler(
        trainer, event_name=engine.Events.ITERATION_STARTED, optimizer=optimizer
    )
    logger.watch(model)
    trainer.run([torch.ones(4, 2)] * 3, max_epochs=2)
    assert logger.run.dir
    logger.close()

    run = only()
    rows = list(run.scan_history())
    assert [row["_step"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert all(row["training/loss"] >= 0 and row["lr/group_0"] == 0.1 for row in rows)
    assert run.config == {"lr": 0.1}
