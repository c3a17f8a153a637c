"""`nbtrack.init(magic=)`: frameworks are followed while a run that wants them is open."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from nbtrack import runs
from nbtrack.integrations import arguments, keras, lightgbm, sklearn, tensorboard, xgboost
from nbtrack.integrations.arrivals import Arrivals
from nbtrack.integrations.patching import Patches
from nbtrack.integrations.sinks import Sink

if TYPE_CHECKING:
    from nbtrack.runs import Run

Patch = Callable[[Any, Patches, Sink], None]
"""Patches a module that has come."""

_MODULES: Mapping[str, Mapping[str, Patch]] = {
    "argparse": {"argparse": arguments.patch},
    "keras": {"keras": keras.patch},
    "lightgbm": {"lightgbm": lightgbm.patch},
    "sklearn": {"sklearn.base": sklearn.patch},
    "tensorboard": {
        "tensorboardX.writer": tensorboard.patch,
        "torch.utils.tensorboard.writer": tensorboard.patch,
    },
    "xgboost": {"xgboost": xgboost.patch},
}


class Autolog:
    """Who wants which framework, and what is patched for them."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._wanted: list[tuple[Run, frozenset[str]]] = []
        self._patches = Patches()
        self._arrivals = Arrivals()
        self._followed: set[str] = set()

    def begin(self, run: "Run", wanted: frozenset[str]) -> None:
        """Follow frameworks for a run until it ends; never raises."""
        self._wanted.append((run, wanted))
        runs.session().observe(self)
        for framework in sorted(wanted - self._followed):
            self._followed.add(framework)
            for name, patch in _MODULES[framework].items():
                self._arrivals.when_there(name, self._patching(patch, Sink(framework, self)))

    def run_for(self, framework: str) -> "Run | None":
        """Return the run that wants a framework, the last of several."""
        wanting = (run for run, wanted in reversed(self._wanted) if framework in wanted)
        return next((run for run in wanting if run.is_open), None)

    def tell(self, framework: str, error: Exception) -> None:
        """Tell what went wrong, once per run and framework."""
        text = f"{framework} is not logged as it should be: {type(error).__name__}: {error}. "
        runs.session().say(
            f"magic {framework}", f"{text}Its work goes on.", run=self.run_for(framework)
        )

    # --- what the session calls --------------------------------------------------------

    def run_opened(self, run: "Run") -> None:
        """Learn that a run began."""

    def run_closing(self, run: "Run") -> None:
        """Follow nothing for a run any more; put the frameworks back if nobody wants them."""
        self._wanted = [(one, wanted) for one, wanted in self._wanted if one is not run]
        if not self._wanted:
            self._arrivals.stop()
            self._patches.undo()
            self._followed.clear()

    def run_closed(self, run: "Run") -> None:
        """Learn that a run ended."""

    def _patching(self, patch: Patch, sink: Sink) -> Callable[[Any], None]:
        def come(module: Any) -> None:  # noqa: ANN401 - a framework
            with sink.guarded():
                patch(module, self._patches, sink)

        return come


_AUTOLOG = Autolog()


def begin(run: "Run", wanted: frozenset[str]) -> None:
    """Follow frameworks for a run until it ends.

    Args:
        run: Gets what they do.
        wanted: Names of frameworks, of `nbtrack.runs.FRAMEWORKS`.
    """
    _AUTOLOG.begin(run, wanted)
