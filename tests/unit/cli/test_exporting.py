"""Rows of runs leave as CSV, JSON and Parquet, whole and harmless."""

import csv
import json
import math
import stat

import duckdb
import pytest
from storekit import UID, opened_run, row

from nbtrack.store import Journal

OTTERS = ("20260102-030405-00000001", "20260102-030409-00000005")


@pytest.fixture
def mixed(root):
    """A run whose values are of all kinds, some hostile."""
    journal = Journal.create(root, opened_run())
    journal.append(
        [
            row(0, {"loss": -0.5, "note": "=1+1", "count": 1, "ok": True, "=cmd": "\tx"}),
            row(1, {"loss": float("nan"), "note": "plain", "count": 2, "ok": False}),
            row(2, {"loss": float("inf"), "note": "-1", "Loss": 3, "mix": "text"}),
            row(3, {"mix": 7, "huge": 10**30, "note": "@x\nsecond line \x1b[31m"}),
        ]
    )
    journal.close()
    return root


def read_csv(path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def read_parquet(path) -> list[dict]:
    found = duckdb.read_parquet(str(path))
    return [dict(zip(found.columns, values, strict=True)) for values in found.fetchall()]


def test_csv_has_all_rows_and_no_formulas(mixed, command, tmp_path):
    out = tmp_path / "rows.csv"

    assert command("export", UID, "-o", str(out)).code == 0

    rows = read_csv(out)
    assert [one["_run"] for one in rows] == [UID] * 4
    assert [one["_step"] for one in rows] == ["0", "1", "2", "3"]
    assert [one["loss"] for one in rows] == ["-0.5", "nan", "inf", ""]
    assert [one["note"] for one in rows][:3] == ["'=1+1", "plain", "'-1"]
    assert rows[3]["note"].startswith("'@x\nsecond line")
    assert [one["ok"] for one in rows] == ["true", "false", "", ""]
    assert rows[0]["'=cmd"] == "'\tx"
    assert rows[3]["huge"] == str(10**30)


def test_parquet_keeps_types_nan_and_what_is_missing(mixed, command, tmp_path):
    out = tmp_path / "it's rows.parquet"

    assert command("export", UID, "-o", str(out)).code == 0

    rows = read_parquet(out)
    assert [one["_step"] for one in rows] == [0, 1, 2, 3]
    assert rows[0]["loss"] == -0.5
    assert math.isnan(rows[1]["loss"])
    assert (rows[2]["loss"], rows[3]["loss"]) == (math.inf, None)
    assert [one["note"] for one in rows][:3] == ["=1+1", "plain", "-1"]
    assert [one["ok"] for one in rows] == [True, False, None, None]
    assert [one["mix"] for one in rows] == [None, None, "text", "7"]
    assert [one["Loss_1"] for one in rows] == [None, None, 3, None]
    assert rows[3]["huge"] == str(10**30)


def test_json_says_what_it_can(mixed, command):
    rows = json.loads(command("export", UID, "-o", "-", "--format", "json").out)

    assert (rows[0]["_run"], rows[0]["note"], rows[0]["ok"]) == (UID, "=1+1", True)
    assert [one.get("loss") for one in rows] == [-0.5, "NaN", "Infinity", None]


def test_keys_choose_columns_and_rows(filled, command):
    done = command("export", OTTERS[0], "-o", "-", "--keys", "val/acc")

    lines = done.out.splitlines()
    assert lines[:2] == ["_run,_step,val/acc", f"{OTTERS[0]},0,0.125"]
    assert len(lines) == 51


def test_runs_go_into_one_file_or_into_a_folder(filled, command, tmp_path):
    chosen = ["export", "--name-regex", "otter", "--format", "csv", "--json", "-o"]

    one = json.loads(command(*chosen, str(tmp_path / "all.csv")).out)["files"]
    each = json.loads(command(*chosen, str(tmp_path / "each")).out)["files"]

    assert [(len(file["runs"]), file["rows"]) for file in one] == [(2, 100)]
    assert {one["_run"] for one in read_csv(tmp_path / "all.csv")} == set(OTTERS)
    assert sorted(file.name for file in (tmp_path / "each").iterdir()) == [
        f"{uid}.csv" for uid in OTTERS
    ]
    assert [file["rows"] for file in each] == [50, 50]


def test_parquet_is_what_a_folder_gets(filled, command, tmp_path):
    assert command("export", OTTERS[0], "-o", str(tmp_path / "out")).code == 0

    assert len(read_parquet(tmp_path / "out" / f"{OTTERS[0]}.parquet")) == 50


def test_nothing_is_overwritten_unless_forced(filled, command, tmp_path):
    out = tmp_path / "rows.csv"
    out.write_text("mine")

    refused = command("export", OTTERS[0], "-o", str(out))
    assert (refused.code, out.read_text()) == (2, "mine")
    assert "--force" in refused.err

    assert command("export", OTTERS[0], "-o", str(out), "--force").code == 0
    assert len(read_csv(out)) == 50
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.glob("*rows*")] == ["rows.csv"]


@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
def test_a_run_without_rows_makes_a_file_without_rows(root, command, tmp_path, form):
    Journal.create(root, opened_run()).close()
    out = tmp_path / f"rows.{form}"

    assert command("export", UID, "-o", str(out)).code == 0

    assert out.stat().st_size > 0
    if form == "json":
        assert json.loads(out.read_text()) == []


@pytest.mark.parametrize(
    "options",
    [["-o", "rows.txt"], ["-o", "-", "--format", "parquet"], ["-o", "-", "--json"]],
    ids=" ".join,
)
def test_what_cannot_be_written_is_a_wrong_call(options, filled, command):
    assert command("export", OTTERS[0], *options).code == 2
