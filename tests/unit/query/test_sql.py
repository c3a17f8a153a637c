"""`api.sql()` sees every row of the workspace, and nothing outside of it."""

import hashlib
import math
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import datetime
from types import SimpleNamespace

import duckdb
import pytest
from storekit import START_US, UID, opened_run, row, rows
from waiting import wait_until

from nbtrack.errors import CommError, MissingDependencyError, StoreError, UsageError
from nbtrack.query import Api
from nbtrack.records import (
    CellRun,
    Closed,
    ConfigChanged,
    ConsoleText,
    EnvironmentNoted,
    RunState,
    Stream,
    SystemSample,
)
from nbtrack.store import Ingester, Journal, seal
from nbtrack.store.sqltables import NAMES

BEGAN = datetime(2026, 1, 2, 3, 4, 5)  # noqa: DTZ001 - as DuckDB gives it, UTC


@pytest.fixture
def api(root) -> Api:
    return Api(root)


@pytest.fixture
def written(journal, ingester):
    """A run of which one half is in the database and the other in its journal."""
    write(journal, ingester)
    return journal


@pytest.fixture(scope="module")
def asked(tmp_path_factory) -> Iterator[Api]:
    """The same, only to be asked."""
    root = tmp_path_factory.mktemp("half") / ".nbtrack"
    with closing(Journal.create(root, opened_run())) as journal:
        write(journal, Ingester(root))
        yield Api(root)


@pytest.fixture(scope="module")
def unstored(tmp_path_factory) -> Iterator[Api]:
    """The same without a database."""
    root = tmp_path_factory.mktemp("unstored") / ".nbtrack"
    with closing(Journal.create(root, opened_run())) as journal:
        write(journal, None)
        yield Api(root)


def write(journal: Journal, ingester: Ingester | None) -> None:
    journal.append([ConfigChanged(START_US, {"lr": 0.1, "net": {"depth": 3, "kind": "cnn"}})])
    journal.append([*rows(range(3), "loss", "acc"), row(3, {"text": "one", ("a", "b"): 1})])
    pause = SystemSample(START_US, {"cpu": math.nan})  # nothing was read between two cells
    journal.append([SystemSample(START_US, {"cpu": 1.0}), pause, line("first"), cell(0)])
    journal.append([EnvironmentNoted(START_US, {"os": "Linux", "gpu_count": 1})])
    assert ingester is None or ingester.ingest(UID)
    journal.append([*rows(range(4, 6), "loss"), row(6, {"loss": math.nan, "text": None})])
    journal.append([pause, SystemSample(START_US + 1, {"cpu": 2.0}), cell(1)])
    journal.append([ConsoleText(START_US, Stream.STDERR, "late", None, "warning", "py.warnings")])
    journal.append([EnvironmentNoted(START_US, {"gpu_count": 2})])


def line(text: str) -> ConsoleText:
    return ConsoleText(START_US, Stream.STDOUT, text, "cell-1")


def cell(number: int) -> CellRun:
    """Return an execution; that of an odd number failed, and nobody knows when it began."""
    is_bad = number % 2 == 1
    return CellRun(
        time_us=START_US,
        number=number,
        cell_id=None if is_bad else "cell-a",
        execution_count=None if is_bad else 7,
        source="train()",
        started_us=0 if is_bad else START_US,
        duration_us=1_500_000,
        status="error" if is_bad else "ok",
        error="ValueError: no" if is_bad else "",
    )


