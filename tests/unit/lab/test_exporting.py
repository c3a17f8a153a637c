"""Rows of runs leave through the server as files that no page shows."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from run_writer import Writer
from tornado.httpclient import HTTPResponse

Write = Callable[..., Writer]
NOBODY = "20260101-120000-0000abcd"


@pytest.fixture
def export(jp_fetch: Any) -> Callable[..., Any]:  # noqa: ANN401 - untyped in pytest-jupyter
    """Return a function that asks for a file."""

    async def ask(**wish: Any) -> HTTPResponse:  # noqa: ANN401 - JSON
        answer: HTTPResponse = await jp_fetch(
            "nbtrack", "api", "export", method="POST", body=json.dumps(wish), raise_error=False
        )
        return answer

    return ask


def two_runs(write: Write) -> list[str]:
    """Write two runs; return their uids."""
    runs = [write("=cmd()", tags=("best",)), write("calm-heron")]
    for run in runs:
        run.log(2, loss=0.5)
        run.finish()
    return [run.uid for run in runs]


def lines(answer: HTTPResponse) -> list[dict[str, str]]:
    """Read an answer as CSV."""
    return list(csv.DictReader(io.StringIO(answer.body.decode())))


async def test_rows_of_runs_come_as_a_file_to_save(export: Any, write: Write) -> None:  # noqa: ANN401
    uids = two_runs(write)

    answer = await export(runs=uids, format="csv", what="rows")

    assert [(one["_run"], one["loss"]) for one in lines(answer)] == [
        (uid, "0.5") for uid in uids for _ in range(2)
    ]
    assert answer.headers["Content-Disposition"] == 'attachment; filename="2-runs.csv"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


async def test_a_table_of_runs_has_no_formulas(export: Any, write: Write) -> None:  # noqa: ANN401
    """A name that a spreadsheet would run is text."""
    uids = two_runs(write)

    table = lines(await export(runs=uids, format="csv", what="runs"))

    assert [one["name"] for one in table] == ["'=cmd()", "calm-heron"]
    assert [json.loads(one["tags"]) for one in table] == [["best"], []]
    assert [one["summary.loss"] for one in table] == ["0.5", "0.5"]


async def test_parquet_is_read_by_others(export: Any, write: Write, tmp_path: Path) -> None:  # noqa: ANN401
    uids = two_runs(write)
    file = tmp_path / "rows.parquet"

    file.write_bytes((await export(runs=uids, format="parquet", what="rows")).body)

    found = duckdb.read_parquet(str(file)).aggregate("count(*), sum(loss)").fetchall()
    assert found == [(4, 2.0)]


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({}, 400),
        ({"runs": [], "format": "csv", "what": "rows"}, 400),
        ({"runs": [NOBODY] * 10_001, "format": "csv", "what": "rows"}, 400),
        ({"runs": ["../../etc"], "format": "csv", "what": "rows"}, 400),
        ({"runs": [NOBODY], "format": "exe", "what": "rows"}, 400),
        ({"runs": [NOBODY], "format": ["csv"], "what": "rows"}, 400),
        ({"runs": [NOBODY], "format": "csv", "what": "secrets"}, 400),
        ({"runs": [NOBODY], "format": "csv", "what": "rows"}, 404),
    ],
    ids=["empty", "no-run", "too-many", "traversal", "form", "odd-form", "what", "gone"],
)
async def test_what_cannot_be_exported_is_refused_in_words(
    export: Any,  # noqa: ANN401
    write: Write,
    wish: dict[str, Any],
    code: int,
) -> None:
    two_runs(write)

    answer = await export(**wish)

    assert answer.code == code
    assert json.loads(answer.body)["op"] == "error"
    assert "Content-Disposition" not in answer.headers


async def test_a_report_of_runs_comes_as_a_page_to_save(export: Any, write: Write) -> None:  # noqa: ANN401
    """It is served by the server that has the user's token, so no page may show it."""
    uids = two_runs(write)

    answer = await export(runs=uids, format="html", what="report")

    page = answer.body.decode()
    assert page.startswith("<!doctype html>")
    assert "calm-heron" in page
    assert answer.headers["Content-Disposition"] == 'attachment; filename="2-runs.html"'
    assert "sandbox" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(("form", "what"), [("html", "rows"), ("csv", "report")])
async def test_nothing_but_a_report_is_a_page(export: Any, form: str, what: str) -> None:  # noqa: ANN401
    answer = await export(runs=[NOBODY], format=form, what=what)

    assert answer.code == 400
    assert "A report is exported as html" in json.loads(answer.body)["message"]


async def test_a_report_of_a_run_that_is_gone_is_refused(export: Any) -> None:  # noqa: ANN401
    answer = await export(runs=[NOBODY], format="html", what="report")

    assert answer.code == 404
