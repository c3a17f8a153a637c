"""The one sampler of a process, and what its runs want of it."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from nbtrack.clock import Clock
from nbtrack.errors import UsageError
from nbtrack.records import Record

if TYPE_CHECKING:
    from nbtrack.capture import Reading, SystemSampler, Wanted
    from nbtrack.runs.run import Run
    from nbtrack.settings import Settings


class Sampling:
    """Reads the machine while a run is open that wants it."""

    def __init__(self, clock: Clock) -> None:
        """Begin without runs.

        Args:
            clock: Where the time comes from.
        """
        self._clock = clock
        self._runs: list[Run] = []
        self._sampler: SystemSampler | None = None
        self._added: dict[str, Reading] = {}

    def begin(self, run: "Run") -> None:
        """Read for a run, too, unless its settings say otherwise."""
        if not run.settings.x_disable_stats:
            self._runs = [*self._runs, run]
            self._adapt()

    def end(self, run: "Run") -> None:
        """Read for a run no more."""
        if run in self._runs:
            self._runs = [one for one in self._runs if one is not run]
            if not self._runs:
                self._stop()

    def pause(self) -> None:
        """Read nothing between two cells."""
        if self._sampler is not None:
            self._sampler.pause()

    def resume(self) -> None:
        """Go on reading."""
        if self._sampler is not None:
            self._sampler.resume()

    def abandon(self) -> None:
        """In a forked child: there is no thread any more."""
        self._runs, self._sampler = [], None

    def add(self, name: str, read: "Reading") -> Callable[[], None]:
        """Read something more from now on; return what takes it away again.

        Raises:
            UsageError: If the name is no text, or `read` cannot be called.
        """
        if not isinstance(name, str) or not name.strip():
            raise UsageError(f"a sampler's name must be a text like 'AMD GPU', not {name!r}.")
        if not callable(read):
            raise UsageError(
                f"the sampler {name!r} must be a function without arguments that returns a "
                f"dict like {{'fan.0.rpm': 1200.0}}, not {read!r} ({type(read).__name__})."
            )
        self._added[name] = read
        return lambda: self._take_away(name, read)

    def _take_away(self, name: str, read: "Reading") -> None:
        if self._added.get(name) is read:
            del self._added[name]

    def _stop(self) -> None:
        sampler, self._sampler = self._sampler, None
        if sampler is not None:
            sampler.stop()

    def _adapt(self) -> None:
        wanted = wanted_by(run.settings for run in self._runs)
        if self._sampler is None:
            from nbtrack.capture import SystemSampler

            self._sampler = SystemSampler(self._emit, self._clock, wanted, added=self._added)
            self._sampler.start()
        else:
            self._sampler.begin_anew(wanted)

    def _emit(self, record: Record) -> None:
        for run in self._runs:
            run.emit(record)


def wanted_by(settings: Iterable["Settings"]) -> "Wanted":
    """Return what is read for some runs together: whatever one of them asks for."""
    from nbtrack.capture import Wanted

    runs = list(settings)
    paths = [path for one in runs for path in one.x_stats_disk_paths or ()]
    gpus = [one.x_stats_gpu_device_ids for one in runs]
    named = {number for ids in gpus for number in ids or ()}
    return Wanted(
        interval_s=min(one.x_stats_sampling_interval for one in runs),
        disk_paths=tuple(dict.fromkeys(paths)),
        with_children=any(one.x_stats_track_process_tree for one in runs),
        gpu_ids=None if None in gpus else tuple(sorted(named)),
    )
