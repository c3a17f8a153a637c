"""Runs as one file: what is in it is what is in the store, and nothing of it is more than text."""

import base64
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from golden import make_groups
from storekit import SECOND_US, START_US, opened_run, row

from nbtrack import reports
from nbtrack.errors import RunNotFoundError, UsageError
from nbtrack.panels.protocol import COMPARE_MIME_TYPE
from nbtrack.query import Comparison, Follower
from nbtrack.records import (
    CellRun,
    Closed,
    ConfigChanged,
    ConsoleText,
    EnvironmentNoted,
    MetricDefined,
    Notice,
    Record,
    RunState,
    Stream,
    SystemSample,
)
from nbtrack.reports import Section
from nbtrack.reports.exhibits import Whole
from nbtrack.store import Ingester, Journal, Reader

HOSTILE = (
    "</script><script>alert(1)</script><!--<img src=x onerror=alert(2)>\"'>"
    "<a href='javascript:alert(3)' data-commandlinker-command=x>y</a>\x1b]8;;javascript:a\x07z\x00"
    "\u202e"
)
STEPS = 600


def write(root: Path, number: int, records: list[Record] | None = None, **fields) -> str:
    """Write a run that has ended; return its uid."""
    uid = f"20260102-03040{number}-0000000{number}"
    journal = Journal.create(root, opened_run(uid, **{"name": f"otter-{number}", **fields}))
    journal.append(records if records is not None else ordinary(number))
    journal.append([Closed(START_US + STEPS * SECOND_US, RunState.FINISHED, 0, SECOND_US)])
    journal.close()
    Ingester(root).ingest(uid)
    return uid


def ordinary(number: int) -> list[Record]:
    """Return what a run of two metrics leaves; one of them is not always a number."""
    random = np.random.default_rng(number)
    losses = random.normal(size=STEPS) / number
    losses[[7, 8, 9]] = np.nan, np.inf, -np.inf
    rows = [
        row(step, {"train/loss": loss, "val/loss": step / 7} if step % 3 else {"train/loss": loss})
        for step, loss in enumerate(losses.tolist())
    ]
    goal = MetricDefined(START_US, "val/loss", summary=("min",), goal="minimize")
    return [ConfigChanged(START_US, {"lr": number / 10, "batch": 32}), goal, *rows]


def report(root: Path, uids: list[str], **said) -> str:
    return reports.report_page(Comparison.of_uids(root, uids), **said)[0]