QUESTIONS = {
    "SELECT step, value FROM metrics WHERE key = 'acc' ORDER BY ALL": [
        (0, 0.125),
        (1, 1.125),
        (2, 2.125),
    ],
    "SELECT count(*), max(step) FROM metrics WHERE key = 'loss'": [(6, 6)],
    "SELECT step FROM metrics WHERE isnan(value)": [(6,)],
    "SELECT value, timestamp FROM metrics WHERE key = 'a.b'": [(1.0, BEGAN.replace(second=8))],
    "SELECT step, key, value FROM objects ORDER BY step": [
        (3, "text", '"one"'),
        (6, "text", "null"),
    ],
    "SELECT count(*), min(step), max(step) FROM history": [(7, 0, 6)],
    "SELECT key, value FROM system ORDER BY timestamp": [("cpu", 1.0), ("cpu", 2.0)],
    "SELECT number, text, stream, cell, level, label FROM logs ORDER BY number": [
        (0, "first", "stdout", "cell-1", "", ""),
        (1, "late", "stderr", None, "warning", "py.warnings"),
    ],
    "SELECT * EXCLUDE (run, timestamp) FROM cells ORDER BY number": [
        (0, "cell-a", 7, "train()", BEGAN, 1.5, "ok", ""),
        (1, None, None, "train()", None, 1.5, "error", "ValueError: no"),
    ],
    "SELECT key, value, number FROM environment ORDER BY key": [
        ("gpu_count", "2", 2.0),
        ("os", "Linux", None),
    ],
    "SELECT key, value, number FROM config ORDER BY key": [
        ("lr", "0.1", 0.1),
        ("net.depth", "3", 3.0),
        ("net.kind", "cnn", None),
    ],
    "SELECT value, isnan(number) FROM summary WHERE key = 'loss'": [("NaN", True)],
    "SELECT tag FROM tags ORDER BY number": [],
    "SELECT name, state, created_at, ended_at, step, tags, exit_code, notes FROM runs": [
        ("brave-otter", "running", BEGAN, None, 6, [], None, None)
    ],
    "SELECT r.name, count(*) AS n FROM metrics JOIN runs r USING (run) GROUP BY ALL": [
        ("brave-otter", 10)
    ],
    "FROM (DESCRIBE tags) SELECT column_name": [("run",), ("number",), ("tag",)],
    "SELECT 1 AS a, 2 AS a -- ; )": [(1, 2)],
    "WITH two AS (SELECT 2 AS n) SELECT n FROM two;": [(2,)],
}


@pytest.mark.parametrize("query", QUESTIONS)
def test_rows_of_the_database_and_of_the_journal_are_asked_together(asked, query):
    assert asked.sql(query).rows == QUESTIONS[query]


@pytest.mark.parametrize("query", QUESTIONS)
def test_without_a_database_the_answer_is_the_same(unstored, query):
    assert unstored.sql(query).rows == QUESTIONS[query]


def test_a_packed_run_without_a_database_is_asked_too(root, api, journal, ingester):
    journal.append(rows(range(5), "loss"))
    journal.append([Closed(START_US, RunState.FINISHED, 0, 0)])
    journal.close()
    assert ingester.ingest(UID)
    assert seal(root, UID)
    for path in root.glob("nbtrack.duckdb*"):
        path.unlink()

    assert api.sql("SELECT count(*) FROM metrics").rows == [(5,)]


def test_a_workspace_without_runs_has_tables_all_the_same(api, root):
    for table in NAMES:
        assert api.sql(f"FROM {table}").rows == []
    assert not root.exists()


def test_values_come_as_parameters(asked):
    found = asked.sql("SELECT count(*) FROM metrics WHERE key = ? AND step > ?", ["loss", 3])

    assert found.rows == [(3,)]
    assert asked.sql("SELECT ? AS x", ["'; DROP TABLE runs; --"]).rows == [
        ("'; DROP TABLE runs; --",)
    ]


def test_a_run_of_many_kinds_is_a_row(root, api):
    opened = opened_run(tags=("b", "a"), notes="it's", group="g", job_type="train", user="ada")
    journal = Journal.create(root, opened)
    journal.append([Closed(START_US + 2, RunState.FAILED, 3, 2_000_000, "why")])
    journal.close()

    (found,) = api.sql(
        "SELECT tags, notes, run_group, job_type, username, exit_code, reason, duration_s FROM runs"
    ).rows
    assert found == (["b", "a"], "it's", "g", "train", "ada", 3, "why", 2.0)


def _write(root, ready, end):
    journal = Journal.create(root, opened_run("20260102-030405-other000"))
    journal.append(rows(range(5), "loss"))
    ready.set()
    end.wait(30)
    os._exit(9)


