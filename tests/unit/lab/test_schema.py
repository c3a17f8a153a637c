"""What the extension's schema adds to JupyterLab: keys, menus, settings."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

ROOT = Path(__file__).parents[3]
SCHEMA = json.loads((ROOT / "js/src/lab/schema/plugin.json").read_text("utf-8"))
JUPYTERLAB = Path(sys.prefix) / "share/jupyter/lab/schemas"


def shortcuts(schema: dict[str, list[dict[str, list[str]]]]) -> Iterator[str]:
    """Yield the keys of a schema, as one text each."""
    for shortcut in schema.get("jupyter.lab.shortcuts", []):
        yield " ".join(shortcut["keys"])


def test_no_shortcut_is_one_of_jupyterlabs_own() -> None:
    """JupyterLab drops one of two that collide, and says so in a console that nobody reads."""
    schemas = [json.loads(file.read_text("utf-8")) for file in JUPYTERLAB.rglob("*.json")]
    taken = {keys for schema in schemas for keys in shortcuts(schema)}
    ours = set(shortcuts(SCHEMA))

    assert len(taken) > 50
    assert ours
    assert ours & taken == set()


def test_settings_are_a_schema_with_defaults_that_meet_it() -> None:
    Draft7Validator.check_schema(SCHEMA)
    defaults = {name: one["default"] for name, one in SCHEMA["properties"].items()}

    Draft7Validator(SCHEMA).validate(defaults)
    assert all(one["title"] for one in SCHEMA["properties"].values())


@pytest.mark.parametrize("menu", ["main", "context"])
def test_menus_name_commands_of_ours(menu: str) -> None:
    """A command that is not there makes an entry without words."""
    source = "".join(file.read_text("utf-8") for file in (ROOT / "js/src/lab").rglob("*.ts"))
    entries = SCHEMA["jupyter.lab.menus"][menu]
    items = [item for entry in entries for item in entry.get("items", [entry])]
    commands = {item["command"] for item in items if "command" in item}

    assert commands
    assert [command for command in commands if f'"{command}"' not in source] == []