def text_of(html: str) -> str:
    """Return what a page says, without its scripts and styles."""
    bare = re.sub(r"<(script|style)\b.*?</\1>", "", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", bare))


def titles(html: str) -> list[str]:
    return re.findall(r"<h2 id=\"section-\d+-title\"><span[^>]*>\d+</span>(.*?)</h2>", html)


def test_what_the_page_carries_is_what_the_store_has(root):
    """Bit for bit: steps, times and values, also those that are no numbers."""
    uid = write(root, 1)

    [parcel] = reports.parcels_in(report(root, [uid], sections="charts"))

    reader = Reader(root)
    numbers = np.frombuffer(parcel.buffer)
    for head in parcel.bundle["snapshot"]["series"]:
        stored = reader.series(uid, head["key"])
        steps, times, values = np.split(numbers[: 3 * head["points"]], 3)
        numbers = numbers[3 * head["points"] :]
        assert head["count"] == head["points"] == len(stored.values)
        assert steps.tobytes() == stored.steps.tobytes()
        assert np.array_equal(np.rint(times * 1e6), stored.times_us - START_US)
        assert values.tobytes() == stored.values.tobytes()
    assert len(numbers) == 0


def test_a_long_run_keeps_its_peaks_and_says_where_the_closest_look_ends(root, monkeypatch):
    random = np.random.default_rng(5)
    values = random.normal(size=20_000)
    values[13_337] = 1e6
    uid = write(root, 1, [row(step, {"loss": value}) for step, value in enumerate(values.tolist())])
    monkeypatch.setattr("nbtrack.reports.writing.MOST_POINTS", 3_000)

    whole = Whole.read(root, uid, most=3_000)

    [series] = whole.series("metric")
    assert series.count == 20_000
    assert 2_500 < len(series.values) <= 3_000
    assert series.steps[series.values.argmax()] == 13_337
    width = 20_000 / 1_499  # of a bucket, in steps
    for start in range(0, 20_000, 37):
        there = values[start : start + 37]
        near = abs(series.steps - start - 18) <= 18 + width
        assert series.values[near].min() <= there.min()
        assert series.values[near].max() >= there.max()
    assert np.array_equal(series.values, values[series.steps.astype(int)])
    said = text_of(reports.report_page(Comparison.of_uids(root, [uid]))[0])
    assert f"{len(series.values):,} of 20,000 points. Of every 13 neighbours, or fewer" in said


@pytest.mark.parametrize(("most", "looks"), [(5_000, 1), (999, 2)], ids=["fits", "cut"])
def test_a_run_that_fits_is_read_once(root, monkeypatch, most, looks):
    """Each look opens the database, which is most of what short runs take."""
    uid = write(root, 1, [row(step, {"loss": float(step)}) for step in range(1_000)])
    asked = []
    snapshot = Follower.snapshot
    monkeypatch.setattr(Follower, "snapshot", lambda *a, **k: asked.append(k) or snapshot(*a, **k))

    whole = Whole.read(root, uid, most=most)

    assert len(asked) == looks
    assert len(whole.series("metric")[0].values) <= most


def test_short_series_stay_whole_beside_long_ones(root):
    rows = [
        row(step, {"long": step % 7, **({"short": 1.5} if step < 90 else {})})
        for step in range(9_000)
    ]
    uid = write(root, 1, rows)

    whole = Whole.read(root, uid, most=4_000)

    counts = {one.key: (len(one.values), one.count) for one in whole.series("metric")}
    assert counts["short"] == (90, 90)
    assert 3_000 < counts["long"][0] < 4_000
    said = text_of(reports.report_page(Comparison.of_uids(root, [uid]))[0])
    assert "all 9,090 points, exactly" in said


def test_a_report_of_one_run_tells_all_that_is_known_of_it(root):
    uid = write(
        root,
        1,
        [
            EnvironmentNoted(START_US, {"gpu_devices": [{"name": "H200"}] * 2, "python": "3.11"}),
            Notice(START_US, "warning", "alert: Beware", "It is late.", 3),
            ConsoleText(START_US, Stream.STDERR, "\x1b[31mred\x1b[0m line", None),
            CellRun(START_US, 0, "a", 3, "x = 'one'  # two", START_US, SECOND_US, "ok"),
            SystemSample(START_US, {"cpu": 12.5}),
            *ordinary(1),
        ],
        notes="Why: **because**.",
        tags=("paper",),
    )

    html = report(root, [uid], author="Ada")

    assert titles(html) == [
        *("Overview", "Alerts", "Metrics", "The machine", "Log", "Code", "Environment")
    ]
    said = text_of(html)
    for part in (
        "Ada",
        "otter-1",
        "because",
        "Alerts 3, the last one: Beware",
        "warning Beware 3 times It is late.",
        "red line",
        "H200, 2 of them",
    ):
        assert part in said
    assert "<strong>because</strong>" in html
    assert '<span class="nbr-c"># two</span>' in html


def test_alerts_stand_in_their_order_with_the_run_that_told_them(root):
    late, early = (
        write(
            root, number, [Notice(START_US + number * SECOND_US, "error", f"alert: {title}", text)]
        )
        for number, title, text in ((2, "NaN", "at step 7\nof epoch 1"), (1, HOSTILE, HOSTILE))
    )
    silent = write(root, 3, [Notice(START_US, "warning", "disk", "The disk is slow.")])

    html = report(root, [late, early, silent], sections=["overview", "alerts"])

    said = text_of(html.split("section-2-title", maxsplit=1)[1])
    assert said.index("otter-1") < said.index("error otter-2 NaN at step 7")
    assert "disk" not in said
    assert "<img" not in html
    assert "at step 7\nof epoch 1</p>" in html
    assert "There were no alerts." in text_of(report(root, [silent], sections=["alerts"]))
    assert "Alerts" not in titles(report(root, [silent]))
    assert "The disk is slow." in text_of(report(root, [silent]))


def test_a_report_of_several_runs_ranks_and_compares_them(root):
    uids = [write(root, number) for number in (1, 2, 3)]

    html = report(root, uids)

    assert titles(html) == [
        "Overview",
        "Best runs",
        "Comparison",
        "Differences of the configs",
        "Environment",
    ]
    [parcel] = reports.parcels_in(html)
    assert parcel.mime_type == COMPARE_MIME_TYPE
    charts = parcel.bundle["drawing"]["charts"]
    assert {chart["key"]: chart["runs"] for chart in charts} == {"train/loss": 3, "val/loss": 3}
    assert sum(line["points"] for chart in charts for line in chart["lines"]) * 16 == len(
        parcel.buffer
    )
    assert "One key of the config differs between the 3 runs" in text_of(html)


def test_pictures_of_a_comparison_share_their_colours_and_one_legend(root):
    """A run keeps its colour also where another run lacks the metric."""
    keys = (["loss", "acc"], ["loss", "acc"], ["loss"])
    uids = [
        write(root, n, [row(step, dict.fromkeys(some, step + n)) for step in range(3)])
        for n, some in enumerate(keys, 1)
    ]

    html = report(root, uids, sections=["comparison"])

    [legend] = re.findall(r'<ul class="nbr-legend".*?</ul>', html, re.DOTALL)
    colours = dict(re.findall(r'<li>.*?stroke="(#\w+)".*?</svg>(otter-\d)</li>', legend))
    assert list(colours.values()) == ["otter-3", "otter-2", "otter-1"]
    loss, acc = re.findall(r"<div><svg.*?</svg>", html, re.DOTALL)
    assert [colour in loss for colour in colours] == [True, True, True]
    assert [colour in acc for colour in colours] == [False, True, True]


def test_bands_are_reckoned_from_all_points_of_all_runs(root):
    uids = [write(root, number) for number in (1, 2, 3)]
    section = Section("comparison", keys=["val/*"], group_by=["config.batch"], band="minmax")

    [parcel] = reports.parcels_in(report(root, uids, sections=[section]))

    [chart] = parcel.bundle["drawing"]["charts"]
    [band] = chart["bands"]
    skipped = 2 * sum(line["points"] for line in chart["lines"])
    numbers = np.frombuffer(parcel.buffer)[skipped:].reshape(5, band["points"])
    assert chart["key"] == "val/loss"
    assert set(numbers[1]) == {3.0}
    assert np.allclose(numbers[2], numbers[0] / 7, rtol=1e-15)


def test_the_bands_that_pages_must_reckon_are_those_of_python(root):
    """Pages put runs into other groups by themselves; their tests read this file."""
    told = json.loads(make_groups.GOLDEN.read_text("utf-8"))

    made = make_groups.groups(root)

    for band, kept in made.items():
        one, other = told[band], kept
        numbers = [np.frombuffer(base64.b64decode(it.pop("buffer"))) for it in (one, other)]
        assert one == json.loads(json.dumps(other))
        assert np.allclose(*numbers, rtol=1e-12, equal_nan=True)


def test_sections_come_in_the_order_in_which_they_are_given_with_text_between(root):
    uid = write(root, 1)
    parts = ["# First\n\nWhy *so*?", Section("log", title="What it said"), "charts", "No heading."]

    html = report(root, [uid], sections=parts, title="A story")

    assert titles(html) == ["First", "What it said", "Metrics"]
    assert re.findall(r'class="nbr-number">(\d)<', html) == ["1", "2", "3"]
    assert "<em>so</em>" in html
    assert re.findall(r'<li><a href="#(section-\d)">', html) == [
        "section-1",
        "section-2",
        "section-3",
    ]
    assert html.index("No heading.") > html.index("section-3-title")


def test_a_section_can_be_about_one_of_the_runs(root):
    uids = [write(root, number) for number in (1, 2)]

    html = report(root, uids, sections=[Section("charts", runs=["otter-2"], keys=["val/*"])])

    [parcel] = reports.parcels_in(html)
    assert parcel.bundle["snapshot"]["run"]["uid"] == uids[1]
    assert [one["key"] for one in parcel.bundle["snapshot"]["series"]] == ["val/loss"]
    with pytest.raises(
        RunNotFoundError, match=r"none of the report's 2 runs is 'oter-2'\. Did you"
    ):
        report(root, uids, sections=[Section("charts", runs=["oter-2"])])


def test_a_name_of_several_runs_is_refused(root):
    uids = [write(root, number, name="twin") for number in (1, 2)]

    with pytest.raises(UsageError, match="2 runs are called 'twin': say which, 20260102-03040"):
        report(root, uids, sections=[Section("charts", runs=["twin"])])


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        ("chart", r"there is no section 'chart'\. Did you mean 'charts'\?"),
        ([3], "sections are a list of names like 'charts'.*, not 3"),
        (3, "sections are a list of names like 'charts'.*, not 3"),
    ],
)
def test_sections_that_are_none_are_refused(root, sections, message):
    uid = write(root, 1)

    with pytest.raises(UsageError, match=message):
        report(root, [uid], sections=sections)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"kind": "chart"}, "Did you mean 'charts'"),
        ({"kind": "log", "lines": 0}, "lines is a number from 1 to 10,000, not 0"),
        ({"kind": "log", "lines": True}, "not True"),
        ({"kind": "charts", "keys": [1]}, "keys is a name or a list of names"),
        ({"kind": "charts", "title": 1}, "title of a section is a text"),
        ({"kind": "comparison", "band": "iqr"}, "band"),
        ({"kind": "comparison", "x": ""}, "x is"),
    ],
)
def test_a_section_that_cannot_be_shown_is_refused_at_once(said, message):
    with pytest.raises(UsageError, match=message):
        Section(**said)


