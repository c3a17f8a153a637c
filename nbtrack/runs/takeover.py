"""What others say to an open run: changes of its names and values, rows of their own."""

from abc import abstractmethod
from collections.abc import Mapping
from threading import RLock

from nbtrack.records import (
    ConfigChanged,
    Gathered,
    Json,
    Record,
    Row,
    RunChanged,
    SummaryChanged,
)
from nbtrack.runs.config import Config
from nbtrack.runs.history import History
from nbtrack.runs.lifecycle import Outcome
from nbtrack.runs.recorder import Track
from nbtrack.runs.summary import Summary
from nbtrack.store import Edit

GATHER_WAIT_S = 0.05


class TakesOver:
    """The part of `Run` that takes over what comes from other processes."""

    __slots__ = ()

    _config: Config
    _history: History
    _lock: RLock
    _outcome: Outcome | None
    _summary: Summary
    _track: Track

    @abstractmethod
    def _rename(self, changes: Mapping[str, Json]) -> None:
        """Take note of fields of `Opened` that are others now."""

    def _take_over(self, edit: Edit) -> None:
        """Change what somebody else wants to be changed, here and in the store."""
        with self._lock:
            if self._outcome is None:
                self.learn(edit)
                self._track.emit(edit)

    def learn(self, record: Record) -> None:
        """Take note of what others changed; the store has it."""
        with self._lock:
            if isinstance(record, RunChanged):
                self._rename(record.fields)
            elif isinstance(record, ConfigChanged):
                self._config.learn(record.values)
            elif isinstance(record, SummaryChanged):
                self._summary.learn(record.values, record.removed)

    def gather(self, gathered: Gathered) -> bool:
        """Take over what another process logged; False if the run has ended, or is busy."""
        # Who holds the lock may be waiting for the thread that gathers: it does not wait for long.
        if not self._lock.acquire(timeout=GATHER_WAIT_S):
            return False
        try:
            if self._outcome is not None:
                return False
            rows = self._history.number(one for one in gathered.records if isinstance(one, Row))
            records = tuple(next(rows) if isinstance(one, Row) else one for one in gathered.records)
            self._track.offer(gathered._replace(records=records))
            self._history.remember(one for one in records if isinstance(one, Row))
            for record in records:
                self.learn(record)
            return True
        finally:
            self._lock.release()
