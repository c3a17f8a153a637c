"""Two runs on a page: where they part, and what else is not the same."""

import json

import pytest
from storekit import opened_run, row

from nbtrack.cli import main
from nbtrack.errors import UsageError
from nbtrack.query import Comparison
from nbtrack.records import ConfigChanged
from nbtrack.reports import Section, report_page
from nbtrack.store import Journal

UIDS = ("20260102-030405-00000001", "20260102-030406-00000002")
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def pair(root):
    """Two runs of hostile names that part at step 3."""
    for number, uid in enumerate(UIDS):
        journal = Journal.create(
            root, opened_run(uid, name=f"{HOSTILE}{number}", time_us=1_000_000 + number)
        )
        journal.append([ConfigChanged(1, {"lr": number})])
        told = [{HOSTILE: step * (1 + number * (step > 2)), "acc": 1} for step in range(6)]
        journal.append([row(step, values) for step, values in enumerate(told)])
        journal.close()
    return root


def page(root, *sections) -> str:
    return report_page(Comparison.of_uids(root, UIDS), sections=sections or None)[0]


def test_a_report_of_two_runs_says_where_their_metrics_part(pair):
    told = page(pair)

    assert "Where metrics part" in told
    assert "1 of 2 metrics are the same all the way" in told
    assert "".join(f'<td class="nbr-digits">{number}</td>' for number in (3, 3, 6)) in told
    assert HOSTILE not in told


def test_a_tolerance_may_be_given(pair):
    told = page(pair, Section("divergence", tolerance=0.6))

    assert "All 2 metrics have the same values at the same steps beyond a tolerance of 0.6" in told


def test_what_is_about_two_runs_says_so_of_others(pair):
    told = page(pair, Section("divergence", runs=[UIDS[0]]))

    assert "This section is about two runs" in told


def test_a_tolerance_that_is_none_is_refused():
    with pytest.raises(UsageError, match="tolerance is a share"):
        Section("divergence", tolerance=7)


def test_a_diff_is_written_as_a_page(pair, tmp_path, capsys):
    out = tmp_path / "pair.html"
    command = ["--dir", str(pair), "diff", *UIDS, "-o", str(out)]

    assert main([*command, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["bytes"] == out.stat().st_size
    assert main(command) == 2
    assert "--force" in capsys.readouterr().err
    assert main([*command[:-1], str(tmp_path / "pair.txt")]) == 2
    assert "a diff is written as .html" in capsys.readouterr().err
    assert "Where metrics part" in out.read_text("utf-8")
