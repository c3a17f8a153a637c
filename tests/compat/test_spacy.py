"""spaCy's logger, `@loggers = "spacy.WandbLogger.v5"`."""

import io

import pytest

spacy = pytest.importorskip("spacy", reason="spaCy is not installed")
loggers = pytest.importorskip("spacy_loggers.wandb", reason="spacy-loggers is not installed")

CONFIG = """
[nlp]
lang = "en"
pipeline = ["textcat"]
[components]
[components.textcat]
factory = "textcat"
[corpora]
[corpora.train]
@readers = "nbtrack.sentences"
[corpora.dev]
@readers = "nbtrack.sentences"
[training]
seed = 0
max_steps = 6
eval_frequency = 2
train_corpus = "corpora.train"
dev_corpus = "corpora.dev"
[training.logger]
@loggers = "spacy.WandbLogger.v5"
project_name = "spacy"
run_name = "cats"
remove_config_values = ["training.seed"]
log_custom_stats = ["^epoch$"]
"""


@spacy.registry.readers("nbtrack.sentences")
def sentences():
    def read(nlp):
        for text, cat in (("good film", 1.0), ("bad film", 0.0)):
            cats = {"cats": {"GOOD": cat, "BAD": 1.0 - cat}}
            yield spacy.training.Example.from_dict(nlp.make_doc(text), cats)

    return read


def test_a_training_is_recorded_with_scores_and_losses(only):
    from spacy.training.initialize import init_nlp
    from spacy.training.loop import train

    defaults = spacy.util.load_config(spacy.language.DEFAULT_CONFIG_PATH)
    nlp = init_nlp(defaults.merge(spacy.util.load_config_from_str(CONFIG, interpolate=False)))
    train(nlp, stdout=io.StringIO(), stderr=io.StringIO())

    run = only()
    rows = list(run.scan_history())
    assert (run.project, run.name, run.state) == ("spacy", "cats", "finished")
    assert run.config["training"]["max_steps"] == 6
    assert len([row for row in rows if "score" in row]) == 4
    assert all(row["loss_textcat"] >= 0 for row in rows if "loss_textcat" in row)
    assert next(row["epoch"] for row in rows if "epoch" in row) == 0
    assert "cats_score" in run.summary