def test_rows_of_a_kernel_that_still_writes_are_there(root, api):
    spawn = multiprocessing.get_context("spawn")
    ready, end = spawn.Event(), spawn.Event()
    process = spawn.Process(target=_write, args=(root, ready, end))
    process.start()
    try:
        assert ready.wait(30)
        asked = "SELECT state, count(*) AS n FROM metrics JOIN runs USING (run) GROUP BY ALL"
        assert api.sql(asked).rows == [("running", 5)]
    finally:
        end.set()
        process.join(30)
    wait_until(lambda: api.sql("SELECT state FROM runs").rows == [("crashed",)])


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_csv('{file}')",
        "SELECT * FROM read_text('{file}')",
        "SELECT * FROM read_blob('{file}')",
        "SELECT * FROM read_json('{file}')",
        "SELECT * FROM sniff_csv('{file}')",
        "SELECT * FROM parquet_metadata('{file}')",
        "SELECT * FROM glob('{folder}/*')",
        "SELECT * FROM '{file}'",
        "SELECT * FROM query('FROM read_text(''{file}'')')",
        "SELECT getenv('HOME')",
        "PRAGMA import_database('{folder}')",
        "SELECT * FROM secret_of_python",
        "SELECT * FROM duckdb_secrets()",
    ],
)
def test_a_query_reads_nothing_outside_of_the_workspace(tmp_path, asked, query):
    secret_of_python = {"a": [1]}
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "secret.csv").write_text("a,b\n1,2\n")
    (folder / "schema.sql").write_text("SELECT 'secret'")

    with pytest.raises(UsageError) as error:
        asked.sql(query.format(file=folder / "secret.csv", folder=folder))

    assert secret_of_python
    assert "'secret'" not in str(error.value)
    assert len(list(folder.iterdir())) == 2


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM enable_logging(storage_path = '{folder}/log')",
        "SELECT * FROM enable_logging('QueryLog', storage = 'file', storage_path = '{folder}/log')",
        "SELECT * FROM enable_profiling(save_location = '{folder}/log')",
        "SELECT write_log('text')",
    ],
)
def test_a_query_writes_nothing(tmp_path, asked, query):
    """DuckDB 2 refuses these; before that they are allowed and come to nothing."""
    with suppress(UsageError):
        asked.sql(query.format(folder=tmp_path))

    assert list(tmp_path.iterdir()) == []
    assert len(asked.sql("FROM runs")) == 1


@pytest.mark.parametrize(
    "query",
    [
        "SELECT 1; SELECT 2",
        "SELECT 1; DROP TABLE runs",
        "DROP TABLE runs",
        "INSERT INTO runs (run) VALUES ('x')",
        "UPDATE nb.runs SET name = 'x'",
        "DELETE FROM nb.runs",
        "CREATE TABLE x AS SELECT 1",
        "ATTACH '/tmp/x.db'",
        "DETACH nb",
        "COPY runs TO '/tmp/x.csv'",
        "EXPORT DATABASE '/tmp/x'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "PRAGMA enable_progress_bar",
        "SET memory_limit = '100GB'",
        "RESET memory_limit",
        "CALL pragma_version()",
        "CHECKPOINT",
        "USE nb",
        "BEGIN",
        "EXPLAIN ANALYZE SELECT 1",
        "PREPARE x AS SELECT 1",
        "-- nothing",
    ],
)
def test_a_query_is_one_select(asked, query):
    with pytest.raises(UsageError, match="a query is one SELECT"):
        asked.sql(query)


@pytest.mark.parametrize("query", ["", "  ", None, 3, b"SELECT 1", "x" * 100_001])
def test_what_is_no_query_says_how_one_looks(api, query):
    with pytest.raises(UsageError, match=r"a query (is a text like|has at most)"):
        api.sql(query)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELEC 1", "cannot be understood"),
        ("SELECT nam FROM runs", "Candidate bindings: .*"),
        ("FROM metric", "Tables: runs, config, summary, tags, metrics, system, history"),
        ("SELECT ?", "Tables: runs"),
        ("SELECT 'a'::INTEGER", "Could not convert"),
    ],
)
def test_a_mistake_in_a_query_is_told(api, query, said):
    with pytest.raises(UsageError, match=said):
        api.sql(query)


def test_a_query_that_takes_too_long_is_ended(api, written, ingester):
    with pytest.raises(CommError, match=r"more than 0\.2 s and was ended"):
        api.sql("SELECT count(*) FROM range(1000000000000) a", timeout_s=0.2)

    assert ingester.ingest(UID)


def test_a_query_that_takes_too_much_memory_is_ended(api):
    with pytest.raises(CommError, match="more than 1GB of memory"):
        api.sql("SELECT list(range) FROM range(1000000000)")


def test_an_answer_of_too_many_rows_is_refused(api):
    assert len(api.sql("FROM range(1000000)")) == 1_000_000
    with pytest.raises(CommError, match="more than 1,000,000 rows"):
        api.sql("FROM range(1000001)")


@pytest.mark.parametrize("timeout_s", [0, -1, math.nan, math.inf, "1", 1e9, None])
def test_a_time_limit_is_one(api, timeout_s):
    with pytest.raises(UsageError, match="timeout_s must be above 0"):
        api.sql("SELECT 1", timeout_s=timeout_s)


