"""The installed Chromium as a printer; it needs no JupyterLab."""

import re
import struct
import zlib

import numpy as np
import pytest

import nbtrack
from nbtrack.errors import PrintError
from nbtrack.plots import ChartStyle, Curve, Words, paper_chart, printer, rendered

STYLE = ChartStyle(width_mm=50.8, height_mm=25.4, dpi=144, font_size_pt=6)
SVG = paper_chart([Curve("loss", np.arange(3.0), np.array([1.0, 3, 2]))], Words(), STYLE)


def chunks(png: bytes) -> dict[bytes, bytes]:
    found, at = {}, 8
    while at < len(png):
        size, name = struct.unpack(">I4s", png[at : at + 8])
        body = png[at + 8 : at + 8 + size]
        assert struct.unpack(">I", png[at + 8 + size : at + 12 + size])[0] == zlib.crc32(
            name + body
        )
        found[name] = body
        at += 12 + size
    return found


def test_a_png_has_the_pixels_that_its_size_and_dpi_say() -> None:
    parts = chunks(rendered(SVG, "png", STYLE))

    assert struct.unpack(">II", parts[b"IHDR"][:8]) == (288, 144)
    assert struct.unpack(">IIB", parts[b"pHYs"]) == (5669, 5669, 1)


def test_a_pdf_is_as_large_as_the_chart_and_has_one_page() -> None:
    pdf = rendered(SVG, "pdf", STYLE)

    assert pdf.startswith(b"%PDF")
    assert re.search(rb"/MediaBox \[0 0 144(\.\d+)? 72(\.\d+)?\]", pdf)
    assert pdf.count(b"/Type /Page\n") == 1


def test_a_page_that_is_printed_reaches_nothing(tmp_path) -> None:
    """Not the network, and none of the user's files."""
    secret = tmp_path / "secret.svg"
    secret.write_text(SVG)
    page = (
        "<!doctype html><body>"
        f'<img src="{secret.as_uri()}" onload="said(1)" onerror="said(0)">'
        '<img src="http://127.0.0.1:1/x.png" onload="said(1)" onerror="said(0)">'
        "<script>function said(n) { document.body.append(n) }</script>"
    )
    with printer() as press:
        press.show(page)

        told = press._ask("Runtime.evaluate", expression="document.body.innerText")

    assert re.sub(r"\s", "", told["result"]["value"]) == "00"


def test_a_browser_that_ends_by_itself_is_quoted(tmp_path, monkeypatch) -> None:
    broken = tmp_path / "chrome"
    broken.write_text("#!/bin/sh\necho 'cannot open display' >&2\n")
    broken.chmod(0o755)
    tmp_path.chmod(0o755)
    monkeypatch.setenv("NBTRACK_CHROMIUM", str(broken))

    with pytest.raises(PrintError, match="ended by itself"), printer() as press:
        press.show("<!doctype html>")


def test_a_report_is_printed_on_paper(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("NBTRACK_DIR", str(tmp_path))
    with nbtrack.init(project="digits", name="otter") as run:
        run.log({"loss": 0.5})

    written = nbtrack.report("otter", tmp_path / "otter.pdf", sections=["overview", "charts"])

    pdf = written.path.read_bytes()
    assert len(pdf) == written.size_bytes
    assert b"/Outlines" in pdf
    assert re.search(rb"/MediaBox \[0 0 59[45][\d.]* 84[12][\d.]*\]", pdf)
    nbtrack.teardown()
