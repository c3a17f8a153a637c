"""How much of a run is stored, and what it outlives."""

from dataclasses import dataclass
from datetime import UTC, datetime

from nbtrack.clock import MICROSECONDS
from nbtrack.runs.recorder import Track


@dataclass(frozen=True, slots=True)
class Status:
    """How much of a run is stored, and what it outlives.

    Attributes:
        sync_items_total: Records that were taken.
        sync_items_pending: Of these, records that still wait to be written.
        lost: Records that had to be given up because the store could not be written.
        dropped_rows: Rows that were refused because their step came too late.
        dropped_values: Values that were not taken because the run has too many metrics.
        sync_time: When records were written last, UTC; None before the first.
        durability: What the run really has, whatever it was asked for:
            `power-loss`: what was logged outlives the process, and a loss of power all of
            it but the last second or so (the second before a sync, and the sync itself).
            `process`: what was logged outlives the process, however it ends; when the
            power fails, what the operating system has not written by itself may be lost,
            that is about the last half minute.
            `buffered`: what was logged in the last 0.1 s may be lost with the process,
            and with the power as much as under `process`.
        durability_reason: Why it is not what was asked for; "" when it is.
        failed_syncs: How often the disk refused to make the run durable.
    """

    sync_items_total: int
    sync_items_pending: int
    lost: int
    dropped_rows: int
    durability: str = "process"
    durability_reason: str = ""
    failed_syncs: int = 0
    dropped_values: int = 0
    sync_time: datetime | None = None


def status_of(track: Track, dropped_rows: int, dropped_values: int) -> Status:
    """Return how a run's way to the store stands."""
    pending = track.pending
    durability, reason = track.durability
    return Status(
        sync_items_total=track.written + pending,
        sync_items_pending=pending,
        lost=track.lost,
        dropped_rows=dropped_rows,
        durability=durability,
        durability_reason=reason,
        failed_syncs=track.failed_syncs,
        dropped_values=dropped_values,
        sync_time=_moment(track.written_us),
    )


def _moment(time_us: int | None) -> datetime | None:
    return None if time_us is None else datetime.fromtimestamp(time_us / MICROSECONDS, UTC)
