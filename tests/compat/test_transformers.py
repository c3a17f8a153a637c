"""The Trainer of transformers, `report_to="wandb"`."""

import pytest

from nbtrack.store import Reader

torch = pytest.importorskip("torch", reason="torch is not installed")
transformers = pytest.importorskip("transformers", reason="transformers is not installed")
pytest.importorskip("accelerate", reason="accelerate is not installed")


class Sentences(torch.utils.data.Dataset):
    """Some rows of numbers for a model of language."""

    def __len__(self):
        return 16

    def __getitem__(self, index):
        row = torch.arange(8) + index % 4
        return {"input_ids": row, "labels": row}


@pytest.fixture
def train(tmp_path):
    """Train a tiny model for four steps, looking at it every second."""

    def train(**arguments):
        config = transformers.GPT2Config(
            vocab_size=32, n_positions=16, n_embd=8, n_layer=1, n_head=2
        )
        trainer = transformers.Trainer(
            transformers.GPT2LMHeadModel(config),
            transformers.TrainingArguments(
                output_dir=str(tmp_path / "out"),
                max_steps=4,
                per_device_train_batch_size=2,
                logging_steps=1,
                eval_strategy="steps",
                eval_steps=2,
                save_strategy="no",
                use_cpu=True,
                disable_tqdm=True,
                report_to="wandb",
                **arguments,
            ),
            train_dataset=Sentences(),
            eval_dataset=Sentences(),
        )
        trainer.train()

    return train


def test_a_training_is_recorded_with_its_steps_and_its_config(train, only):
    train(run_name="tiny")

    run = only()
    assert (run.project, run.name) == ("huggingface", "tiny")
    assert run.config["n_embd"] == 8
    assert run.config["max_steps"] == 4
    assert run.config["model/num_parameters"] > 0
    rows = run.history(pandas=False)
    assert [row["train/global_step"] for row in rows if row.get("train/loss")] == [1, 2, 3, 4]
    assert [row["train/global_step"] for row in rows if row.get("eval/loss")] == [2, 4]


def test_what_is_said_of_the_whole_training_is_in_the_summary(train, only):
    train()

    summary = only().summary
    assert summary["train_loss"] > 0
    assert summary["total_flos"] > 0


def test_every_metric_is_drawn_over_the_global_step(train, only, tmp_path):
    train()

    defined = Reader(tmp_path / ".nbtrack").run(only().uid).metrics
    metrics = {metric.name: metric.step_metric for metric in defined}
    assert metrics["train/loss"] == "train/global_step"


def test_to_watch_the_model_warns_once_and_trains_on(train, only, said, monkeypatch):
    monkeypatch.setenv("WANDB_WATCH", "all")

    train()

    assert len([text for _, text in said if "run.watch()" in text]) == 1
    assert only().summary["train/global_step"] == 4


def test_to_log_the_model_says_that_it_is_not_there_yet(train, monkeypatch):
    import nbtrack

    monkeypatch.setenv("WANDB_LOG_MODEL", "end")

    with pytest.raises(nbtrack.NotYetError, match=r"run.save\(path\)"):
        train()
