"""The SFTTrainer of trl, which builds on the Trainer of transformers."""

import pytest

trl = pytest.importorskip("trl", reason="trl is not installed")
transformers = pytest.importorskip("transformers", reason="transformers is not installed")
datasets = pytest.importorskip("datasets", reason="datasets is not installed")
tokenizers = pytest.importorskip("tokenizers", reason="tokenizers is not installed")


def test_a_training_is_recorded(only, tmp_path):
    words = {word: number for number, word in enumerate(["[UNK]", "[EOS]", "a", "b", "c"])}
    plain = tokenizers.Tokenizer(tokenizers.models.WordLevel(words, unk_token="[UNK]"))  # noqa: S106
    plain.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=plain, **{f"{kind}_token": "[EOS]" for kind in ("eos", "pad", "unk")}
    )
    config = transformers.GPT2Config(vocab_size=5, n_positions=16, n_embd=8, n_layer=1, n_head=2)
    trainer = trl.SFTTrainer(
        transformers.GPT2LMHeadModel(config),
        args=trl.SFTConfig(
            output_dir=str(tmp_path / "out"),
            max_steps=3,
            logging_steps=1,
            save_strategy="no",
            use_cpu=True,
            bf16=False,
            max_length=8,
            disable_tqdm=True,
            report_to="wandb",
            run_name="tuned",
        ),
        train_dataset=datasets.Dataset.from_dict({"text": ["a b c", "c b a"] * 8}),
        processing_class=tokenizer,
    )
    trainer.train()

    run = only()
    rows = [row for row in run.scan_history() if "train/loss" in row]
    assert run.name == "tuned"
    assert [row["train/global_step"] for row in rows] == [1, 2, 3]
    assert run.summary["train_loss"] > 0
