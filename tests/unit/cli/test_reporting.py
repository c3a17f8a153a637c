"""`nbtrack report`."""

import json

from nbtrack.reports import parcels_in


def test_runs_become_one_file(filled, command, tmp_path):
    out = tmp_path / "digits.html"
    text = tmp_path / "why.md"
    text.write_text("# Why\n\nBecause.")

    said = command(
        *("report", "quiet-fox", "slow-crab", "-o", str(out), "--title", "Two of them"),
        *("--author", "Ada", "--sections", str(text), "overview", "comparison"),
    )

    assert (said.code, said.out.split(", ")[0]) == (0, f"{out}: 2 runs")
    page = out.read_text("utf-8")
    assert "<title>Two of them</title>" in page
    assert "<p>Because.</p>" in page
    assert [len(one.bundle["comparison"]["runs"]) for one in parcels_in(page)] == [2]


def test_programs_are_told_what_was_written(filled, command, tmp_path):
    out = tmp_path / "fox.html"

    said = command("report", "quiet-fox", "-o", str(out), "--json")

    told = json.loads(said.out)
    assert told["runs"] == ["20260102-030406-00000002"]
    assert told["bytes"] == out.stat().st_size


def test_nothing_is_overwritten_unasked(filled, command, tmp_path):
    out = tmp_path / "fox.html"
    out.write_text("mine")

    refused = command("report", "quiet-fox", "-o", str(out))
    forced = command("report", "quiet-fox", "-o", str(out), "--force")

    assert (refused.code, "--force" in refused.err) == (2, True)
    assert forced.code == 0


def test_a_section_or_a_text_that_is_not_there_is_named(filled, command, tmp_path):
    out = str(tmp_path / "fox.html")

    section = command("report", "quiet-fox", "-o", out, "--sections", "chart")
    text = command("report", "quiet-fox", "-o", out, "--sections", "no.md")

    assert (section.code, "Did you mean 'charts'?" in section.err) == (2, True)
    assert (text.code, "there is no file 'no.md' whose text" in text.err) == (2, True)


def test_a_form_that_reports_do_not_have_is_refused(filled, command, tmp_path):
    said = command("report", "quiet-fox", "-o", str(tmp_path / "fox.docx"))

    assert said.code == 2
    assert f"Type '{tmp_path / 'fox.html'}'" in said.err
    assert not (tmp_path / "fox.docx").exists()


def test_without_a_browser_a_pdf_is_refused_before_anything_is_read(
    filled, command, tmp_path, monkeypatch
):
    """What is to be typed stands on a line of its own."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("NBTRACK_CHROMIUM", raising=False)
    monkeypatch.setattr("nbtrack.plots.chromium.MAC_APPS", ())
    monkeypatch.setattr("nbtrack.reports.writing.report_page", None)

    said = command("report", "quiet-fox", "-o", str(tmp_path / "fox.pdf"))

    assert said.code == 1
    assert "\n    export NBTRACK_CHROMIUM=/path/to/chrome\n" in said.err
