"""A run as people look at it away from its panel: HTML, pages, alerts."""

import os
import re
import stat
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import nbtrack
from nbtrack.errors import UsageError
from nbtrack.runs import Run, session
from nbtrack.store import page_path

HOSTILE = "<img src=x onerror=alert(1)>\"'</details><script>alert(1)</script>"


@pytest.fixture
def run(tmp_path, monkeypatch) -> Run:
    for name in list(os.environ):
        if name.startswith(("WANDB_", "NBTRACK_")):
            monkeypatch.delenv(name)
    monkeypatch.setattr(session(), "voice", lambda _level, _text: None)
    run = nbtrack.init(project="digits", dir=tmp_path, settings={"x_disable_stats": True})
    for step in range(20):
        run.log({"loss": 1 / (step + 1)})
    yield run
    run.finish()


class Tags(HTMLParser):
    """What a browser would see."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    @property
    def names(self) -> set[str]:
        return {tag for tag, _ in self.seen}


def expect_harmless(text: str) -> None:
    found = Tags(text)
    assert not found.names & {"script", "iframe", "object", "embed", "form", "link", "base"}
    for tag, attributes in found.seen:
        assert not [name for name in attributes if name.startswith("on")]
        if tag == "img":
            assert str(attributes["src"]).startswith("data:image/svg+xml")


def expect_only_our_scripts(text: str) -> None:
    """Whatever runs is named by its hash, and what a run says is text."""
    found = Tags(text)
    assert not found.names & {"iframe", "object", "embed", "form", "link", "base", "img"}
    kinds = [attributes.get("type") for tag, attributes in found.seen if tag == "script"]
    assert kinds == ["application/vnd.nbtrack.parcel", "module"]
    assert re.search(r"default-src 'none'; script-src 'sha256-[^' ]{44}'; style", text)
    for _, attributes in found.seen:
        assert not [name for name in attributes if name.startswith("on")]


def file_of(url: str) -> Path:
    return Path(urlsplit(url).path)


def test_html_is_a_picture_that_can_be_scrolled_or_folded(run):
    shown, folded = run.to_html(height=300), run.to_html(hidden=True)

    assert shown.startswith('<div style="max-height:300px;overflow:auto">')
    assert {"img"} <= Tags(shown).names
    assert folded.startswith("<details>\n<summary>")
    assert "details" in Tags(folded).names
    assert ("details", {}) in Tags(folded).seen  # closed
    assert shown.isascii()


def test_a_run_of_the_api_gives_the_same_picture(run):
    found = nbtrack.Api(run.root).run(run.path)

    assert "loss" in found.to_html()
    assert found.to_html(hidden=True).startswith("<details>")
    assert set(found._repr_mimebundle_()) == set(run._repr_mimebundle_())


def test_html_of_hostile_names_is_harmless(tmp_path, run):
    run.finish()
    hostile = nbtrack.init(
        project="digits",
        name=HOSTILE,
        tags=[HOSTILE[:60]],
        dir=tmp_path,
        config={HOSTILE: HOSTILE},
        settings={"x_disable_stats": True},
    )
    hostile.log({HOSTILE: 1.0})
    hostile.alert(HOSTILE, HOSTILE)
    page = file_of(str(hostile.url))
    texts = [hostile.to_html(), hostile.to_html(hidden=True), page.read_text()]
    hostile.finish()

    for text in texts:
        expect_harmless(text)
    expect_only_our_scripts(page.read_text())


@pytest.mark.parametrize("height", [0, -1, 4.2, "420", True, None])
def test_a_height_that_is_none_is_refused(run, height):
    for show in (run.to_html, run.display, nbtrack.Api(run.root).run(run.path).display):
        with pytest.raises(UsageError, match="height is a whole number of pixels"):
            show(height=height)


def test_a_disabled_run_has_html_too(tmp_path, run):
    disabled = nbtrack.init(mode="disabled", reinit="create_new", dir=tmp_path)

    assert "disabled" in disabled.to_html()
    assert "disabled" in disabled._repr_mimebundle_()["text/html"]
    disabled.finish()


def test_without_a_notebook_there_is_nowhere_to_display(run):
    assert not nbtrack.Api(run.root).run(run.path).display()


def test_the_address_leads_to_a_page_that_says_what_to_type_and_then_has_the_picture(run):
    page = file_of(str(run.url))
    begun = page.read_text()
    run.finish()
    done = page.read_text()

    assert f"nbtrack show {run.id}" in begun
    assert run.name in begun
    assert "svg" not in Tags(begun).names
    assert "svg" in Tags(done).names
    assert "finished" in done
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    expect_harmless(begun)
    expect_only_our_scripts(done)
    assert re.search("default-src 'none'", begun)


def test_nothing_is_written_for_those_who_never_ask_for_the_address(run):
    run.finish()

    assert not page_path(run.root, run.uid).exists()


def test_the_page_of_a_run_that_ended_is_its_picture(run):
    run.finish()

    found = nbtrack.Api(run.root).run(run.path)
    page = file_of(found.url)

    assert "svg" in Tags(page.read_text()).names
    page.write_text("drawn once")
    assert file_of(found.url).read_text() == "drawn once"


def test_the_page_of_a_killed_run_is_drawn_when_somebody_asks(run):
    page = file_of(str(run.url))
    run.finish()
    page.write_text("begun")
    os.utime(page, (run.start_time, run.start_time))

    assert "svg" in Tags(file_of(nbtrack.Api(run.root).run(run.path).url).read_text()).names


def test_where_no_page_can_be_written_the_address_is_the_folder(run, monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise OSError("read-only file system")

    monkeypatch.setattr("tempfile.mkstemp", refuse)

    assert run.url == page_path(run.root, run.uid).parent.as_uri()


def test_alerts_are_listed_apart_from_what_the_tracker_says(run):
    run.alert("loss is NaN", "at epoch 3", level="ERROR")
    session().say("gpu", "GPU power is not recorded.", run=run)
    run.alert("slow", "first", wait_duration=0)
    run.alert("slow", "second")

    told = nbtrack.Api(run.root).run(run.path).alerts

    assert [(one["number"], one["level"], one["title"], one["text"]) for one in told] == [
        (0, "ERROR", "loss is NaN", "at epoch 3"),
        (1, "INFO", "slow", "second"),
    ]
    assert told[1]["count"] == 2
    assert run.start_time <= told[0]["time"] <= told[1]["time"]


def test_many_alerts_do_not_push_out_what_the_tracker_says(run):
    session().say("gpu", "GPU power is not recorded.", run=run)
    for number in range(300):
        run.alert(f"title {number}", "text")
    found = nbtrack.Api(run.root).run(run.path)

    assert [one["title"] for one in found.alerts] == [f"title {n}" for n in range(101, 300)]
