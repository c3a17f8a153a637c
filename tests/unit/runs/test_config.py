"""`run.config`: where it comes from, and when it may change."""

import argparse
import dataclasses
from collections import UserDict, UserList

import pytest

from nbtrack.errors import ConfigError
from nbtrack.runs.config import Config, joined, jsonable_config, read_config


@dataclasses.dataclass
class Given:
    lr: float = 0.1


@pytest.fixture
def changes() -> list:
    return []


def test_config_is_read_from_what_people_keep_it_in(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("lr: {value: 0.1, desc: rate}\ndepth: 3\nwandb_version: 1\n")

    assert read_config({"lr": 0.1}) == {"lr": 0.1}
    assert read_config(argparse.Namespace(lr=0.1)) == {"lr": 0.1}
    assert read_config(Given()) == {"lr": 0.1}
    assert read_config(str(path)) == {"lr": 0.1, "depth": 3}
    assert read_config(None) == {}


def test_flags_of_absl_are_read_by_their_values():
    class Flags:
        def flag_values_dict(self) -> dict:
            return {"lr": 0.1, "layers": [1, 2]}

    assert read_config(Flags()) == {"lr": 0.1, "layers": [1, 2]}


def test_sequences_and_sets_of_every_kind_become_lists():
    """Those of OmegaConf and other config libraries are no lists of Python's."""
    given = {"a": UserList([1, UserDict(b=(2,))]), "c": {3: 4}.keys(), "d": b"raw"}

    assert jsonable_config(given) == {"a": [1, {"b": [2]}], "c": [3], "d": "b'raw'"}


def test_nested_values_are_joined_and_the_upper_hold():
    lower = {"model": {"depth": 2, "width": 8}, "lr": 0.1, "data": "a"}
    upper = {"model": {"depth": 3}, "lr": {"start": 1}}

    assert joined(lower, upper) == {
        "model": {"depth": 3, "width": 8}, "lr": {"start": 1}, "data": "a",
    }  # fmt: skip


def test_a_locked_value_stays_and_that_is_said(changes):
    told = []
    config = Config(changes.append, may_change=True, ignored=lambda *say: told.append(say))

    config.lock({"lr": 0.1, "model": {"depth": 2}})
    config.update({"lr": 0.1, "model": {"depth": 5, "width": 8}, "batch": 4})
    config["lr"] = 0.2

    assert config.as_dict() == {"lr": 0.1, "model": {"depth": 2, "width": 8}, "batch": 4}
    assert told == [
        ("locked model", "Config item 'model' was locked by 'sweep' (ignored update)."),
        ("locked lr", "Config item 'lr' was locked by 'sweep' (ignored update)."),
    ]


@pytest.mark.parametrize("given", [[1], 3], ids=["list", "number"])
def test_what_holds_no_names_is_refused(given):
    with pytest.raises(TypeError, match="config must be a dict, a Namespace or the path"):
        read_config(given)


def test_a_missing_file_is_said_with_its_name():
    with pytest.raises(ConfigError, match=r"config file 'nowhere\.yaml' cannot be read"):
        read_config("nowhere.yaml")


def test_values_are_set_in_every_style_and_told_once(changes):
    config = Config(changes.append, may_change=True)

    config["--lr"] = 0.1
    config.depth = (1, 2)
    config.update({"lr": 0.1})

    assert config.lr == 0.1
    assert config.as_dict() == {"lr": 0.1, "depth": [1, 2]}
    assert dict(**config) == config.as_dict()
    assert changes == [{"lr": 0.1}, {"depth": [1, 2]}]


def test_in_a_script_a_value_stays(changes):
    config = Config(changes.append, may_change=False)
    config.update({"lr": 0.1})
    config.lr = 0.1

    with pytest.raises(ConfigError, match=r"change value of key 'lr' from 0.1 to 0.2.*allow_val_"):
        config.lr = 0.2

    config.update({"lr": 0.2}, allow_val_change=True)
    assert config.lr == 0.2


def test_defaults_fill_only_what_is_missing(changes):
    config = Config(changes.append, may_change=False)
    config.update({"lr": 0.1})

    config.setdefaults({"lr": 9, "depth": 3})

    assert config.as_dict() == {"lr": 0.1, "depth": 3}


def test_a_missing_key_names_the_keys_there_are(changes):
    config = Config(changes.append, may_change=True)
    config.lr = 0.1

    with pytest.raises(AttributeError, match=r"no key 'rl'\. Keys: lr"):
        _ = config.rl
    with pytest.raises(KeyError):
        config["rl"]
    assert config.get("rl", 5) == 5
    assert "lr" in config


def test_the_config_of_another_run_is_taken_by_its_values(changes):
    config = Config(changes.append, may_change=False)
    config.lr = 0.1

    assert read_config(config) == {"lr": 0.1}


def test_a_yaml_file_may_be_given_as_a_path(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("lr: 0.1")

    assert read_config(path) == {"lr": 0.1}


def test_what_a_file_says_of_another_tracker_is_no_config(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("wandb_version: 1\n_wandb: {value: {t: 3}}\nlr: {desc: null, value: 0.1}")

    assert read_config(path) == {"lr": 0.1}


def test_a_file_that_is_no_text_is_said_with_its_name(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_bytes(b"\xff\xfe\xfa: 1")

    with pytest.raises(ConfigError, match=r"config.yaml' cannot be read"):
        read_config(path)


def test_a_dict_that_was_changed_in_place_and_set_again_is_told(changes):
    config = Config(changes.append, may_change=True)
    config.optimizer = {"lr": 0.1}

    optimizer = config.optimizer
    optimizer["lr"] = 0.2
    config.optimizer = optimizer

    assert changes == [{"optimizer": {"lr": 0.1}}, {"optimizer": {"lr": 0.2}}]
