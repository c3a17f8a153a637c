"""Who a run is, what it ran on, and what came out of it: the overview of one run."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nbtrack.panels import date, one_line, value_text
from nbtrack.query import leaves, packages_of
from nbtrack.reports.alerts import alerts_of
from nbtrack.reports.desk import Desk, facts_list, folded, note
from nbtrack.reports.markdown import markdown
from nbtrack.reports.markup import NOTHING, Html, h, joined
from nbtrack.values import duration

if TYPE_CHECKING:
    from nbtrack.records import Json, Notice
    from nbtrack.reports.sections import Section
    from nbtrack.store import RunFacts

_MOST_NOTICES = 20
_MOST_VALUES = 200
_MOST_RUNS = 100
_MOST_NAMED = 4
_GIB = 2**30
_KNOWN = frozenset({"finished", "failed", "crashed", "killed", "running"})

Facts = Iterator[tuple[str, "str | None"]]


def overview(desk: Desk, section: "Section") -> Html:
    """Return who runs are and what came out of them."""
    return joined(*(_of_run(desk, facts) for facts in desk.subject.of(section)))


def environment(desk: Desk, section: "Section") -> Html:
    """Return what runs ran on."""
    runs = desk.subject.of(section)
    alike: dict[Html, list[str]] = {}
    for facts in runs[:_MOST_RUNS]:
        alike.setdefault(_surroundings(desk, facts), []).append(facts.opened.name)
    parts = [
        joined(h("h3", _named(names)) if len(runs) > 1 else None, told)
        for told, names in alike.items()
    ]
    rest = len(runs) - _MOST_RUNS
    return joined(*parts, note(f"And {rest:,} more runs.") if rest > 0 else None)


def _named(names: Sequence[str]) -> str:
    if len(names) <= _MOST_NAMED:
        return ", ".join(names)
    return f"{', '.join(names[:_MOST_NAMED])} and {len(names) - _MOST_NAMED:,} more"


def state_badge(facts: "RunFacts") -> Html:
    """Return how a run stands."""
    state = facts.state.value
    return h("span", state, class_="nbr-state", data_state=state if state in _KNOWN else "other")


def path_of(facts: "RunFacts") -> str:
    """Return the path of a run."""
    opened = facts.opened
    return f"{opened.entity}/{opened.project}/{opened.id}"


def _of_run(desk: Desk, facts: "RunFacts") -> Html:
    notes = facts.opened.notes
    return joined(
        facts_list(_identity(facts)),
        h("div", markdown(notes, top=4), class_="nbr-notes") if notes else None,
        _notices(facts.notices),
        _values(desk, _results(facts), joined("Summary of ", h("i", facts.opened.name), ".")),
        _values(desk, _pinned_first(facts), joined("Config of ", h("i", facts.opened.name), ".")),
    )


def _identity(facts: "RunFacts") -> Facts:
    opened = facts.opened
    wall_us = (facts.ended_us or facts.seen_us) - opened.time_us
    yield "Run", h("strong", opened.name)
    yield "State", joined(state_badge(facts), f" {facts.reason}" if facts.reason else None)
    yield "Path", h("code", path_of(facts))
    yield "Author", opened.user or opened.entity
    yield "Started", date(opened.time_us)
    yield "Duration", f"{duration(facts.active_us)} active, {duration(wall_us)} in all"
    yield "Steps", None if facts.step is None else f"{facts.step:,}, in {facts.rows:,} rows"
    yield "Group", opened.group
    yield "Job type", opened.job_type
    yield "Alerts", _alerts(alerts_of(facts))
    yield "Tags", joined(*(h("span", tag, class_="nbr-tag") for tag in opened.tags)) or None
    yield "Branched from", opened.branched_from
    yield from _program(facts)


def _alerts(told: "Sequence[Notice]") -> str | None:
    count = sum(one.count for one in told)
    if not count:
        return None
    return f"{count:,}, the last one: {one_line(told[-1].title or told[-1].text, 80)}"


def _program(facts: "RunFacts") -> Facts:
    around, opened = facts.environment, facts.opened
    git = _mapping(around.get("git"))
    yield "Notebook", opened.notebook
    yield "Program", None if opened.notebook else _said(around.get("program"))
    commit = _said(git.get("commit"))
    branch = _said(git.get("branch"))
    on = f" on {branch}" if branch else ""
    dirty = ", with changes" if git.get("dirty") is True else ""
    yield "Commit", joined(h("code", commit[:12]), f"{on}{dirty}") if commit else None


def _notices(notices: "Sequence[Notice]") -> Html:
    told = [one for one in notices if one.title is None and one.level != "info"]
    if not told:
        return NOTHING
    items = [h("li", one.text, _times(one.count)) for one in told[-_MOST_NOTICES:]]
    return h("ul", *items, class_="nbr-notices")


def _times(count: int) -> str:
    return f" ({count} times)" if count > 1 else ""


def _results(facts: "RunFacts") -> "Mapping[str, Json]":
    return {
        name: value for name, value in leaves(facts.summary).items() if not name.startswith("_")
    }


def _pinned_first(facts: "RunFacts") -> "Mapping[str, Json]":
    config = leaves(facts.config)
    pinned = {name: config[name] for name in facts.pinned if name in config}
    return {**pinned, **config}


def _values(desk: Desk, values: "Mapping[str, Json]", said: Html) -> Html:
    if not values:
        return NOTHING
    shown = list(values.items())[:_MOST_VALUES]
    rows = [(h("code", one_line(name)), value_text(value, 400)) for name, value in shown]
    rest = len(values) - len(shown)
    more = f" {rest:,} more are in the store." if rest else None
    return desk.table(("Key", "Value"), rows, joined(said, more), class_="nbr-values")


def _surroundings(desk: Desk, facts: "RunFacts") -> Html:
    packages = packages_of(desk.subject.root, facts.opened.uid)
    listed = h("ul", *(h("li", line) for line in packages), class_="nbr-packages")
    return joined(
        facts_list(_machine(facts)),
        folded(f"{len(packages)} packages", listed) if packages else None,
    )


def _machine(facts: "RunFacts") -> Facts:
    around = facts.environment
    memory = _mapping(around.get("memory"))
    yield "Host", facts.opened.owner.host
    yield "System", _said(around.get("os"))
    yield "CPU", _said(around.get("cpu"))
    yield "CPU cores", _cores(around)
    yield "Memory", _size(memory.get("total"))
    yield "GPU", _gpus(around)
    yield "CUDA", _said(around.get("cuda")) or _said(around.get("cuda_version"))
    yield "Python", _said(around.get("python"))
    yield "Executable", _code(around.get("executable"))
    yield "Command", _code(around.get("command"))
    yield "Repository", _said(_mapping(around.get("git")).get("remote"))
    yield "nbtrack", _said(around.get("nbtrack"))


def _cores(around: "Mapping[str, Json]") -> str:
    cores, threads = _said(around.get("cpu_count")), _said(around.get("cpu_count_logical"))
    return f"{cores} ({threads} threads)" if cores and threads else cores


def _gpus(around: "Mapping[str, Json]") -> str:
    devices = around.get("gpu_devices")
    listed = devices if isinstance(devices, list) else []
    names = [_said(_mapping(one).get("name")) for one in listed]
    counts = {name: names.count(name) for name in names if name}
    said = [f"{name}, {count} of them" if count > 1 else name for name, count in counts.items()]
    return ", ".join(said) or _said(around.get("gpu"))


def _size(value: object) -> str:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"{value / _GIB:.1f} GiB" if is_number else ""  # type: ignore[operator]


def _code(value: "Json | None") -> Html | None:
    said = _said(value)
    return h("code", said) if said else None


def _said(value: "Json | None") -> str:
    return "" if value is None else value_text(value, 400)


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
