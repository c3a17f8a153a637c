"""What a server's configuration may say, and what is said about the rest."""

import logging
import math
import re
from pathlib import Path

import pytest
from traitlets import TraitError
from traitlets.config import Config
from traitlets.config.loader import DeferredConfigString

from nbtrack.lab import NbtrackApp
from nbtrack.lab.options import Count, Seconds

README = Path(__file__).parents[3] / "README.md"
OPTIONS = {
    name: trait
    for name, trait in NbtrackApp.class_own_traits(config=True).items()
    if isinstance(trait, (Count, Seconds))
}


@pytest.mark.parametrize("name", OPTIONS)
def test_an_option_says_its_unit_and_its_default(name):
    trait, words = OPTIONS[name], " ".join(OPTIONS[name].help.split())

    assert f"Defaults to {trait.default_value:,g}" in words
    assert ("second" in words) == isinstance(trait, Seconds) == name.endswith("_s")
    assert trait.min <= trait.default_value <= trait.max


def test_the_readme_has_them_all():
    rows = re.findall(
        r"^\| `NbtrackApp\.(\w+)` \| ([\d.,]+)", README.read_text("utf-8"), re.MULTILINE
    )

    assert dict(rows) == {name: f"{trait.default_value:,g}" for name, trait in OPTIONS.items()}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("run_interval_s", 0),
        ("run_interval_s", -1),
        ("run_interval_s", math.nan),
        ("run_interval_s", math.inf),
        ("run_interval_s", True),
        ("run_interval_s", "often"),
        ("run_interval_s", None),
        ("store_threads", 1.5),
        ("store_threads", 0),
        ("store_threads", 10**9),
        ("max_sockets", [1]),
    ],
)
def test_what_makes_no_sense_is_refused_in_words_that_teach(name, value):
    kind = "a time in seconds" if name.endswith("_s") else "a whole number"

    with pytest.raises(TraitError, match=f"{name} is {kind} from .* to .*, not") as caught:
        NbtrackApp(**{name: value})
    assert str(caught.value).endswith(f"c.NbtrackApp.{name} = {OPTIONS[name].default_value}")


def test_a_wrong_option_is_said_and_switches_nothing_off(caplog):
    app = NbtrackApp(log=logging.getLogger("test"))

    app.update_config(Config({"NbtrackApp": {"lease_s": 0.0, "store_threads": 3}}))

    assert (app.lease_s, app.store_threads) == (30.0, 3)
    (said,) = caplog.messages
    assert said.startswith("nbtrack: lease_s is a time in seconds from 1 to 3,600, not 0.0.")


def test_options_come_from_the_command_line_of_the_server_too(caplog):
    """It hands them on as text, and does not know what they are."""
    given = {"lease_s": "60", "max_sockets": "8", "store_threads": "many", "snapshot_lines": "-1"}
    app = NbtrackApp(log=logging.getLogger("test"))

    app.update_config(
        Config({"NbtrackApp": {name: DeferredConfigString(text) for name, text in given.items()}})
    )

    assert (app.lease_s, app.max_sockets) == (60.0, 8)
    assert (app.store_threads, app.snapshot_lines) == (2, 1_000)
    many, minus = caplog.messages
    assert "store_threads is a whole number from 1 to 16, not 'many'" in many
    assert "snapshot_lines" in minus
