"""One run of `Api()`."""

import json
import time
import warnings
from collections.abc import Iterator, Sequence
from copy import deepcopy
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias, overload

from nbtrack.clock import MICROSECONDS
from nbtrack.errors import CommError, SampledWarning, UsageError
from nbtrack.query.acting import finish_run, stop_run
from nbtrack.query.apicells import ApiCells
from nbtrack.query.apifiles import ApiFiles
from nbtrack.query.apiidentity import ApiIdentity
from nbtrack.query.apishowing import ApiShown
from nbtrack.query.drafts import Draft, SummaryDraft, config_record, summary_record
from nbtrack.query.flushing import flush_all
from nbtrack.query.sampling import columns_of, sampled, system_rows
from nbtrack.query.table import frame_of, library
from nbtrack.query.times import iso
from nbtrack.records import Closed, Json, RunChanged, RunState, Stream
from nbtrack.store import (
    Edit,
    Reader,
    RunFacts,
    edit_run,
    trash_run,
)
from nbtrack.values import checked_tags

if TYPE_CHECKING:
    import pandas as pd

Row: TypeAlias = dict[str, Any]

SAMPLES = 500
STREAMS = ("default", "system")
POLL_S = 0.5
_EXIT_CODES = {
    RunState.FINISHED: 0,
    RunState.FAILED: 1,
    RunState.KILLED: 255,
    RunState.PENDING: 0,
}