def test_a_query_leaves_the_database_as_it_was(root, api, written, ingester):
    def digest():
        files = sorted(root.glob("nbtrack.duckdb*"))
        return [(path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path in files]

    before = digest()
    api.sql("FROM metrics")
    api.sql("SELECT * FROM force_checkpoint('nb')")

    assert digest() == before
    assert ingester.ingest(UID)


@pytest.mark.usefixtures("written")
def test_a_database_that_somebody_else_holds_is_told(root, api):
    held = duckdb.connect(str(root / "nbtrack.duckdb"))
    script = "import sys, nbtrack\ntry: nbtrack.Api(sys.argv[1]).sql('FROM runs')\n"
    script += "except nbtrack.CommError as error: print(error)"
    try:
        told = subprocess.run(
            [sys.executable, "-c", script, str(root)], capture_output=True, text=True, check=True
        )
    finally:
        held.close()
    assert "the database cannot be read now" in told.stdout
    assert len(api.sql("FROM runs")) == 1


def test_names_and_contents_may_be_hostile(root, api):
    evil = "'; DROP TABLE runs; --\x00\ud800<script>"
    journal = Journal.create(root, opened_run(name=evil, tags=(evil,), notes=evil))
    journal.append([ConfigChanged(START_US, {evil: evil}), row(0, {evil: 1.0, "t": evil})])
    journal.append([line(evil)])

    for table in ("runs", "tags", "config", "summary", "metrics", "objects", "logs"):
        assert len(api.sql(f"FROM {table}")) >= 1
    html = api.sql("SELECT name, text FROM runs JOIN logs USING (run)")._repr_html_()
    assert "<script>" not in html


@pytest.mark.usefixtures("written")
def test_a_damaged_database_is_told(root, api):
    (root / "nbtrack.duckdb").write_bytes(b"no database" * 1_000)

    with pytest.raises(StoreError, match="the database cannot be read now"):
        api.sql("FROM runs")


def test_an_answer_has_rows_columns_and_a_face(asked):
    found = asked.sql("SELECT key, value FROM config ORDER BY key")

    assert (found.columns, len(found)) == (["key", "value"], 3)
    assert found["key"].tolist() == ["lr", "net.depth", "net.kind"]
    assert next(iter(found)) == ("lr", "0.1")
    assert repr(found) == "key | value\nlr | 0.1\nnet.depth | 3\nnet.kind | cnn\n3 rows"
    assert "<td>net.kind</td><td>cnn</td>" in found._repr_html_()
    assert repr(asked.sql("FROM range(1000)")).endswith("1,000 rows, of which 20 are shown")
    with pytest.raises(UsageError, match="no column 'keys'; there are key, value"):
        found["keys"]


def test_an_answer_is_a_frame(api):
    query = (
        "SELECT 1 AS n, NULL::BIGINT AS m, 'nan'::DOUBLE AS x, [1, 2] AS l, NULL::TIMESTAMP AS t"
    )
    frame = api.sql(f"{query} UNION ALL SELECT 2, 5, 1.5, [3], TIMESTAMP '2026-01-02'").df()

    assert frame["n"].tolist() == [1, 2]
    assert frame["m"].isna().tolist() == [True, False]
    assert frame["x"].isna().tolist() == [True, False]
    assert frame["t"].isna().tolist() == [True, False]
    assert list(frame["l"][1]) == [3]


@pytest.mark.parametrize(("method", "name"), [("pl", "polars"), ("arrow", "pyarrow")])
def test_without_its_library_a_frame_says_what_to_type(api, monkeypatch, method, name):
    monkeypatch.setitem(sys.modules, name, None)

    with pytest.raises(MissingDependencyError, match=f"pip install {name}"):
        getattr(api.sql("SELECT 1 AS one"), method)()


def test_frames_are_made_by_their_libraries(api, monkeypatch):
    """Neither is installed for these tests; what they are given is seen all the same."""
    polars = SimpleNamespace(DataFrame=lambda columns, **_: columns)
    arrow = SimpleNamespace(table=dict, array=list)
    monkeypatch.setitem(sys.modules, "polars", polars)
    monkeypatch.setitem(sys.modules, "pyarrow", arrow)
    found = api.sql("SELECT 1 AS n, NULL AS m, 'a' AS t, [1] AS l")

    assert {name: list(one) for name, one in found.pl().items()} == found.arrow()
    assert found.arrow() == {"n": [1], "m": [None], "t": ["a"], "l": [[1]]}
