"""Several runs beside each other, as they stand."""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Self, TypeAlias

import numpy as np

from nbtrack.errors import UsageError
from nbtrack.query.apirun import ApiRun
from nbtrack.query.comparing.differing import Differences, Leaves, differences, leaves
from nbtrack.query.comparing.drawing import Drawing, Question, band_of, draw
from nbtrack.query.comparing.grouping import Grouping
from nbtrack.query.comparing.intervals import BandKind, checked_band
from nbtrack.query.comparing.listing import table_text
from nbtrack.query.comparing.outlook import Outlook
from nbtrack.query.comparing.picking import Pick, Surviving, meaning_of, pick_of
from nbtrack.query.comparing.ranking import best_of, goal_of
from nbtrack.query.flushing import flush_all
from nbtrack.query.runs import Runs
from nbtrack.query.table import FrameFormat, frame_of
from nbtrack.store import Crowd, CrowdReader, Reader, RunFacts

Roll: TypeAlias = Callable[[Sequence[str]], list[RunFacts] | None]
"""Returns those of some runs that are there, or None while it does not know."""


class Comparison:
    """Some runs of one workspace, beside each other.

    Filters and projects also mean runs that begin later: `load()` finds them.

    Attributes:
        root: The workspace.
        facts: The runs as they were looked up last.
        outlook: How they are looked at first.

    Examples:
        >>> comparison = nbtrack.compare("digits", display=False)
        >>> comparison.best("loss", "minimize").name
        'brave-otter-1'
    """

    def __init__(
        self,
        root: Path,
        what: object,
        *,
        project: str | None = None,
        outlook: Outlook | None = None,
        roll: Roll | None = None,
    ) -> None:
        """Look the runs up.

        Args:
            root: The workspace.
            what: A project, a filter, a run, or a list of runs, names and paths; None for
                all runs.
            project: Only its runs, where `what` is a filter or None.
            outlook: How they are looked at first.
            roll: Knows runs anyway; asked before the workspace is read.

        Raises:
            UsageError: If `what` or the outlook cannot be understood.
            RunNotFoundError: If there is no such run; the message says what is similar.
            StoreError: If the workspace cannot be read.
        """
        self.root = root
        self._pick: Pick = pick_of(what, project)
        self._roll = roll
        self._reader = Reader(root)
        self._crowd = CrowdReader(root)
        self.facts: list[RunFacts] = []
        self._named: tuple[list[RunFacts] | None, dict[str, int]] = None, {}
        self.load()
        self._meaning = meaning_of(what, project, self.facts)
        self.outlook = outlook or Outlook()
        self.outlook.check(self.facts, self.keys)

    @classmethod
    def of_uids(
        cls,
        root: Path,
        uids: Sequence[str],
        outlook: Outlook | None = None,
        *,
        roll: Roll | None = None,
    ) -> Self:
        """Return the comparison of some runs; those that are gone are left out.

        Args:
            root: The workspace.
            uids: Of the runs.
            outlook: How they are looked at first.
            roll: Knows runs anyway; asked before the workspace is read.

        Raises:
            UsageError: If the outlook asks for what none of them has.
            RunNotFoundError: If none is there.
            StoreError: If the workspace cannot be read.
        """
        return cls(root, Surviving(uids), outlook=outlook, roll=roll)

    def turn_to(self, uids: Sequence[str]) -> None:
        """Compare some other runs of the workspace; those that are gone are left out.

        Raises:
            RunNotFoundError: If none is there.
            StoreError: If the workspace cannot be read.
        """
        self._pick = Surviving(uids)
        self.glance()

    def load(self) -> None:
        """Look again which runs there are and how they stand.

        Raises:
            RunNotFoundError: If none of them is there any more.
            StoreError: If the workspace cannot be read.
        """
        flush_all()
        self.facts = self._enrolled() or self._pick(self._reader.runs())

    def glance(self) -> list[RunFacts]:
        """Look again, for those who ask again and again; return the runs that changed or came.

        Raises:
            RunNotFoundError: If none of them is there any more.
            StoreError: If the workspace cannot be read.
        """
        found = self._on_the_roll()
        if found is None:
            found = sorted(self._reader.glance().values(), key=_newest_first)
        known = {id(facts) for facts in self.facts}
        self.facts = self._pick(found)
        return [facts for facts in self.facts if id(facts) not in known]

    def _on_the_roll(self) -> list[RunFacts] | None:
        if self._roll is None or not isinstance(self._pick, Surviving):
            return None
        found = self._roll(self._pick.uids)
        return None if found is None else sorted(found, key=_newest_first)

    def _enrolled(self) -> list[RunFacts] | None:
        """Return the runs if all of them are on the roll: it may be a moment old."""
        found = self._on_the_roll()
        wanted = self._pick.uids if isinstance(self._pick, Surviving) else ()
        return found if found is not None and len(found) == len(set(wanted)) else None

    @property
    def identity(self) -> str:
        """16 hexadecimal digits, the same whenever the same is asked for in the same way.

        A cell that runs again gets them again; so does a filter that more runs meet by now.
        """
        text = repr((str(self.root), self._meaning, self.outlook))
        return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()

    @property
    def runs(self) -> Runs:
        """The runs that are compared."""
        return Runs(self.root, self._reader, self.facts)

    def keys(self) -> dict[str, int]:
        """Return the metrics that have numbers, and how many of the runs have each.

        Those of the newest run come first.

        Raises:
            StoreError: If the runs cannot be read.

        Examples:
            >>> comparison.keys()
            {'loss': 1}
        """
        facts, known = self._named
        # Runs that have ended get no others.
        if facts is not self.facts or any(one.ended_us is None for one in facts):
            having = self._crowd.ask(self._uids(), lambda crowd: crowd.names())
            known = {name: len(runs) for name, runs in having.items()}
            self._named = self.facts, known
        return dict(known)

    def differing(self) -> tuple[Differences, list[Leaves]]:
        """Return in which keys of their configs the runs differ, and the flat configs."""
        configs = [leaves(facts.config) for facts in self.facts]
        return differences(configs), configs

    def config_diff(self, format: FrameFormat = "pandas") -> Any:  # noqa: A002, ANN401 - the field's name; a frame
        """Return what differs between the configs: a row per run, a column per key.

        Args:
            format: `pandas`, `polars`, `arrow`, or `default` for a list of dicts.

        Raises:
            UsageError: If there is no such format.
            MissingDependencyError: If its library is not installed.

        Examples:
            >>> comparison.config_diff("default")
            [{'name': 'brave-otter-1'}]
        """
        found, configs = self.differing()
        rows = [
            {"name": facts.opened.name, **{key: config.get(key) for key in found.differing}}
            for facts, config in zip(self.facts, configs, strict=True)
        ]
        return frame_of(rows, format)

    def frame(self, format: FrameFormat = "pandas") -> Any:  # noqa: A002, ANN401 - as above
        """Return a row per run: who it is, how it stands, its config and its summary.

        Args:
            format: `pandas`, `polars`, `arrow`, or `default` for a list of dicts.

        Raises:
            UsageError: If there is no such format.
            MissingDependencyError: If its library is not installed.

        Examples:
            >>> [row["name"] for row in comparison.frame("default")]
            ['brave-otter-1']
        """
        return self.runs.to_frame(format)

    def best(self, metric: str, goal: str | None = None) -> ApiRun:
        """Return the run whose summary has the best value of a metric.

        Where `define_metric(..., summary="best")` or `"min"` or `"max"` keeps an extremum in
        the summary, that counts; else the last value.

        Args:
            metric: Its name.
            goal: `minimize` or `maximize`; not needed where `define_metric` says it.

        Raises:
            UsageError: If the goal is not known, or no run has the metric.

        Examples:
            >>> comparison.best("loss", "minimize").name
            'brave-otter-1'
        """
        facts = best_of(self.facts, metric, goal_of(self.facts, metric, goal))
        return ApiRun(self.root, self._reader, facts)

    def bands(
        self,
        metric: str,
        group_by: str | Sequence[str] | None = None,
        band: BandKind = "std",
        format: FrameFormat = "pandas",  # noqa: A002 - the field's name
    ) -> Any:  # noqa: ANN401 - a list, or a frame of an optional library
        """Return mean and band of a metric at every step, reckoned from all points.

        Values are put together by step. A run counts at the steps at which it has a value,
        and nothing is filled in between: `n` says how many do.

        Args:
            metric: Its name.
            group_by: A field (`group`, `tags`, `config.lr`, …), a key of the config, or a
                list of them; None for all runs together.
            band: `std` (one sample standard deviation), `stderr`, `t95` (95 % t-interval of
                the mean) or `minmax`.
            format: `pandas`, `polars`, `arrow`, or `default` for a list of dicts.

        Returns:
            Rows of `group`, `step`, `n`, `mean`, `low` and `high`; `low` and `high` are NaN
            where one value alone has no band.

        Raises:
            UsageError: If an argument cannot be taken, or no run has the metric.
            StoreError: If the runs cannot be read.

        Examples:
            >>> comparison.bands("loss", band="minmax", format="default")[0]
            {'group': '', 'step': 0, 'n': 1, 'mean': 0.9, 'low': 0.9, 'high': 0.9}
        """
        kind = checked_band(band)
        groups = Grouping.parse(group_by, self.facts).groups(self.facts)
        number_of = {
            facts.opened.uid: number
            for number, members in enumerate(groups.values())
            for facts in members
        }
        rows = self._crowd.ask(
            self._uids(), lambda crowd: _band_rows(crowd, metric, number_of, list(groups), kind)
        )
        if not rows:
            raise UsageError(f"none of the {len(self.facts)} runs has numbers of {metric!r}.")
        return frame_of(rows, format)

    def draw(self, question: Question, changed: Collection[str] | None = None) -> Drawing:
        """Return what is to be drawn of the runs; see `drawing.draw`.

        Raises:
            UsageError: If there is no such field to group by.
            StoreError: If the runs cannot be read.
        """
        return draw(self._crowd, self.facts, question, changed)

    def close(self) -> None:
        """Close the journals of live runs; the next `load` opens them again."""
        self._reader.close()

    def __len__(self) -> int:
        """Return how many runs there are."""
        return len(self.facts)

    def __repr__(self) -> str:
        """Say how many runs are compared."""
        count = len(self)
        return f"<Comparison {count} run{'' if count == 1 else 's'}>"

    def __str__(self) -> str:
        """Return a table of the runs: state, what differs in their configs, last values."""
        return table_text(self.facts)

    def _uids(self) -> list[str]:
        return [facts.opened.uid for facts in self.facts]


def _newest_first(facts: RunFacts) -> tuple[int, str]:
    return -facts.opened.time_us, facts.opened.uid


def _band_rows(
    crowd: Crowd, metric: str, groups: Mapping[str, int], names: Sequence[str], kind: BandKind
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for part in crowd.spreads(metric, groups):
        for group, spread in part.items():
            band = band_of(spread, kind)
            steps, counts = spread.steps.astype(np.int64).tolist(), spread.counts.tolist()
            columns = (steps, counts, band.means.tolist(), band.lows.tolist(), band.highs.tolist())
            rows += [
                {"group": names[group], "step": s, "n": n, "mean": mean, "low": low, "high": high}
                for s, n, mean, low, high in zip(*columns, strict=True)
            ]
    return sorted(rows, key=lambda row: (names.index(row["group"]), row["step"]))
