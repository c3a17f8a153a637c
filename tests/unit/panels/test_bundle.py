import base64
import json
import re
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from nbtrack.panels import MIME_TYPE, frozen_bundle, live_bundle
from nbtrack.query import RunView
from nbtrack.records import Notice, RunState
from tests.unit.panels.making import HOSTILE, facts, line, opened, series, view

WIDGET = "application/vnd.jupyter.widget-view+json"


class Tags(HTMLParser):
    """Collects what a browser would make of a card."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.sources: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.sources += [value or "" for name, value in attrs if name == "src"]
        if tag != "img":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def parsed(html: str) -> Tags:
    tags = Tags()
    tags.feed(html)
    tags.close()
    assert tags.open == []
    return tags


def saved(seen: RunView) -> tuple[dict[str, Any], np.ndarray]:
    """Return the saved snapshot and its numbers."""
    bundle = json.loads(json.dumps(frozen_bundle(seen)[MIME_TYPE], allow_nan=False))
    head = bundle["snapshot"]
    numbers = np.frombuffer(base64.b64decode(bundle["buffer"]), f"<f{head['precision']}")
    assert bundle["version"] == 1
    return head, numbers


def wave(points: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=points).cumsum()


def test_a_live_bundle_is_the_picture_and_a_widget():
    seen = view(series=[series("loss", [1.0, 2.0])])

    bundle = live_bundle({"model_id": "m"}, seen)

    assert bundle.pop(WIDGET) == {"model_id": "m"}
    assert bundle == frozen_bundle(seen)
    assert list(bundle) == [MIME_TYPE, "text/html", "text/plain"]


def test_what_is_saved_is_four_byte_numbers():
    head, numbers = saved(view(series=[series("loss", [0.5, 0.25])]))

    assert head["precision"] == 4
    assert numbers.tolist() == [0.0, 1.0, 0.0, 1.0, 0.5, 0.25]


@pytest.mark.parametrize(
    "one",
    [
        series("steps beyond 2**24", [1.0, 2.0], steps=[2**24 + 1, 2**24 + 2]),
        series("too large", [1e300, 2.0]),
        series("too small", [1e-300, 2.0]),
        series("close together", [1e6 + 0.01, 1e6 + 0.02, 1e6 + 0.03]),
    ],
    ids=lambda one: one.key,
)
def test_eight_bytes_are_saved_where_four_would_draw_another_line(one):
    head, numbers = saved(view(series=[series("loss", [1.0, 2.0]), one]))

    assert head["precision"] == 8
    assert numbers[-len(one.values) :].tolist() == one.values.tolist()


def test_a_long_series_is_saved_with_its_exact_extremes():
    values = wave(5_000)
    values[1_234] = 1e4

    head, numbers = saved(view(series=[series("loss", values)]))

    (one,) = head["series"]
    assert one["points"] <= 400
    assert one["count"] == 5_000
    kept = numbers[-one["points"] :]
    assert kept.max() == np.float32(1e4)
    assert kept.min() == np.float32(values.min())


def test_a_bundle_of_a_usual_run_is_small():
    seen = view(
        series=[series(f"train/metric {n}", wave(2_000, n)) for n in range(20)],
        lines=[line(n, f"epoch {n} loss {n:.9f}") for n in range(1_000)],
        line_count=1_000,
    )

    assert len(json.dumps(frozen_bundle(seen))) < 300_000
    assert frozen_bundle(seen)["text/html"].count("<img") == 12


def test_a_bundle_of_an_enormous_run_is_bounded_and_says_what_it_lacks():
    seen = view(
        run=facts(
            config={f"key {n}": "x" * 5_000 for n in range(5_000)},
            summary={f"key {n}": n for n in range(50_000)},
            notices=tuple(Notice(0, "error", f"c{n}", "y" * 400) for n in range(500)),
            opened=opened(notes="z" * 1_000_000, tags=tuple("t" * 300 for _ in range(9))),
        ),
        series=[series(f"layer {n}", wave(2_000, n)) for n in range(1_000)],
        lines=[line(n, "w" * 10_000) for n in range(1_000)],
        line_count=5_000_000,
    )

    bundle = frozen_bundle(seen)

    assert len(json.dumps(bundle)) < 600_000
    head = bundle[MIME_TYPE]["snapshot"]
    assert head["run"]["config"]["…"].endswith(" more")
    assert "600 more are in the store" in head["run"]["notices"][-1]["text"]
    assert head["run"]["notes"].endswith("(999000 more characters)")
    assert "and 988 more metrics" in bundle["text/html"]
    assert "last 8 of 5000000 lines" in bundle["text/html"]
    assert bundle["text/plain"].endswith("… and 988 more metrics")


def test_the_card_says_what_a_run_is_and_how_it_went():
    seen = view(
        run=facts(
            state=RunState.CRASHED,
            reason="the kernel was killed",
            config={"lr": 0.001, "model": {"width": 64}},
            summary={"best": 0.976, "_step": 3},
            notices=(Notice(0, "warning", "gpu", "GPU power is not recorded."),),
        ),
        series=[series("train/loss", [2.5, 0.5, 0.75])],
        lines=[line(0, "epoch 1")],
        line_count=1,
    )

    text = " ".join(re.sub(r"<[^>]+>|&nbsp;", " ", frozen_bundle(seen)["text/html"]).split())

    for part in (
        "brave-otter digits ● crashed 12.2 s step 3",
        "▲ the kernel was killed ▲ GPU power is not recorded.",
        "train/loss 0.75",
        "min 0.5 max 2.5 n 3",
        "Summary best 0.976",
        "Config lr 0.001 model.width 64",
        "Log last 1 of 1 lines epoch 1",
        "2023-11-14 22:13 UTC · as of",
    ):
        assert part in text
    assert "_step" not in text


def test_each_chart_is_told_in_words_to_those_who_do_not_see_it():
    card = frozen_bundle(view(series=[series("loss", [2.5, 0.5])]))["text/html"]

    assert 'alt="loss: last 0.5, min 0.5, max 2.5"' in card


@pytest.mark.parametrize(
    "values",
    [[], [np.nan], [np.inf, -np.inf], [1.0], [5.0, 5.0], [np.nan, 1.0, np.nan], [1e308, -1e308]],
    ids=str,
)
def test_any_values_make_a_card(values):
    bundle = frozen_bundle(view(series=[series("a", values), series("b", values, "system")]))

    assert not [one for one in parsed(bundle["text/html"]).sources if "nan" in one]
    assert bundle["text/plain"].startswith("nbtrack run brave-otter [running]")


def test_hostile_text_stays_text_in_every_form():
    """Whatever a run is called, logs or prints may come from an unknown author."""
    plain = parsed(frozen_bundle(everywhere("harmless"))["text/html"])

    for text in HOSTILE:
        bundle = frozen_bundle(everywhere(text))
        tags = parsed(bundle["text/html"])
        assert tags.names == plain.names
        assert tags.attributes == plain.attributes == {"class", "style", "title", "alt", "src"}
        assert all(source.startswith("data:image/svg+xml,") for source in tags.sources)
        assert all(part.isprintable() for part in bundle["text/plain"].split("\n"))
        json.dumps(bundle, ensure_ascii=False, allow_nan=False).encode("utf-8")


def everywhere(text: str) -> RunView:
    """Return a run that says the same wherever it can say something."""
    return view(
        run=facts(
            opened=opened(
                id=text, name=text, project=text, notes=text, tags=(text,), group=text, user=text
            ),
            reason=text,
            config={text: text, "nested": {text: [text, {text: text}]}},
            summary={text: text},
            notices=(Notice(0, "warning", text, text),),
        ),
        series=[series(text, [1.0, 2.0]), series(text, [np.nan])],
        lines=[line(0, text)],
        line_count=1,
    )


def test_a_card_has_no_script_and_asks_nothing_of_the_network():
    tags = parsed(frozen_bundle(everywhere("x"))["text/html"])

    assert tags.names <= {"div", "span", "strong", "img", "pre"}


def test_the_text_shows_the_course_of_each_metric():
    text = frozen_bundle(view(series=[series("loss", [4.0, 2.0, 1.0]), series("x", [])]))

    assert text["text/plain"].split("\n") == [
        "nbtrack run brave-otter [running] · digits · 12.2 s · step 3",
        "  loss  █▃▁ 4 → 1 (n=3)",
        "  x     no points",
    ]