def test_a_metric_that_no_run_has_is_refused(root):
    uid = write(root, 1)

    with pytest.raises(UsageError, match=r"none of the 1 runs has the metric 'loss'"):
        report(root, [uid], sections=[Section("comparison", keys=["loss"])])


class Elements(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def hostile_run(root: Path) -> str:
    """Write a run of which every text is hostile; return its uid."""
    values = {HOSTILE: HOSTILE, "n": {HOSTILE: [HOSTILE]}}
    return write(
        root,
        4,
        [
            ConfigChanged(START_US, values),
            EnvironmentNoted(
                START_US, {"os": HOSTILE, "git": {"commit": HOSTILE, "remote": HOSTILE}}
            ),
            Notice(START_US, "error", f"alert: {HOSTILE}", HOSTILE),
            ConsoleText(START_US, Stream.STDOUT, HOSTILE, None),
            CellRun(START_US, 0, HOSTILE, 1, f"{HOSTILE}\n'''", START_US, 1, HOSTILE, HOSTILE),
            SystemSample(START_US, {HOSTILE: 1.0}),
            MetricDefined(START_US, HOSTILE, summary=("min",), goal="minimize"),
            *(row(step, {HOSTILE: step, "javascript:alert(1)": 1.0}) for step in range(9)),
        ],
        name=HOSTILE,
        project=HOSTILE,
        user=HOSTILE,
        group=HOSTILE,
        notes=f"# {HOSTILE}\n\n[x](javascript:alert(1)) [y](data:text/html,z) \n\n> **{HOSTILE}**",
        tags=(HOSTILE[:60],),
    )


def test_whatever_a_run_says_is_text(root):
    uids = [hostile_run(root), write(root, 1)]
    told = [HOSTILE, *reports.KINDS, Section("comparison", group_by=["config.lr"])]

    html = report(root, uids, title=HOSTILE, author=HOSTILE, sections=told)

    found = Elements(re.sub(r"<script type=.*?</script>", "", html, flags=re.DOTALL)).found
    names = {tag for tag, _ in found}
    assert not names & {"img", "script", "iframe", "object", "base", "link", "form", "embed"}
    for _, attributes in found:
        assert not [name for name in attributes if name.startswith(("on", "data-command", "style"))]
        target = attributes.get("href") or "#"
        assert target.startswith(("#", "http://", "https://"))
    assert len(re.findall("<script", html)) == len(list(reports.parcels_in(html))) + 1
    assert "\x00" not in html
    assert "\u202e" not in html


def test_a_file_that_is_no_report_is_not_written_over(root, tmp_path, monkeypatch):
    uid = write(root, 1, name="a/b: c")
    comparison = Comparison.of_uids(root, [uid])
    monkeypatch.chdir(tmp_path)

    first = reports.write_report(comparison)
    again = reports.write_report(comparison)
    first.path.write_text("my own")

    assert first.path == again.path == tmp_path / "a-b-c.html"
    assert again.size_bytes > 100_000
    assert '<a href="a-b-c.html"' in again._repr_html_()
    with pytest.raises(UsageError, match="is no report of nbtrack and is not written over"):
        reports.write_report(comparison)
    assert first.path.read_text() == "my own"


def test_it_says_how_far_it_is(root, tmp_path):
    uid = write(root, 1)
    told: list[tuple[int, int]] = []

    reports.write_report(
        Comparison.of_uids(root, [uid]),
        tmp_path / "x.html",
        sections=["overview", "log"],
        tell=lambda done, total: told.append((done, total)),
    )

    assert told == [(0, 2), (1, 2), (1, 1)]
