"""Rows as a Parquet file, written by DuckDB."""

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import duckdb
import numpy as np

from nbtrack.errors import StoreError
from nbtrack.store.control import sayable
from nbtrack.store.database import Window
from nbtrack.store.keystats import texts
from nbtrack.store.resident import connected

if TYPE_CHECKING:
    from numpy.typing import NDArray

Values: TypeAlias = Sequence[Any]

_TYPES = {bool: "BOOLEAN", int: "BIGINT", float: "DOUBLE", str: "VARCHAR"}


def write_parquet(
    path: Path, columns: Mapping[str, type], pages: Iterable[Sequence[Values]]
) -> None:
    """Write rows, page by page; what DuckDB cannot hold in memory it keeps on the disk.

    Args:
        path: The file; one that is there is overwritten.
        columns: What its columns are called, and whether they hold bool, int (64 bits),
            float or str. Of names that differ only in case the later ones get a number.
        pages: The rows, some at a time: for each column its values, None where there is
            none.

    Raises:
        StoreError: If it cannot be written.
    """
    kinds = list(columns.values())
    try:
        with contextlib.closing(connected()) as connection:
            window = Window(connection)
            fields = ", ".join(f"c{at} {_TYPES[kind]}" for at, kind in enumerate(kinds))
            window.run(f"CREATE TEMP TABLE pages ({fields})")
            taken = ", ".join(_taken(at, kind) for at, kind in enumerate(kinds))
            insert = f"INSERT INTO pages SELECT {taken} FROM incoming"  # noqa: S608 - our own names
            for page in pages:
                window.insert(insert, _arrays(kinds, page))
            named = ", ".join(f"c{at} AS {_name(name)}" for at, name in enumerate(columns))
            rows = f"SELECT {named} FROM pages"  # noqa: S608 - names are quoted
            target = str(path).replace("'", "''")
            window.run(f"COPY ({rows}) TO '{target}' (FORMAT parquet, USE_TMP_FILE false)")
    except duckdb.Error as error:
        raise StoreError(f"cannot write {str(path)!r}: {error}") from error


def _taken(at: int, kind: type) -> str:
    # DuckDB takes a NaN of numpy for a value that is missing, and before 2.0 passes masks over.
    is_nan = f" WHEN nan{at} THEN 'nan'::DOUBLE" if kind is float else ""
    return f"CASE WHEN none{at} THEN NULL{is_nan} ELSE c{at} END"


def _arrays(kinds: Sequence[type], page: Sequence[Values]) -> "dict[str, NDArray[Any]]":
    arrays: dict[str, NDArray[Any]] = {}
    for at, (kind, values) in enumerate(zip(kinds, page, strict=True)):
        filled = [kind() if one is None else one for one in values]
        arrays[f"none{at}"] = np.array([one is None for one in values], dtype=bool)
        arrays[f"c{at}"] = texts(filled) if kind is str else np.array(filled, dtype=kind)
        if kind is float:
            arrays[f"nan{at}"] = np.isnan(arrays[f"c{at}"])
    return arrays


def _name(name: str) -> str:
    return '"' + sayable(name).replace("\0", "").replace('"', '""') + '"'
