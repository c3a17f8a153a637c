"""Whether the database says what the journals say, to the last value.

A journal is replayed up to its watermark, through the same code that ingests it; what
would be inserted is counted and hashed, and so is what is there. A hash of rows is the
sum of the hashes of each, so the order does not matter and a row that is there twice
does. Millions of points a second, and nothing is kept.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import duckdb

from nbtrack.store.database import UnavailableError, Window, scratch
from nbtrack.store.fold import Fold
from nbtrack.store.keystats import Keys, ascii_json
from nbtrack.store.loading import SELECTS, Piece, tables_of
from nbtrack.store.runrow import read_runs, row_of
from nbtrack.store.shapes import packed
from nbtrack.store.tail import Tail

PIECE_BYTES = 4 << 20

Column: TypeAlias = tuple[str, str]
"""A table, and the path of a key in it; "" in tables without keys."""

_COLUMNS = {
    "history": "run_id, step, ts",
    "metrics": "run_id, key_id, step, ts, value, kind",
    "objects": "run_id, key_id, step, ts, value",
    "system_metrics": "run_id, key_id, ts, value",
    "logs": "run_id, number, ts, stream, text, cell, level, label",
    "cells": (
        "run_id, number, ts, cell, execution_count, source, started, duration_us, status, error"
    ),
    "clock": "run_id, ts, active_us, running",
}
_NO_KEY = -1
_MODULUS = 1 << 62  # a sum of hashes fits into 63 bits, as numpy wants it
_CALLED = {"history": "rows", "metrics": "points", "logs": "lines", "objects": "objects"}
# Told apart by pieces of the journal, or known to differ where it was damaged since.
_NOT_COMPARED = frozenset({"ingested", "damaged"})


@dataclass(slots=True)
class Account:
    """All that is known of a run at its watermark, fit to be compared.

    Attributes:
        fold: Of the run; its position is the watermark.
        counts: How many rows of each table and key.
        hashes: What they come to.
    """

    fold: Fold
    counts: Counter[Column] = field(default_factory=Counter)
    hashes: Counter[Column] = field(default_factory=Counter)

    def count(self, table: str) -> int:
        """Return how many rows of a table belong to the run."""
        return sum(count for (name, _), count in self.counts.items() if name == table)

    @property
    def points(self) -> int:
        """How many numbers, the system's included."""
        return self.count("metrics") + self.count("system_metrics")

    def add(self, column: Column, count: int, total: int) -> None:
        """Take some rows."""
        self.counts[column] += count
        self.hashes[column] = (self.hashes[column] + total) % _MODULUS


@dataclass(slots=True)
class Stored:
    """What the database holds.

    Attributes:
        accounts: By uid.
        run_ids: By uid.
        twice: Uids that have more than one row in `runs`.
        orphans: Rows that belong to no run, by table.
    """

    accounts: dict[str, Account]
    run_ids: dict[str, int]
    twice: list[str]
    orphans: Counter[str]


def stored_accounts(window: Window) -> Stored:
    """Read all of the database once."""
    runs = read_runs(window)
    uids = window.rows("SELECT uid FROM nb.runs GROUP BY uid HAVING count(*) > 1")
    accounts = {uid: Account(fold) for uid, (_, fold) in runs.items()}
    by_id = {run_id: accounts[uid] for uid, (run_id, _) in runs.items()}
    known = {run_id for (run_id,) in window.rows("SELECT run_id FROM nb.runs")}
    names = _key_names(window)
    stored = Stored(accounts, {uid: one for uid, (one, _) in runs.items()}, [], Counter())
    stored.twice = sorted(uid for (uid,) in uids)
    for table in _COLUMNS:
        for run_id, key_id, count, total in window.rows(_summing(table, f"nb.{table}", "run_id")):
            if run_id in by_id:
                by_id[run_id].add((table, names.get((run_id, key_id), "")), count, total)
            elif run_id not in known:
                stored.orphans[table] += count
    return stored


def replayed_account(root: Path, uid: str, end: int) -> Account:
    """Return what a journal says up to a watermark.

    Args:
        root: The workspace.
        uid: Of the run.
        end: The watermark.

    Raises:
        Error: If the journal cannot be read.
        UnavailableError: If DuckDB cannot count.
    """
    account = Account(Fold(uid))
    keys = Keys()
    names = {_NO_KEY: ""}
    with Tail.open(root, uid) as tail:
        for piece in _pieces(tail, account.fold, end):
            for table, columns in tables_of(keys, piece).items():
                if len(names) <= len(keys):
                    names |= {stats.key_id: ascii_json(packed(leaf)) for (_, leaf), stats in keys}
                for key_id, count, total in _counted(table, columns):
                    account.add((table, names[key_id]), count, total)
    return account


def differences(stored: Account, replayed: Account) -> list[str]:
    """Return what the database says otherwise than the journal, in words; none if it agrees."""
    return [*_different_rows(stored, replayed), *_different_facts(stored, replayed)]


def _different_rows(stored: Account, replayed: Account) -> Iterator[str]:
    for table in _COLUMNS:
        called = _CALLED.get(table, table.replace("_", " "))
        there, said = stored.count(table), replayed.count(table)
        if there != said:
            yield f"{there:,} {called} instead of {said:,}"
            continue
        columns = {one for one in {*stored.hashes, *replayed.hashes} if one[0] == table}
        if any(stored.hashes[one] != replayed.hashes[one] for one in columns):
            yield f"other values of {called}"


def _different_facts(stored: Account, replayed: Account) -> Iterator[str]:
    there, said = row_of(stored.fold), row_of(replayed.fold)
    names = [name for name in there if name not in _NOT_COMPARED and there[name] != said[name]]
    if names:
        yield f"another {', '.join(names)}"


def _pieces(tail: Tail, fold: Fold, end: int) -> Iterator[Piece]:
    while tail.position < end:
        began_at, first_line, damaged = tail.position, fold.line_count, tail.damaged
        entries = tail.entries_before(end, PIECE_BYTES)
        if tail.position == began_at:
            fold.damaged += end - began_at  # there is no whole frame up to the watermark
            break
        fold.turned = []
        fold.add(entries, tail.position, tail.damaged - damaged)
        yield Piece(entries, first_line, fold.turned)


def _counted(table: str, columns: dict[str, Any]) -> Iterator[tuple[int, int, int]]:
    source = f"({SELECTS[table].format(run_id=0)}) AS said({_COLUMNS[table]})"
    try:
        with scratch() as window:
            found = window.columns(_summing(table, source), incoming=columns)
    except duckdb.Error as error:
        raise UnavailableError(f"DuckDB fails: {error}") from error
    yield from zip(*(column.tolist() for column in found.values()), strict=True)


def _summing(table: str, source: str, first: str = "") -> str:
    names = _COLUMNS[table].split(", ")
    key = "key_id" if "key_id" in names else str(_NO_KEY)
    hashed = ", ".join(name for name in names if name not in ("run_id", "key_id"))
    total = f"(sum(hash({hashed})) % {_MODULUS})::BIGINT"
    groups = f"{first}, {key}" if first else key
    return (
        f"SELECT {groups}, count(*), {total} FROM {source} "  # noqa: S608
        f"GROUP BY {', '.join(str(at + 1) for at in range(2 if first else 1))}"
    )


def _key_names(window: Window) -> dict[tuple[int, int], str]:
    found = window.rows("SELECT run_id, key_id, path FROM nb.keys")
    return {(run_id, key_id): path for run_id, key_id, path in found}
