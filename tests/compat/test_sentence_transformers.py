"""The trainer of sentence-transformers, which builds on that of transformers."""

import pytest

sentences = pytest.importorskip(
    "sentence_transformers", reason="sentence-transformers is not installed"
)
modules = pytest.importorskip(
    "sentence_transformers.sentence_transformer.modules", reason="it has no such modules"
)
datasets = pytest.importorskip("datasets", reason="datasets is not installed")
tokenizers = pytest.importorskip("tokenizers", reason="tokenizers is not installed")


def test_a_training_is_recorded(only, tmp_path):
    words = {word: number for number, word in enumerate(["[UNK]", "good", "bad", "film"])}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel(words, unk_token="[UNK]"))  # noqa: S106
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    static = modules.StaticEmbedding(tokenizer, embedding_dim=4)
    pairs = {"anchor": ["good film", "bad film"] * 4, "positive": ["good", "bad"] * 4}
    model = sentences.SentenceTransformer(modules=[static], device="cpu")
    trainer = sentences.SentenceTransformerTrainer(
        model=model,
        args=sentences.SentenceTransformerTrainingArguments(
            output_dir=str(tmp_path / "out"),
            max_steps=3,
            per_device_train_batch_size=2,
            logging_steps=1,
            save_strategy="no",
            use_cpu=True,
            disable_tqdm=True,
            report_to="wandb",
        ),
        train_dataset=datasets.Dataset.from_dict(pairs),
        loss=sentences.sentence_transformer.losses.MultipleNegativesRankingLoss(model),
    )
    trainer.train()

    run = only()
    rows = [row for row in run.scan_history() if "train/loss" in row]
    assert [row["train/global_step"] for row in rows] == [1, 2, 3]
    assert run.summary["train_loss"] == trainer.state.log_history[-1]["train_loss"]
