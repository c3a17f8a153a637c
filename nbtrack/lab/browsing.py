"""What one view of a browser was told of the runs that it asked for, and what is new."""

from collections.abc import Set as AbstractSet
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from nbtrack import panels
from nbtrack.lab.runkeys import RunKey, Runs, runs_of
from nbtrack.panels.protocol import Reply
from nbtrack.panels.protocol_lists import (
    Browse,
    GroupStatistics,
    Pick,
    RunGroup,
    RunPage,
    Statistic,
    Summarize,
)
from nbtrack.query import Choice, Field, Shortlist, Summary, summarize

if TYPE_CHECKING:
    from nbtrack.store import RunFacts

_MOST_GROUPS = 1_000
_WHAT = ("search", "where", "only", "order", "then_by", "group_by", "groups")


class Browsing:
    """The page of runs that a view looks at.

    It holds what the view has, so that only what is new is sent. `page` works for as long
    as it takes to look at all runs once and is to be called beside the event loop.

    Attributes:
        question: What decides which runs there are, and in which order.
        shortlist: These runs.
    """

    def __init__(
        self,
        asked: Browse,
        workspace_id: str | None,
        shortlist: Shortlist[RunKey],
        columns: tuple[Field, ...],
    ) -> None:
        """Keep what is asked for; see `begin`."""
        self.question = _question(asked, workspace_id)
        self.shortlist = shortlist
        self._asked = asked
        self._columns = columns
        self._workspace_id = workspace_id
        self._own: tuple[Runs, Runs] | None = None
        self._seen: Runs | None = None
        self._told: dict[RunKey, RunFacts] = {}
        self._last: RunPage | None = None

    @classmethod
    def begin(
        cls, asked: Browse, workspace_id: str | None, root: Path, former: "Browsing | None" = None
    ) -> "Browsing":
        """Return what a view asks for.

        Args:
            asked: The intent.
            workspace_id: Whose runs, or None for those of all workspaces.
            root: Folder that paths of notebooks are relative to.
            former: What the view asked for before.

        Raises:
            UsageError: If a filter, an order or a field cannot be understood.
        """
        columns = tuple(map(Field.parse, asked.get("columns", [])))
        if former is not None and former.question == _question(asked, workspace_id):
            shortlist = former.shortlist
        else:
            shortlist = Shortlist(_choice(asked, root), former.shortlist if former else None)
        begun = cls(asked, workspace_id, shortlist, columns)
        if former is not None and former._workspace_id == workspace_id:  # noqa: SLF001 - as below
            begun._own = former._own  # noqa: SLF001 - of the same class
        return begun

    def is_behind(self, runs: Runs) -> bool:
        """Tell whether the view may lack something."""
        return self._seen is not runs

    def page(self, runs: Runs) -> RunPage | None:
        """Return what the view lacks of its page, None for nothing.

        Raises:
            StoreError: If a regular expression cannot be asked just now.
        """
        self.shortlist.update(self._runs_of(runs))
        keys = self.shortlist.cut(self._offset, self._asked.get("limit", 0), self._folded)
        page = self._drawn(keys, runs)
        self._seen = runs
        self._told = {key: runs[key] for key in keys}
        standing: RunPage = {**page, "full": False, "runs": []}
        last, self._last = self._last, standing
        return None if last == standing and not page["runs"] else page

    def pick(self, intent: Pick) -> Reply:
        """Return the keys of some of the runs."""
        folded = frozenset() if intent["all"] else self._folded
        keys = self.shortlist.cut(intent["offset"], intent["limit"], folded)
        return Reply(op="reply", id=intent["id"], picked=["/".join(key) for key in keys])

    def summarize(self, intent: Summarize) -> Reply:
        """Return what the numbers of groups come to.

        Raises:
            UsageError: If a column is no field of a run.
        """
        fields = [Field.parse(name) for name in dict.fromkeys(intent["columns"])]
        runs = self._seen or {}
        told = []
        for name in dict.fromkeys(intent["groups"]):
            members = [runs[key] for key in self.shortlist.members(name) if key in runs]
            columns = [_told(one) for one in summarize(members, fields)]
            told.append(GroupStatistics(name=panels.clean(name), columns=columns))
        return Reply(op="reply", id=intent["id"], statistics=told)

    def _drawn(self, keys: list[RunKey], runs: Runs) -> RunPage:
        found = self.shortlist
        return RunPage(
            op="page",
            view=self._asked["view"],
            full=self._last is None,
            offset=self._offset,
            order=["/".join(key) for key in keys],
            runs=[
                panels.run_row(runs[key], key[0], self._columns)
                for key in keys
                if self._told.get(key) is not runs[key]
            ],
            total=found.total,
            open=found.open_count,
            matching=len(found),
            groups=[
                RunGroup(name=panels.clean(one.name), count=one.count, open=one.open_count)
                for one in found.groups[:_MOST_GROUPS]
            ],
            left_out=max(0, len(found.groups) - _MOST_GROUPS),
            meaning=found.choice.meaning,
        )

    def _runs_of(self, runs: Runs) -> Runs:
        """Return those of the workspace; the same object while `runs` is the same."""
        if self._own is None or self._own[0] is not runs:
            self._own = runs, runs_of(runs, self._workspace_id)
        return self._own[1]

    @property
    def _offset(self) -> int:
        return self._asked.get("offset", 0)

    @property
    def _folded(self) -> AbstractSet[str]:
        if "unfolded" not in self._asked:
            return frozenset(self._asked.get("folded", []))
        return {group.name for group in self.shortlist.groups}.difference(self._asked["unfolded"])


def _told(one: Summary) -> Statistic:
    return Statistic(
        column=panels.clean(one.field),
        n=one.n,
        mean=one.mean,
        std=one.std,
        low=one.low,
        high=one.high,
    )


def _question(asked: Browse, workspace_id: str | None) -> tuple[object, ...]:
    return (workspace_id, *(asked.get(name) for name in _WHAT))


def _choice(asked: Browse, root: Path) -> Choice:
    chips = cast("dict[str, list[str]]", asked.get("only", {}))
    only = {name: list(texts) for name, texts in chips.items()}
    if "notebook" in only:
        only["notebook"] += [str(root / path) for path in only["notebook"] if path]
    choice = Choice.parse(
        search=asked.get("search", ""),
        where=asked.get("where", []),
        only=only,
        order=[asked.get("order", "-created_at"), *asked.get("then_by", [])],
        group_by=asked.get("group_by", []),
    )
    return replace(choice, groups=asked.get("groups", "newest"))
