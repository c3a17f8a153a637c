"""A run is named as people name it; what is ambiguous is not guessed."""

import pytest

from nbtrack.cli.place import chosen
from nbtrack.errors import RunNotFoundError, UsageError
from nbtrack.store import Reader


@pytest.fixture
def runs(filled):
    return Reader(filled).runs()


@pytest.mark.parametrize(
    "given",
    [
        "20260102-030406-00000002",
        "00000002",
        "quiet-fox",
        "letters/quiet-fox",
        "ada/letters/00000002",
        "ada/letters/quiet-fox",
    ],
)
def test_a_run_is_named_by_uid_id_name_or_path(runs, given):
    assert chosen(runs, given).opened.uid == "20260102-030406-00000002"


def test_a_name_of_several_runs_is_refused_with_all_of_them(runs):
    with pytest.raises(UsageError, match=r"00000005 .*00000001 .*Type the uid"):
        chosen(runs, "brave-otter")

    assert chosen(runs, "bob/digits/brave-otter").opened.uid.endswith("5")


def test_a_name_of_no_run_is_refused_with_the_closest(runs):
    with pytest.raises(RunNotFoundError, match="Did you mean 'quiet-fox'"):
        chosen(runs, "quite-fox")
