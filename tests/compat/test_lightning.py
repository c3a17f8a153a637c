"""Lightning's WandbLogger."""

import pickle

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
lightning = pytest.importorskip("lightning.pytorch", reason="lightning is not installed")


class Line(lightning.LightningModule):
    """One layer that learns zero."""

    def __init__(self, lr=0.1):  # noqa: ARG002 - save_hyperparameters() reads it
        super().__init__()
        self.save_hyperparameters()
        self.layer = torch.nn.Linear(2, 1)

    def training_step(self, batch, _index):
        loss = self.layer(batch[0]).square().mean()
        self.log("train/loss", loss)
        return loss

    def validation_step(self, batch, _index):
        self.log("val/loss", self.layer(batch[0]).square().mean())

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=self.hparams.lr)


def loader():
    points = torch.utils.data.TensorDataset(torch.ones(8, 2))
    return torch.utils.data.DataLoader(points, batch_size=2)


@pytest.mark.parametrize("keywords", [{}, {"offline": True}], ids=["online", "offline"])
def test_a_fit_is_recorded_over_the_trainers_steps(keywords, only, tmp_path):
    import wandb
    from lightning.pytorch.loggers import WandbLogger

    logger = WandbLogger(project="lines", name="first", save_dir=tmp_path, **keywords)
    trainer = lightning.Trainer(
        max_epochs=2,
        logger=logger,
        log_every_n_steps=1,
        accelerator="cpu",
        default_root_dir=tmp_path,
        enable_progress_bar=False,
        enable_model_summary=False,
        enable_checkpointing=False,
    )
    trainer.fit(Line(), loader(), loader())
    logger.watch(trainer.lightning_module)
    assert logger.version == wandb.run.id
    wandb.finish()

    run = only()
    rows = list(run.scan_history())
    assert (run.project, run.name) == ("lines", "first")
    assert run.config["lr"] == 0.1
    losses = [row["trainer/global_step"] for row in rows if row.get("train/loss") is not None]
    assert losses == list(range(8))
    assert [row["epoch"] for row in rows if row.get("val/loss") is not None] == [0, 1]


def test_a_copy_of_a_logger_goes_on_with_the_open_run():
    from lightning.pytorch.loggers import WandbLogger

    logger = WandbLogger(project="lines")
    copy = pickle.loads(pickle.dumps(logger))  # noqa: S301 - our own bytes

    assert copy.experiment is logger.experiment
