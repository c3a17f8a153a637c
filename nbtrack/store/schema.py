"""The tables of the database, and how the facts of a run stand in `runs`.

Big tables have neither keys nor indexes; `run_id` comes first and rows of a run lie
together. Times are `TIMESTAMP` in UTC, whole microseconds. JSON is kept as text, because
its numbers may be NaN. `kind` says what a number was: 0 float, 1 int, 2 bool.
"""

SCHEMA_VERSION = 3

TABLES = """
CREATE TABLE IF NOT EXISTS nb.meta (key VARCHAR, value VARCHAR);
CREATE TABLE IF NOT EXISTS nb.runs (
    run_id INTEGER, uid VARCHAR, ingested BIGINT,
    id VARCHAR, entity VARCHAR, project VARCHAR, name VARCHAR, notes VARCHAR, tags VARCHAR,
    "group" VARCHAR, job_type VARCHAR, notebook VARCHAR, "user" VARCHAR,
    branched_from VARCHAR,
    host VARCHAR, boot_id VARCHAR, pid BIGINT, process_started_at DOUBLE, kernel_id VARCHAR,
    started TIMESTAMP, seen TIMESTAMP, ended TIMESTAMP,
    state VARCHAR, exit_code BIGINT, reason VARCHAR,
    step BIGINT, row_count BIGINT, line_count BIGINT, cell_count BIGINT, damaged BIGINT,
    active_us BIGINT, clock TIMESTAMP, clock_active_us BIGINT, ticking BOOLEAN,
    config VARCHAR, summary VARCHAR, environment VARCHAR, notices VARCHAR, spark VARCHAR,
    definitions VARCHAR, marks VARCHAR
);
CREATE TABLE IF NOT EXISTS nb.keys (
    run_id INTEGER, key_id INTEGER, stream VARCHAR, name VARCHAR, path VARCHAR,
    n BIGINT, n_nan BIGINT, n_infinite BIGINT, n_other BIGINT,
    first_step BIGINT, last_step BIGINT, first_ts TIMESTAMP, last_ts TIMESTAMP,
    first DOUBLE, last DOUBLE, min DOUBLE, min_step BIGINT, max DOUBLE, max_step BIGINT,
    total DOUBLE
);
CREATE TABLE IF NOT EXISTS nb.history (run_id INTEGER, step BIGINT, ts TIMESTAMP);
CREATE TABLE IF NOT EXISTS nb.metrics (
    run_id INTEGER, key_id INTEGER, step BIGINT, ts TIMESTAMP, value DOUBLE, kind UTINYINT
);
CREATE TABLE IF NOT EXISTS nb.objects (
    run_id INTEGER, key_id INTEGER, step BIGINT, ts TIMESTAMP, value VARCHAR
);
CREATE TABLE IF NOT EXISTS nb.system_metrics (
    run_id INTEGER, key_id INTEGER, ts TIMESTAMP, value DOUBLE
);
CREATE TABLE IF NOT EXISTS nb.logs (
    run_id INTEGER, number BIGINT, ts TIMESTAMP, stream VARCHAR, text VARCHAR, cell VARCHAR,
    level VARCHAR, label VARCHAR
);
CREATE TABLE IF NOT EXISTS nb.cells (
    run_id INTEGER, number BIGINT, ts TIMESTAMP, cell VARCHAR, execution_count BIGINT,
    source VARCHAR, started TIMESTAMP, duration_us BIGINT, status VARCHAR, error VARCHAR
);
CREATE TABLE IF NOT EXISTS nb.clock (
    run_id INTEGER, ts TIMESTAMP, active_us BIGINT, running BOOLEAN
);
"""

RUN_TABLES = (
    "history",
    "metrics",
    "objects",
    "system_metrics",
    "logs",
    "cells",
    "clock",
    "keys",
    "runs",
)
"""Those whose rows belong to one run each, by `run_id`."""