class ApiRun(ApiIdentity, ApiShown, ApiCells, ApiFiles):
    """A run as it stood when it was looked up; `load()` looks again.

    Rows and lines are always read as they stand now. Setting `name`, `notes`, `tags`,
    `group` or `job_type` is stored at once; what is changed inside `config`, `summary` and
    `tags` is stored by `update()`. A run that another process writes is changed by that
    process, a fraction of a second later; the call waits for it.

    Examples:
        >>> run = nbtrack.Api().run("digits/1f3k9x2a")
        >>> run.name = "baseline"
        >>> run.config["note"] = "rerun with more data"
        >>> run.update()
    """

    _facts: RunFacts
    _config: Draft | None
    _summary: SummaryDraft | None
    _tags: list[str]

    def __init__(self, root: Path, reader: Reader, facts: RunFacts) -> None:
        """Keep what is known of the run."""
        self._root = root
        self._reader = reader
        self._take(facts)

    @property
    def root(self) -> Path:
        """The workspace that holds it, a folder `.nbtrack`."""
        return self._root

    @property
    def metadata(self) -> dict[str, Any]:
        """What ran, and where: `program`, `host`, `python`, `cpu_count`, `gpu`, `git`, …."""
        opened = self._facts.opened
        return {
            "host": opened.owner.host,
            "username": opened.user,
            "pid": opened.owner.pid,
            "kernel_id": opened.owner.kernel_id,
            "program": opened.notebook,
            "startedAt": self.created_at,
            **deepcopy(dict(self._facts.environment)),
        }

    @property
    def commit(self) -> str | None:
        """The commit of the repository that was checked out; None without one."""
        git = self._facts.environment.get("git")
        commit = git.get("commit") if isinstance(git, dict) else None
        return commit if isinstance(commit, str) and commit else None

    @property
    def read_only(self) -> bool:
        """False: whoever may write the workspace may change its runs."""
        return False

    # --- how it stands -----------------------------------------------------------------

    @property
    def state(self) -> str:
        """How it stands: `running`, `finished`, `failed`, `crashed`, `killed`, …."""
        return str(self._facts.state)

    @property
    def reason(self) -> str:
        """Why nbtrack ended it, "" when its user did."""
        return self._facts.reason

    @property
    def exit_code(self) -> int | None:
        """0 when all went well; None before the end, and after a crash."""
        return self._facts.exit_code

    @property
    def created_at(self) -> str:
        """When it began, ISO 8601, UTC."""
        return iso(self._facts.opened.time_us)

    @property
    def heartbeat_at(self) -> str:
        """When it was last seen alive, ISO 8601, UTC."""
        return iso(self._facts.seen_us)

    @property
    def heartbeatAt(self) -> str:  # noqa: N802 - the field's name
        """The same as `heartbeat_at`."""
        return self.heartbeat_at

    @property
    def duration(self) -> float:
        """Its active time, seconds."""
        return self._facts.active_us / MICROSECONDS

    @property
    def config(self) -> dict[str, Any]:
        """Its configuration; what is changed in it is stored by `update()`."""
        if self._config is None:
            self._config = Draft(self._facts.config)
        return self._config

    @property
    def json_config(self) -> str:
        """The same as `rawconfig`, as JSON text."""
        return json.dumps(self.rawconfig)

    @property
    def rawconfig(self) -> dict[str, Any]:
        """Its configuration as other trackers write it: `{"lr": {"value": 0.1}}`."""
        return {key: {"value": value} for key, value in self._facts.config.items()}

    @property
    def summary(self) -> SummaryDraft:
        """Last values of its metrics, nested; what is changed in it is stored by `update()`."""
        if self._summary is None:
            self._summary = SummaryDraft(self._facts.summary, self.update)
        return self._summary

    @property
    def summary_metrics(self) -> dict[str, Any]:
        """The summary as it was looked up, a plain dict."""
        return deepcopy(dict(self._facts.summary))

    @property
    def system_metrics(self) -> dict[str, float]:
        """The last reading of each sensor of the machine, by name (`system.cpu`)."""
        found = self._reader.reduced(self.uid, stream="system", points=8)
        read = {one.key: [x for x in one.values.tolist() if isfinite(x)] for one in found}  # noqa: PD011 - no pandas here
        return {f"system.{key}": values[-1] for key, values in read.items() if values}

    @property
    def history_keys(self) -> dict[str, Any]:
        """Names of the metrics that have numbers, and the last step."""
        names = self._reader.keys(self.uid)
        return {"keys": {name: {} for name in names}, "lastStep": self.lastHistoryStep}

    @property
    def lastHistoryStep(self) -> int:  # noqa: N802 - the field's name
        """Step of the last row, -1 before the first."""
        return -1 if self._facts.step is None else self._facts.step

    def load(self, force: bool = True) -> Self:  # noqa: ARG002, FBT001, FBT002 - the field's signature
        """Look again how the run stands, forget what was not stored, and return the run.

        Args:
            force: Taken for compatibility; it is always looked again.

        Raises:
            RunNotFoundError: If it is gone.
            StoreError: If it cannot be read.
        """
        flush_all()
        self._take(self._reader.run(self.uid))
        return self

    def wait_until_finished(self, timeout_s: float | None = None) -> None:
        """Wait until the run has ended, and look at it again.

        Args:
            timeout_s: When to give up, seconds; by default never.

        Raises:
            CommError: If it has not ended by then.
            StoreError: If it cannot be read.
        """
        give_up_at = None if timeout_s is None else time.monotonic() + timeout_s
        while not self._is_over():
            if give_up_at is not None and time.monotonic() > give_up_at:
                raise CommError(f"run {self.name!r} has not ended within {timeout_s:g} s.")
            time.sleep(POLL_S)
        self.load()

    # --- what was logged ---------------------------------------------------------------

    @overload
    def history(
        self,
        samples: int | None = ...,
        keys: Sequence[str] | None = ...,
        x_axis: str = ...,
        pandas: Literal[True] = ...,
        stream: Literal["default", "system"] = ...,
    ) -> "pd.DataFrame": ...
    @overload
    def history(
        self,
        samples: int | None = ...,
        keys: Sequence[str] | None = ...,
        x_axis: str = ...,
        *,
        pandas: Literal[False],
        stream: Literal["default", "system"] = ...,
    ) -> list[Row]: ...
    def history(
        self,
        samples: int | None = None,
        keys: Sequence[str] | None = None,
        x_axis: str = "_step",
        pandas: bool = True,  # noqa: FBT001, FBT002 - the field's signature
        stream: Literal["default", "system"] = "default",
    ) -> "pd.DataFrame | list[Row]":
        """Return a sample of the rows: evenly spaced ones, the first and the last included.

        A row between two of the sample is not in it, whatever it holds. All rows are
        given by `scan_history` and `to_pandas`.

        Args:
            samples: At most so many rows. By default 500; where that leaves rows out, it
                is said in a warning.
            keys: Only these, and only rows that have all of them.
            x_axis: What the rows are ordered by; it comes with the keys.
            pandas: Return a DataFrame, else a list of dicts.
            stream: `default` for what was logged; `system` for readings of the machine,
                whose keys begin with `system.`.

        Raises:
            UsageError: If an argument cannot be taken.
            MissingDependencyError: If pandas is wanted and not installed.
            StoreError: If the run cannot be read.

        Examples:
            >>> run.history(keys=["loss"], pandas=False)
            [{'_step': 0, 'loss': 0.9}, {'_step': 1, 'loss': 0.3}]
        """
        most = SAMPLES if samples is None else samples
        if not isinstance(most, int) or isinstance(most, bool) or most < 1:
            raise UsageError(f"samples must be a whole number above 0, not {samples!r}.")
        if stream not in STREAMS:
            raise UsageError(f"stream must be 'default' or 'system', not {stream!r}.")
        names = columns_of(keys)
        frame = library("pandas").DataFrame if pandas else None
        flush_all()
        found: Any
        if stream == "system":
            found = system_rows(self._reader, self.uid, names, most)
        elif frame is not None and names is not None and x_axis == "_step":
            found = self._reader.table(self.uid, most, list(dict.fromkeys(["_step", *names])))
        else:
            found = sampled(self._reader, self.uid, most, names, x_axis)
        if samples is None and len(found["_step"] if isinstance(found, dict) else found) == most:
            self._say_sampled(most)
        return found if frame is None else frame(found)  # type: ignore[no-any-return]

    def scan_history(
        self,
        keys: Sequence[str] | None = None,
        page_size: int = 1_000,
        min_step: int | None = None,
        max_step: int | None = None,
        use_cache: bool = True,  # noqa: ARG002, FBT001, FBT002 - the field's signature
    ) -> Iterator[dict[str, Any]]:
        """Yield all rows as they were logged, in order.

        Args:
            keys: Only these, and only rows that have all of them.
            page_size: Taken for compatibility; the store has pages of its own.
            min_step: The first step.
            max_step: The step before which to stop.
            use_cache: Taken for compatibility; the store is always read as it stands.

        Raises:
            UsageError: If an argument cannot be taken.
            StoreError: If the run cannot be read.

        Examples:
            >>> [row["loss"] for row in run.scan_history(keys=["loss"])]
            [0.9, 0.3]
        """
        names = columns_of(keys)
        if not isinstance(page_size, int) or page_size < 1:
            raise UsageError(f"page_size must be a whole number above 0, not {page_size!r}.")
        flush_all()
        return self._reader.rows(self.uid, names, min_step, max_step)

    def to_pandas(self, keys: Sequence[str] | None = None) -> "pd.DataFrame":
        """Return all rows as a pandas DataFrame.

        Args:
            keys: Only these, and only rows that have all of them.

        Raises:
            MissingDependencyError: If pandas is not installed.
            StoreError: If the run cannot be read.

        Examples:
            >>> run.to_pandas(["loss"])["loss"].tolist()
            [0.9, 0.3]
        """
        return frame_of(list(self.scan_history(keys)), "pandas")  # type: ignore[no-any-return]

    def to_polars(self, keys: Sequence[str] | None = None) -> Any:  # noqa: ANN401 - a frame of an optional library
        """Return all rows as a polars DataFrame; see `to_pandas`.

        Raises:
            MissingDependencyError: If polars is not installed.
            StoreError: If the run cannot be read.
        """
        return frame_of(list(self.scan_history(keys)), "polars")

    def to_arrow(self, keys: Sequence[str] | None = None) -> Any:  # noqa: ANN401 - a table of an optional library
        """Return all rows as a pyarrow Table; see `to_pandas`.

        Raises:
            MissingDependencyError: If pyarrow is not installed.
            StoreError: If the run cannot be read.
        """
        return frame_of(list(self.scan_history(keys)), "arrow")

    def console_logs(self, last: int | None = None) -> list[dict[str, Any]]:
        """Return the lines that the run printed.

        Args:
            last: At most so many, the last ones.

        Returns:
            For each line `number` (from 0), `timestamp` (seconds since the epoch),
            `level` (a logger's; else `error` for stderr, and `info`), `label` (the logger,
            or where it was printed) and `content`.

        Raises:
            StoreError: If the run cannot be read.

        Examples:
            >>> [line["content"] for line in run.console_logs(last=1)]
            ['done']
        """
        flush_all()
        return [
            {
                "number": line.number,
                "timestamp": line.time_us / MICROSECONDS,
                "level": line.level or ("error" if line.stream is Stream.STDERR else "info"),
                "label": line.label or str(line.stream),
                "content": line.text,
            }
            for line in self._reader.lines(self.uid, last=last)
        ]

    # --- changing it -------------------------------------------------------------------

    def update(self) -> None:
        """Store what was changed in `config`, `summary` and `tags`; look at the run again.

        Raises:
            UsageError: If a value cannot be taken.
            TypeError: If a summary value is of a type that cannot be logged.
            StoreError: If it could not be stored. Nothing is changed then.

        Examples:
            >>> run.tags.append("best")
            >>> run.summary["verdict"] = "keep"
            >>> run.update()
        """
        at_us = self._facts.seen_us
        records: list[Edit | None] = [
            config_record(self._config, at_us) if self._config is not None else None,
            summary_record(self._summary, at_us) if self._summary is not None else None,
        ]
        if (tags := checked_tags(self._tags)) != self._facts.opened.tags:
            records.append(RunChanged(at_us, {"tags": list(tags)}))
        self._edit([record for record in records if record is not None])
        self._take(self._facts)

    def save(self) -> None:
        """Do the same as `update()`."""
        self.update()

    def stop(self) -> None:
        """Ask the run to stop; its kernel hears it a fraction of a second later.

        Raises:
            UsageError: If it has ended.
            StoreError: If it cannot be asked.
        """
        stop_run(self._root, self.uid)

    def finish(self, exit_code: int = 0) -> None:
        """Ask the run to finish, in which nothing goes on; its kernel stays alive.

        The kernel hears it a fraction of a second later. If a cell begins before that, the
        run ends with the cell.

        Args:
            exit_code: 0 for `finished`, or as the cell went that began meanwhile; any other
                number for `failed`.

        Raises:
            UsageError: If a cell or a script is at work, the run has ended or crashed, or
                the exit code is none.
            StoreError: If it cannot be asked.

        Examples:
            >>> run.finish()
            >>> run.wait_until_finished(timeout_s=5)
        """
        flush_all()
        finish_run(self._root, self.uid, exit_code)

    def update_state(self, state: Literal["finished", "failed", "killed", "pending"]) -> bool:
        """Say how a run ended that ended otherwise, or crashed without saying it.

        Args:
            state: `finished`, `failed`, `killed`, or `pending` for one that is to be
                done again.

        Returns:
            Whether this changed anything.

        Raises:
            UsageError: If there is no such state, or the run has not ended.
            StoreError: If it could not be stored.

        Examples:
            >>> run.update_state("failed")
            True
        """
        if state not in _EXIT_CODES:
            known = ", ".join(repr(str(one)) for one in sorted(_EXIT_CODES))
            raise UsageError(f"the state of a run can be set to {known}, not to {state!r}.")
        if not self._is_over():
            raise UsageError(
                f"run {self.name!r} goes on: its state is its own. Type run.stop() first."
            )
        if self.state == state:
            return False
        facts, new = self._facts, RunState(state)
        ended_us = facts.seen_us if facts.ended_us is None else facts.ended_us
        self._edit([Closed(ended_us, new, _EXIT_CODES[new], facts.active_us, "set by hand")])
        return True

    def delete(self, delete_artifacts: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - the field's signature
        """Put the run into the trash of the workspace.

        Args:
            delete_artifacts: Taken for compatibility.

        Raises:
            UsageError: If it has not ended.
            StoreError: If it cannot be moved.
        """
        if not self._is_over():
            raise UsageError(f"run {self.name!r} goes on. Type run.stop() first.")
        trash_run(self._root, self.uid)

    def __repr__(self) -> str:
        """Say which run it is."""
        return f"<Run {'/'.join(self.path)} ({self.state})>"

    def _take(self, facts: RunFacts) -> None:
        self._facts = facts
        self._config = None
        self._summary = None
        self._tags = list(facts.opened.tags)

    def _change(self, field: str, value: Json) -> None:
        self._edit([RunChanged(self._facts.seen_us, {field: value})])

    def _edit(self, records: Sequence[Edit | Closed]) -> None:
        """Store changes; what else was changed here and is not stored yet stays so."""
        if records:
            flush_all()
            edit_run(self._root, self.uid, records, is_written=lambda: not self._is_over())
            self._facts = self._reader.run(self.uid)

    def _is_over(self) -> bool:
        """Look whether the run has ended by now."""
        return self._reader.run(self.uid).ended_us is not None

    def _say_sampled(self, most: int) -> None:
        rows = self._reader.run(self.uid).rows
        if rows > most:
            warnings.warn(
                f"history() gives {most} of {rows:,} rows, evenly spaced. For all of them type "
                "run.to_pandas() or run.scan_history(); for another sample, "
                "history(samples=...).",
                SampledWarning,
                stacklevel=3,
            )
